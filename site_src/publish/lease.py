"""Reads, renews and ends the lease, the file TARGET/lease: the moment until which the web server may show a link without a
renewal.

    TARGET/lease   an empty file; its modification time is the moment at which the lease ends

The web server compares that time with its clock at each request and shows the tree `hidden` after it. A file that is missing,
unreadable or not a plain file counts as an ended lease. Hiding is one `utime`: it needs no lock, no room on the disk and no
library, so this module imports only the standard library. For a web server that cannot compare times, the file is executable
while the link may be shown. A command that hides removes that permission; the passing of time does not.

Three moments in the past are special. `HELD`: a command hides the link and has not written its event yet, so the lease is not
renewed before a command has published. `NOTED`: the event is being written, so a resident publisher whose log was saved after
that may renew it too. `ENDED`: hidden, and renewed as soon as a publisher vouches.
A command that hides holds a shared lock on the file until it is done; a renewal needs an exclusive lock, and never waits for it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

LEASE_FILE = "lease"
HELD, ENDED, NOTED = 0.0, 1.0, 2.0
FAR_FUTURE = 4102444800.0  # 2100-01-01, used while no link is shown: nothing has to be hidden then
HAND_OVER_SECONDS = 600.0
# A renewal holds the lock for microseconds, unless its process is stopped in between.
_LOCK_SECONDS, _BREATH = 0.1, 0.001
# Only the publisher may open the file; otherwise any local user could hold its lock. The web server needs only its status.
_HIDDEN_MODE, _SHOWN_MODE = 0o600, 0o700
Place = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Lease:
    """When the lease ends, and when the lease file was last changed, both in seconds since 1970."""

    until: float
    changed: float

    @property
    def is_held(self) -> bool:
        """Returns True while a command has hidden the link and has not published since."""
        return self.until in (HELD, NOTED)

    def lets_renew(self, saved: float) -> bool:
        """Returns True if a publisher that vouches may renew the lease. `saved` is when its log was saved (seconds since 1970)."""
        return not self.is_held or (self.until == NOTED and saved > self.changed)

    @property
    def is_far(self) -> bool:
        """Returns True if the lease is longer than any that a publisher gives while a link is shown."""
        return self.until > time.time() + 2 * HAND_OVER_SECONDS

    def is_valid(self, now: float) -> bool:
        """Returns True while the web server shows the link."""
        return self.until > now


def read_lease(target: Place) -> Lease | None:
    """Returns the lease as the web server sees it, or None if there is no plain file. Raises OSError."""
    try:
        status = os.lstat(_path(target))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Lease(status.st_mtime, status.st_ctime) if stat.S_ISREG(status.st_mode) else None


def expire_lease(target: Place, mark: float = HELD) -> bool:
    """Ends the lease now. Returns False if the file does not exist. Creates nothing and follows no link. Raises OSError."""
    try:
        os.utime(_path(target), (mark, mark), follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    with suppress(OSError), _opened(target) as file:
        os.fchmod(file, _HIDDEN_MODE)
    return True


def make_lease(target: Place) -> None:
    """Makes the lease file, with an ended lease, if it is missing. Raises OSError if the path is not a plain file."""
    if read_lease(target) is not None:
        return
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        os.close(os.open(_path(target), flags, _HIDDEN_MODE))
        expire_lease(target, ENDED)
    except FileExistsError:
        if read_lease(target) is None:
            raise OSError(errno.EEXIST, "is not a plain file, so delete it", _path(target)) from None


def renew_lease(target: Place, until: float, vouch: Callable[[], bool] = lambda: True) -> bool:
    """Makes the lease end at `until` (seconds since 1970) if `vouch()` is true. Returns False if it is not, or while a command
    hides.

    Calls `vouch` again after the renewal, because the answer may have changed while this process was stopped. Raises OSError.
    """
    with _opened(target) as file:
        if not _lock(file, fcntl.LOCK_EX, 0) or not vouch():
            return False
        _set(file, until)
        if not vouch():
            _set(file, ENDED)
            return False
    return True


class Hold:
    """Ends the lease, and prevents its renewal until `close`; without a lease file, does nothing.

    `hides` is True when there is a lease file. Without `release`, the lease stays held after `close`. Raises OSError.
    """

    def __init__(self, target: Place) -> None:
        self._target = target
        before = read_lease(target)
        self._was_held = before is not None and before.is_held
        self.hides = expire_lease(target)
        self._noted = False
        self._file: int | None = None
        if self.hides:
            with suppress(OSError):
                self._file = _open(target)
                _lock(self._file, fcntl.LOCK_SH, _LOCK_SECONDS)
            # A renewal that had begun may have finished after the first call.
            expire_lease(target)

    def note(self) -> None:
        """Marks that the event is about to be written. A publisher whose log is saved after this may renew the lease."""
        self._noted = self.hides and expire_lease(self._target, NOTED)

    def release(self) -> None:
        """Allows renewal, because the published state is true."""
        lease = read_lease(self._target)
        if lease and lease.is_held:
            expire_lease(self._target, ENDED)

    def withdraw(self) -> None:
        """Allows renewal, because this command hides nothing. A lease that was held before this command stays held."""
        if not self._was_held:
            self.release()

    def fail(self) -> None:
        """Keeps the link hidden until a command publishes, if no event was noted, even if another command published in between."""
        if not self._noted:
            expire_lease(self._target)

    def close(self) -> None:
        """Returns releases the lock, so that others may renew the lease unless it is held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


@contextmanager
def switching(target: Place, shows_link: bool) -> Iterator[None]:
    """Prevents renewals while the block switches to another release. Makes the lease far in the future end before a link
    appears.

    If the release shows no link, the lease is far in the future afterwards. Without a lease file, does nothing. Raises OSError
    only before a link would appear.
    """
    file: int | None = None
    try:
        with suppress(FileNotFoundError) if shows_link else suppress(OSError):
            file = _open(target)
            _lock(file, fcntl.LOCK_SH, _LOCK_SECONDS)
            lease = read_lease(target)
            if shows_link and lease and lease.is_far:
                _set(file, ENDED)
        yield
        if file is not None and not shows_link:
            with suppress(OSError):
                _set(file, FAR_FUTURE)
    finally:
        if file is not None:
            os.close(file)


def _path(target: Place) -> str:
    return os.path.join(target, LEASE_FILE)


def _open(target: Place) -> int:
    return os.open(_path(target), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)


@contextmanager
def _opened(target: Place) -> Iterator[int]:
    """Returns the descriptor of the lease file. Raises OSError if it is not a plain file."""
    file = _open(target)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "is not a plain file, so delete it", _path(target))
        yield file
    finally:
        os.close(file)


def _set(file: int, until: float) -> None:
    moment = round(until * 1_000_000_000)
    os.utime(file, ns=(moment, moment))
    os.fchmod(file, _SHOWN_MODE if until > time.time() else _HIDDEN_MODE)


def _lock(file: int, kind: int, seconds: float) -> bool:
    """Returns True if the lock was taken within this many seconds."""
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_BREATH)
        except (
            OSError
        ):  # The file system has no locks. Hiding never needs one, and a renewal calls `vouch` twice.
            return True
        else:
            return True
