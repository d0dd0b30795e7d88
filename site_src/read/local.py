"""The keys of `local.yaml`, the settings of this host: target, lease, probe, alarm, archive, bucket, desk.

The file is not in git.
"""

from __future__ import annotations

import os
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from site_src.local_file import (
    ADDRESS,
    BUCKET_ADDRESS,
    LEAST_LEASE,
    LOCAL_FILE,
    LONGEST_LEASE,
    PATH,
    find_target,
)
from site_src.problems import Problem
from site_src.read.reader import Reader
from site_src.read.records import Record
from site_src.read.text import is_plain_line
from site_src.read.tree import Tree
from site_src.read.values import Text, matching

# As a browser writes it in the header Origin: no path, no upper case, and no port if it is the scheme's default.
ORIGIN = re.compile(r"(https://[a-z0-9.-]+(?!:443$)|http://[a-z0-9.-]+(?!:80$))(:[1-9][0-9]{0,4})?", re.ASCII)
GROUP = re.compile(r"[a-z_][a-z0-9_-]{0,31}", re.ASCII)


_Address = Annotated[
    str, matching(ADDRESS, "is not an address such as https://host or http://127.0.0.1:8080.")
]
_Group = Annotated[str, matching(GROUP, "is not the name of a group, such as www-data.")]
_Origin = Annotated[
    str,
    matching(
        ORIGIN, 'is not an address such as https://desk.example, in lower case and without "/" at its end.'
    ),
]


def _path(path: str) -> str:
    if not PATH.fullmatch(path):
        raise ValueError(
            f'"{path}" is not a full path of letters, digits, ".", "_" and "-". Write it without quotes: /srv/www/site.'
        )
    if (plain := os.path.normpath(path)) != (path.rstrip("/") or "/"):
        raise ValueError(f'"{path}" has a part without effect, such as ".". Write it as {plain}.')
    return path


def _target(target: str) -> str:
    if target.startswith("s3://"):
        if not BUCKET_ADDRESS.fullmatch(target):
            raise ValueError(f'"{target}" is not of the form s3://BUCKET/PREFIX. Write it without quotes.')
        return target
    return _path(target)


def _refuse_access_keys(settings: Any) -> Any:
    words = ("access", "secret", "token", "password", "credential")
    if isinstance(settings, dict) and any(word in str(key).lower() for key in settings for word in words):
        raise ValueError(
            "must not contain an access key. Delete it, and give this host a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in its environment."
        )
    return settings


def _seconds(seconds: int) -> int:
    if not LEAST_LEASE <= seconds <= LONGEST_LEASE:
        raise ValueError(f"must be from {LEAST_LEASE} to {LONGEST_LEASE} seconds, such as 30.")
    return seconds


def _line(text: str) -> str:
    if not is_plain_line(text):
        raise ValueError("must be one line of plain text.")
    return text


class StoreSettings(Record):
    """How to reach the store of a bucket.

    Access keys are never here: they come from the environment or the role of the host.
    """

    endpoint: _Address | None = Field(
        None,
        title="address",
        description="The address of the store. The default is the address of AWS for the region.",
    )
    region: Annotated[Text, AfterValidator(_line)] | None = Field(
        None, description="The region of the bucket."
    )
    path_style: bool = Field(
        True, description="`true` puts the bucket into the path of addresses, `false` into the host."
    )
    ca: Annotated[str, AfterValidator(_path)] | None = Field(
        None,
        title="full path",
        description="A certificate to trust in addition to the system's, in PEM format.",
    )
    signing_key: Annotated[str, AfterValidator(_path)] | None = Field(
        None, title="full path", description="The online key of a publisher, in PEM format."
    )


