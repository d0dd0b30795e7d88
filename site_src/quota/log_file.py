"""Reads, locks and replaces the file `quota_state.yaml`. `event_lines` adds and removes the lines of an event."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from site_src.file_lock import Wait, lock_file, open_own
from site_src.read.tree import STATE_FILE

LOCK_FILE = f".{STATE_FILE}.lock"
NEW_FILE = f".{STATE_FILE}.new"


class LogChanged(Exception):
    """Raised if the file has been changed since a change to it was planned."""


Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LogFile:
    """`quota_state.yaml` in the folder `root`. Only this class writes the file."""

    root: Path

    @contextmanager
    def lock(self, wait: Wait) -> Iterator[None]:
        """Locks the file for one command; other commands wait. See `lock_file`.

        Raises OSError: LockHeld at the deadline, PermissionError for a lock file of another user.
        """
        with lock_file(self.root / LOCK_FILE, wait):
            yield

    def read(self) -> bytes:
        """Returns the file's bytes, or b"" if the file cannot be read. The functions that parse the bytes report this."""
        with suppress(OSError):
            return (self.root / STATE_FILE).read_bytes()
        return b""

    def version(self) -> Version:
        """Returns a value that changes whenever the file is written or replaced; () if there is no file."""
        try:
            status = os.stat(self.root / STATE_FILE)
        except OSError:
            return ()
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns

    def replace(self, text: str, before: Version, aside: str = NEW_FILE) -> None:
        """Replaces the file in one step: readers get the complete old text or the complete new text.

        The new file has the old mode and, if permitted, the old owner. Raises LogChanged if the version is no longer
        `before`, because a command that hides a link can write without the lock. Raises OSError. After an error, the old
        text is unchanged.
        """
        file, new_file = self.root / STATE_FILE, self.root / aside
        status = os.stat(file)
        # A read-only file is not replaced, even if the permissions of the folder allow it.
        if not os.access(file, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
        try:
            _write_like(status, new_file, text.encode())
            self._check_version(before)
            os.replace(new_file, file)
        except BaseException:
            new_file.unlink(missing_ok=True)
            raise
        # The file is already replaced, and not every file system can sync a folder.
        with suppress(OSError):
            folder = os.open(self.root, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _check_version(self, before: Version) -> None:
        if self.version() != before:
            raise LogChanged


def _write_like(status: os.stat_result, file: Path, data: bytes) -> None:
    """Writes a new file with the mode and, if permitted, the owner in `status`. It is fsynced on return."""
    file.unlink(missing_ok=True)
    with open(open_own(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
        os.fchmod(new.fileno(), stat.S_IMODE(status.st_mode))
        for user, group in ((-1, status.st_gid), (status.st_uid, -1)):
            with suppress(PermissionError):
                os.fchown(new.fileno(), user, group)
        new.write(data)
        new.flush()
        os.fsync(new.fileno())
