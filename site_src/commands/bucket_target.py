"""A target that is a bucket: the folder in which a command works instead, and the switch that its publisher uses.

Imports nothing slow, because a link may still be shown.
"""

from __future__ import annotations

import argparse
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from site_src.bucket.address import is_bucket, parse_address
from site_src.exit_codes import WrongUse

if TYPE_CHECKING:
    from site_src.bucket.bucket_switch import BucketSwitch
    from site_src.bucket.opening import Bucket
    from site_src.publish.publisher import Publisher

_FOLDER_MODE = 0o750


def take_bucket(options: argparse.Namespace, root: Path, name: str = "target") -> None:
    """Sets `options.bucket` to the address that the option names, and the option to the working target; None for a folder.

    Raises WrongUse for a wrong address.
    """
    given = getattr(options, name, None)
    options.bucket = None
    if given and is_bucket(given):
        options.bucket = parse_address(given)
        target = options.bucket.working_target(root)
        target.parent.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        setattr(options, name, str(target))
    elif given and "://" in given:
        raise WrongUse(f"{given}: is neither a folder nor a bucket, such as s3://site/working-holiday.")


def name_target(options: argparse.Namespace, target: str | Path) -> str:
    """The target as people know it: the address of the bucket, or the folder."""
    return str(getattr(options, "bucket", None) or target)


def open_named(
    options: argparse.Namespace, root: Path, target: Path, patience: float, writes: bool = True
) -> Bucket:
    """The bucket that the options name, opened with the settings in local.yaml. Raises InputRefused and WrongUse."""
    from site_src.bucket.opening import open_bucket
    from site_src.problems import InputRefused
    from site_src.read.local import read_store_settings

    settings, problems = read_store_settings(root)
    if problems:
        raise InputRefused(problems)
    return open_bucket(options.bucket, root, target, settings, patience, writes)


def open_switch(
    options: argparse.Namespace, root: Path, target: Path, patience: float, is_resident: bool = False
) -> tuple[Bucket, BucketSwitch]:
    """The bucket and the switch of a publisher. Raises InputRefused and WrongUse."""
    from site_src.bucket.bucket_switch import BucketSwitch, Publishing

    bucket = open_named(options, root, target, patience)
    if bucket.key is None:
        raise ValueError("opened without a key")
    only = bool(getattr(options, "only_publisher", False))
    lease = getattr(options, "lease", None)
    publishing = Publishing(name_holder(options), lease, is_resident, bucket.roots, only)
    return bucket, BucketSwitch(bucket.pointers, bucket.key, publishing)


def name_holder(options: argparse.Namespace) -> str:
    """The user, process and host that a bucket's pointer names as hiding the links. Raises WrongUse."""
    from site_src.commands.who import who

    return f"{who(options)}, process {os.getpid()} of {socket.gethostname()}"


def use_bucket(
    publisher: Publisher, options: argparse.Namespace, root: Path, target: Path, patience: float
) -> None:
    """Makes the publisher publish to the bucket that the options name, if they name one. Raises InputRefused and WrongUse."""
    if getattr(options, "bucket", None):
        publisher.use(open_switch(options, root, target, patience)[1])
