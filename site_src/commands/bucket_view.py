"""What the web servers that follow a bucket show now, by its pointer."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from site_src.bucket.catching_up import catch_up
from site_src.bucket.pointer import Pointer
from site_src.commands.bucket_target import open_named
from site_src.commands.visitors import Visitors
from site_src.exit_codes import WrongUse
from site_src.file_lock import SHORT_WAIT, Wait
from site_src.publish.lease import HELD, Lease
from site_src.publish.releases import target_lock


def look_at_bucket(options: argparse.Namespace, root: Path, target: Path) -> Visitors:
    """What visitors see; the bucket's live release is live in the working target then. Raises OSError and WrongUse."""
    pointers = open_named(options, root, target, SHORT_WAIT, writes=False).pointers
    with target_lock(target, Wait(SHORT_WAIT)):
        at, _ = catch_up(pointers, target)
    if at is None:
        raise WrongUse(f"{options.bucket}: nothing was published there yet.")
    return Visitors(at.pointer.states, _lease_of(at.pointer), time.time())


def _lease_of(pointer: Pointer) -> Lease | None:
    """The lease in the pointer, as that of a folder; None while nothing ends it."""
    if pointer.held:
        return Lease(HELD, pointer.signed.timestamp())
    if pointer.shows_link and pointer.lease is None:
        return None
    return Lease(pointer.expires.timestamp(), pointer.signed.timestamp())
