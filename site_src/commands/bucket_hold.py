"""Hides the links of a bucket's site on all web servers, before a command does anything else."""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from site_src.bucket.pointer import Pointer
from site_src.commands.bucket_target import name_holder, open_named
from site_src.file_lock import SHORT_WAIT, Wait
from site_src.publish.lease import Hold
from site_src.publish.releases import target_lock
from site_src.publish.store import MARKER

# A hold asks twice of the store; the work that follows waits for it no longer than that.
_PATIENCE_SECONDS = 10.0


class BucketHold:
    """Ends the lease in the bucket's pointer, and that of the working target; see `publish.lease.Hold`.

    Raises OSError, InputRefused and WrongUse; then the link is shown until the change is published.
    """

    def __init__(self, options: argparse.Namespace, root: Path, target: Path) -> None:
        self._who = name_holder(options)
        if not (target / MARKER).exists():
            with target_lock(target, Wait(SHORT_WAIT)):
                pass
        self._local = Hold(target)
        try:
            self._pointers = open_named(options, root, target, _PATIENCE_SECONDS).pointers
            base = self._pointers.read()
            self._before = base.pointer if base else None
            there = self._pointers.hold(self._who, base)
        except BaseException:
            self._local.close()
            raise
        self.hides = bool(there and there.held)

    def note(self) -> None:
        """Marks that the event is about to be written, for a resident publisher of this project."""
        self._local.note()

    def withdraw(self) -> None:
        """Gives the lease back as it was, because this command hides nothing."""
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
        """Releases the lock of the working target."""
        self._local.close()