class _StoreAlone(Record):
    """The part of the file that a closing needs, even if the rest has mistakes."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    store: Annotated[StoreSettings, BeforeValidator(_refuse_access_keys)] | None = None


Login = Annotated[Text, AfterValidator(_line)]


class DeskSettings(Record):
    """The operators' page of this host, and what each person may do on it.

    A login is the name that the reverse proxy reports.
    """

    address: _Origin = Field(title="address", description="The address of the page, as operators type it.")
    may_close: tuple[Login, ...] = Field(
        title="list of logins", description="Who may make changes after which the link is hidden."
    )
    may_open: tuple[Login, ...] = Field(
        title="list of logins", description="Who may make changes after which the link is shown."
    )
    group: _Group | None = Field(
        None,
        title="name of a group",
        description="The group that may connect to the socket: the group of the reverse proxy. Without a group, only the desk's own user may connect.",
    )


class Local(Record):
    """How this host publishes."""

    target: Annotated[str, AfterValidator(_target)] = Field(
        title="full path, or bucket",
        description="The folder that this host publishes to, or the bucket, `s3://BUCKET/PREFIX`.",
    )
    store: Annotated[StoreSettings, BeforeValidator(_refuse_access_keys)] | None = Field(
        None, description="How to reach the store of a bucket."
    )
    probe: _Address | None = Field(
        None, title="address", description="The public address, which is read back after each publish."
    )
    web_servers: tuple[_Address, ...] = Field(
        (),
        title="list of addresses",
        description="The web servers behind the public address. A command that publishes also reads each back, and `quota due` checks each: a server that does not show the release is reported.",
    )
    lease: Annotated[int, AfterValidator(_seconds)] | None = Field(
        None,
        title="seconds, 3 to 600",
        description="How long a link is shown after the publisher last renewed the lease.",
    )
    alarm: Annotated[str, AfterValidator(_path)] | None = Field(
        None,
        title="full path",
        description="The program that is called with one message when something is wrong.",
    )
    after_switch: Annotated[str, AfterValidator(_path)] | None = Field(
        None,
        title="full path",
        description="The program that is called with the release's name after each switch, for instance to purge a cache.",
    )
    who: Annotated[Text, AfterValidator(_line)] | None = Field(
        None, description="Who publishes, for the journal, if the command does not name anybody."
    )
    git: Literal["none", "commit", "push"] = Field(
        "none",
        description="What happens to `quota_state.yaml` after each change, once it is published: `commit`, or `push`, which also commits.",
    )
    desk: DeskSettings | None = Field(None, description="The operators' page, `python build.py desk`.")
    archive: Annotated[str, AfterValidator(_path)] | None = Field(
        None,
        title="full path",
        description="The folder for WARC files: `publish --watch` archives each release once the address in `probe` shows it.",
    )


def read_store_settings(tree: Tree) -> tuple[StoreSettings, tuple[Problem, ...]]:
    """Returns the settings for reaching the bucket, and the problems of that part of the file. Returns the defaults if there
    is no file.
    """
    if not tree.paths and not tree.folders:
        return StoreSettings(), ()
    reader = Reader(tree)
    found = reader.read_record(LOCAL_FILE, _StoreAlone)
    return (found.store if found else None) or StoreSettings(), reader.report.problems


def read_local(tree: Tree) -> tuple[Local | None, tuple[Problem, ...]]:
    """Returns the file as a record, and its problems. Returns None and no problems if there is no file."""
    if not tree.paths and not tree.folders:
        return None, ()
    reader = Reader(tree)
    local = reader.read_record(LOCAL_FILE, Local)
    if local and find_target(tree.files[LOCAL_FILE].decode("utf-8", "replace")) != local.target:
        message = (
            f'target: must be on exactly one line, in this form and without quotes: "target: {local.target}".'
        )
        reader.report.add(reader.documents[LOCAL_FILE].problem(("target",), "value", message))
    if local and local.archive and not local.probe:
        message = 'archive: needs the public address too. Add a line such as "probe: https://working-holiday.example".'
        reader.report.add(reader.documents[LOCAL_FILE].problem(("archive",), "missing-key", message))
    if local and local.web_servers and not local.probe:
        message = 'web_servers: needs the public address too. Add a line such as "probe: https://working-holiday.example".'
        reader.report.add(reader.documents[LOCAL_FILE].problem(("web_servers",), "missing-key", message))
    return local, reader.report.problems
