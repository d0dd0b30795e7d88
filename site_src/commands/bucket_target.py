"""A bucket (`s3://…`) as the target of a command: opens it, fetches its live release, reads what visitors see, and hides its links
before a change (`BucketHold`).
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from site_src.bucket.address import parse_address
from site_src.exit_codes import WrongUse
from site_src.file_lock import SHORT_WAIT, Wait
from site_src.problems import InputRefused
from site_src.publish.lease import HELD, Hold, Lease
from site_src.read.project import Project

if TYPE_CHECKING:
    from site_src.bucket.bucket_switch import BucketSwitch
    from site_src.bucket.opening import Bucket
    from site_src.bucket.pointer import Pointer
    from site_src.commands.visitors import Visitors

_FOLDER_MODE = 0o750
# A hold sends two requests to the store before the command's own work. Each may take this long.
_PATIENCE_SECONDS = 10.0


class BucketTarget:
    """The bucket at an address, and `folder` with this host's copy of its releases: in the project, unless `follow` names it."""

    def __init__(self, given: str, project: Project, folder: Path | None = None) -> None:
        self.address, self._project = parse_address(given), project
        self.folder = folder or self.address.working_target(project.root)

    def __str__(self) -> str:
        return str(self.address)

    def make_folder(self) -> Path:
        """Creates the parent of the folder if it does not exist, and returns the folder. Raises OSError."""
        self.folder.parent.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        return self.folder

    def open(self, patience: float = SHORT_WAIT, writes: bool = False) -> Bucket:
        """Opens the bucket with the settings in local.yaml. Raises InputRefused and WrongUse."""
        from site_src.bucket.opening import open_bucket

        settings, problems = self._project.read_store_settings()
        if problems:
            raise InputRefused(problems)
        return open_bucket(self.address, self._project.root, self.folder, settings, patience, writes)

    def open_switch(
        self, options: argparse.Namespace, holder: str, patience: float, is_resident: bool = False
    ) -> tuple[Bucket, BucketSwitch]:
        """Opens the bucket and the switch of the publisher `holder`. Raises InputRefused and WrongUse."""
        from site_src.bucket.bucket_switch import BucketPublishing, BucketSwitch

        bucket = self.open(patience, writes=True)
        if bucket.key is None:
            raise ValueError("opened without a key")
        only, lease = bool(getattr(options, "only_publisher", False)), getattr(options, "lease", None)
        publishing = BucketPublishing(holder, lease, is_resident, bucket.roots, only)
        return bucket, BucketSwitch(bucket.pointers, bucket.key, publishing)

    def look(self) -> Visitors:
        """Makes the bucket's live release live in the folder, and returns what visitors see. Raises OSError and WrongUse."""
        from site_src.commands.visitors import Visitors

        pointer = self.catch_up(SHORT_WAIT)
        return Visitors(pointer.states, _lease_of(pointer), time.time())

    def catch_up(self, seconds: float) -> Pointer:
        """Makes the bucket's live release live in the folder, and returns the pointer.

        Waits at most `seconds` for the lock of the folder. Raises OSError and WrongUse.
        """
        from site_src.bucket.catching_up import catch_up
        from site_src.publish.releases import target_lock

        pointers = self.open().pointers
        with target_lock(self.folder, Wait(seconds)):
            at, _ = catch_up(pointers, self.folder)
        if at is None:
            raise WrongUse(f"{self}: nothing has been published there yet.")
        return at.pointer


class BucketHold:
    """Hides the links of a bucket's site on all web servers, by ending the lease in the bucket's pointer and in this host's copy. See
    `publish.lease.Hold`.

    Raises OSError, InputRefused and WrongUse. After an error, the link is shown until the change is published.
    """

    def __init__(self, bucket: BucketTarget, who: str) -> None:
        from site_src.publish.releases import target_lock
        from site_src.publish.store import MARKER

        self._who = who
        if not (bucket.folder / MARKER).exists():
            with target_lock(bucket.folder, Wait(SHORT_WAIT)):
                pass
        self._local = Hold(bucket.folder)
        try:
            self._pointers = bucket.open(_PATIENCE_SECONDS, writes=True).pointers
            base = self._pointers.read()
            self._before = base.pointer if base else None
            there = self._pointers.hold(self._who, base)
        except BaseException:
            self._local.close()
            raise
        self.hides = bool(there and there.held)

    def note(self) -> None:
        """Records that the event is about to be written, so that a resident publisher of this project can see it."""
        self._local.note()

    def withdraw(self) -> None:
        """Restores the lease, because this command hides nothing."""
        self._local.withdraw()
        before = self._before
        if before and not before.held and not before.is_expired(datetime.now(UTC)):

            def give_back(there: Pointer) -> Pointer | None:
                return replace(there, held="", expires=before.expires) if there.held == self._who else None

            self._pointers.change(give_back)

    def fail(self) -> None:
        """Keeps the links hidden until a command publishes."""
        self._local.fail()

    def close(self) -> None:
        """Releases the lock of the folder."""
        self._local.close()


def _lease_of(pointer: Pointer) -> Lease | None:
    """Returns the pointer's lease as the lease of a folder, or None if the pointer shows a link and has no lease."""
    if pointer.held:
        return Lease(HELD, pointer.signed.timestamp())
    if pointer.shows_link and pointer.lease is None:
        return None
    return Lease(pointer.expires.timestamp(), pointer.signed.timestamp())
