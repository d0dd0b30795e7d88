"""The target that a command publishes to or reads (a folder, or a bucket, `s3://…`), who publishes, and the checks of `--probe` and
`--by`.

Imports nothing slow, because a link may still be shown.
"""

from __future__ import annotations

import argparse
import getpass
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from site_src.exit_codes import WrongUse
from site_src.local_file import ADDRESS, is_bucket
from site_src.read.project import Project

if TYPE_CHECKING:
    from site_src.read.local import Local


def take_bucket(options: argparse.Namespace, project: Project, name: str = "target") -> None:
    """If the option `name` is the address of a bucket, sets `options.bucket` to that bucket.

    Also replaces the option's value with the path of this host's copy of the bucket. For any other value, sets
    `options.bucket` to None. Raises WrongUse for a wrong address.
    """
    given = getattr(options, name, None)
    options.bucket = None
    if given and is_bucket(given):
        from site_src.commands.bucket_target import BucketTarget

        options.bucket = BucketTarget(given, project)
        setattr(options, name, str(options.bucket.make_folder()))
    elif given and "://" in given:
        raise WrongUse(f"{given}: must be a folder, or a bucket such as s3://site/working-holiday.")


def name_target(options: argparse.Namespace, target: str | Path) -> str:
    """Returns the target as messages name it: the address of the bucket, or the folder."""
    return str(getattr(options, "bucket", None) or target)


def find_folder(local: Local, project: Project) -> Path:
    """Returns the published folder of this host: the target, or for a bucket the folder with this host's copy of its releases."""
    if not is_bucket(local.target):
        return Path(local.target)
    from site_src.bucket.address import parse_address

    return parse_address(local.target).working_target(project.root)


def checked_target(options: argparse.Namespace, root: Path) -> Path:
    """Checks the options, and returns the absolute path of the folder to publish to. Raises WrongUse before anything is done."""
    from site_src.publish.releases import refuse_foreign

    given: str = options.target
    if options.probe:
        options.probe = options.probe.rstrip("/")
        if not ADDRESS.fullmatch(options.probe):
            raise WrongUse(
                f'--probe: "{options.probe}" is not an address such as https://host or http://127.0.0.1:8080.'
            )
    target = Path(os.path.abspath(given))
    real = target.parent.resolve() / target.name
    if any(real.is_relative_to(root / inputs) for inputs in ("content", "site_src", "tests")):
        raise WrongUse(f"{given} is inside the sources. Name another folder.")
    # The publish checks this again, and reports disk errors.
    with suppress(OSError):
        refuse_foreign(target)
    return target


def who(options: argparse.Namespace) -> str:
    """Returns who publishes, for the journal: from --by, else from local.yaml, else the user of this process. Raises WrongUse."""
    from site_src.read.text import is_plain_line

    if options.by:
        if not is_plain_line(options.by):
            raise WrongUse("--by must be one line of plain text.")
        return str(options.by)
    if named := getattr(options, "who", None):  # local.yaml names them
        return str(named)
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # The user has no name, as in many containers.
        name = ""
    return name if name and is_plain_line(name) else f"user {os.getuid()}"


def name_holder(options: argparse.Namespace) -> str:
    """Returns the name of this command in a bucket's pointer while it hides the links: user, process and host. Raises WrongUse."""
    import socket

    return f"{who(options)}, process {os.getpid()} of {socket.gethostname()}"
