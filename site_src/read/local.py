"""`local.yaml`: the settings of this host, which are not in git."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict

from site_src.local_file import BUCKET_ADDRESS, LEAST_LEASE, LOCAL_FILE, LONGEST_LEASE, PATH, find_target
from site_src.problems import Problem
from site_src.read.reader import Reader
from site_src.read.records import Record
from site_src.read.text import is_plain_line
from site_src.read.tree import load_tree
from site_src.read.values import Text

# Any port, because the address may be that of a web server on this machine or behind the public one.
ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*", re.ASCII)


def _path(path: str) -> str:
    if not PATH.fullmatch(path):
        raise ValueError(
            f'"{path}" is not a full path of letters, digits, ".", "_" and "-". Write it without quotes: /srv/www/site.'
        )
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
            "must not have an access key. Delete it, and give this host a role, or the environment AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    return settings


def _address(address: str) -> str:
    if not ADDRESS.fullmatch(address):
        raise ValueError(f'"{address}" is not an address such as https://host or http://127.0.0.1:8080.')
    return address


def _seconds(seconds: int) -> int:
    if not LEAST_LEASE <= seconds <= LONGEST_LEASE:
        raise ValueError(f"must be from {LEAST_LEASE} to {LONGEST_LEASE} seconds, such as 30.")
    return seconds


def _line(text: str) -> str:
    if not is_plain_line(text):
        raise ValueError("must be one line of plain text.")
    return text


class StoreSettings(Record):
    """How to reach the store of a bucket: its `endpoint` (AWS without one), `region`, whether the bucket is in the path of its
    addresses (`path_style`) instead of the host, and a file with the certificate of its own authority (`ca`). `signing_key` is
    the file with the online key of a publisher.
    """

    endpoint: Annotated[str, AfterValidator(_address)] | None = None
    region: Annotated[Text, AfterValidator(_line)] | None = None
    path_style: bool = True
    ca: Annotated[str, AfterValidator(_path)] | None = None
    signing_key: Annotated[str, AfterValidator(_path)] | None = None


class _StoreAlone(Record):
    """The part of the file that a closing needs, whatever is wrong with the rest."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    store: Annotated[StoreSettings, BeforeValidator(_refuse_access_keys)] | None = None


class Local(Record):
    """Where this host publishes to (`target`, a folder or a bucket), how to reach the bucket (`store`), the public address that is read back (`probe`), the seconds of the lease,
    the program that is called with a sentence when something is wrong (`alarm`), and who publishes (`who`).
    """

    target: Annotated[str, AfterValidator(_target)]
    store: Annotated[StoreSettings, BeforeValidator(_refuse_access_keys)] | None = None
    probe: Annotated[str, AfterValidator(_address)] | None = None
    lease: Annotated[int, AfterValidator(_seconds)] | None = None
    alarm: Annotated[str, AfterValidator(_path)] | None = None
    who: Annotated[Text, AfterValidator(_line)] | None = None


def read_store_settings(root: Path) -> tuple[StoreSettings, tuple[Problem, ...]]:
    """How to reach the bucket, and the problems of that part of the file; the defaults if there is no file."""
    tree = load_tree(root, (LOCAL_FILE,))
    if not tree.paths and not tree.folders:
        return StoreSettings(), ()
    reader = Reader(tree)
    found = reader.read_record(LOCAL_FILE, _StoreAlone)
    return (found.store if found else None) or StoreSettings(), reader.report.problems


def read_local(root: Path) -> tuple[Local | None, tuple[Problem, ...]]:
    """The file as a record and no problems; None and its problems; or None and no problems if there is no file."""
    tree = load_tree(root, (LOCAL_FILE,))
    if not tree.paths and not tree.folders:
        return None, ()
    reader = Reader(tree)
    local = reader.read_record(LOCAL_FILE, Local)
    if local and find_target(root) != local.target:
        message = f'target: must be a line of this very form, found once and without quotes: "target: {local.target}".'
        reader.report.add(reader.documents[LOCAL_FILE].problem(("target",), "value", message))
    return local, reader.report.problems
