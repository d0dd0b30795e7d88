"""Reads, renews and ends the lease, the modification time of the empty file TARGET/lease: links are shown only until then.

After that moment, or if the file is missing, unreadable or not a plain file, the web server shows the tree `hidden`. Hiding is
one call of `utime`, which works without a lock and on a full disk. This module imports only the standard library. For a web
server that cannot compare times, the file is executable while links may be shown; a command that hides removes this permission.

Three moments in the past are special:
`HELD`   A command hides the link and has not written its event yet. Nobody renews the lease before a command has published.
`NOTED`  The event is being written. A resident publisher whose log was saved later may renew the lease too.
`ENDED`  The link is hidden until any publisher confirms that it may be shown.

A command that hides holds a shared lock on the file until it is done. A renewal needs an exclusive lock, and gives up if it
cannot get the lock at once.
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
# 2100-01-01. The end of the lease while the live release shows no link, so that nothing has to be hidden.
FAR_FUTURE = 4102444800.0
HAND_OVER_SECONDS = 600.0
# A renewal holds the lock for microseconds, unless its process is stopped in between.
_LOCK_SECONDS, _BREATH = 0.1, 0.001
# Only the publisher may open the file; otherwise any local user could lock it. The web server reads only its status.
_HIDDEN_MODE, _SHOWN_MODE = 0o600, 0o700
Place = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Lease:
    """The lease: when it ends, and when its file was last changed (`st_ctime`), both in seconds since 1970."""

    until: float
    changed: float

    @property
    def is_held(self) -> bool:
        """Returns True if a command has hidden the link and no command has published since."""
        return self.until in (HELD, NOTED)

    def lets_renew(self, saved: float) -> bool:
        """Returns True if a publisher whose log was saved at `saved` (seconds since 1970) may renew the lease.

        While a command holds the lease, only a log that was saved after `Hold.note` allows that.
        """
        return not self.is_held or (self.until == NOTED and saved > self.changed)

    @property
    def is_far(self) -> bool:
        """Returns True if the lease is longer than any lease for a shown link."""
        return self.until > time.time() + 2 * HAND_OVER_SECONDS

    def is_valid(self, now: float) -> bool:
        """Returns True if the lease has not ended at `now` (seconds since 1970): web servers show the link."""
        return self.until > now


def read_lease(target: Place) -> Lease | None:
    """Returns the lease as the web server sees it, or None if its file is missing or is not a plain file. Raises OSError."""
    try:
        status = os.lstat(_path(target))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Lease(status.st_mtime, status.st_ctime) if stat.S_ISREG(status.st_mode) else None


def expire_lease(target: Place, mark: float = HELD) -> bool:
    """Ends the lease at `mark`, a moment in the past that says why. Returns False if the file does not exist. Raises OSError."""
    try:
        os.utime(_path(target), (mark, mark), follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    with suppress(OSError), _opened(target) as file:
        os.fchmod(file, _HIDDEN_MODE)
    return True


def make_lease(target: Place) -> None:
    """Creates the lease file with an ended lease, unless it exists. Raises OSError, including if it is not a plain file."""
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
    """Makes the lease end at `until` (seconds since 1970) if `vouch` returns True. Raises OSError.

    Returns False if `vouch` returns False, or if a command is hiding the link. Calls `vouch` again after the renewal, because
    its result may have changed while this process was stopped.
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
    """Ends the lease, and prevents its renewal until `close`. Does nothing if there is no lease file. Raises OSError.

    `hides` is True if there is a lease file. Unless `release` is called, the lease stays held after `close`.
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
        """Marks that the event is about to be written. A publisher whose log is saved after this call may renew the lease."""
        self._noted = self.hides and expire_lease(self._target, NOTED)

    def release(self) -> None:
        """Allows renewal. Call this after the true state was published."""
        lease = read_lease(self._target)
        if lease and lease.is_held:
            expire_lease(self._target, ENDED)

    def withdraw(self) -> None:
        """Allows renewal after a command that hides no link, unless the lease was held before this command."""
        if not self._was_held:
            self.release()

    def fail(self) -> None:
        """Keeps the link hidden until a command publishes, also if another one has released the lease. Does nothing after `note`."""
        if not self._noted:
            expire_lease(self._target)

    def close(self) -> None:
        """Releases the lock. Publishers may then renew the lease, unless it is held."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


@contextmanager
def switching(target: Place, shows_link: bool) -> Iterator[None]:
    """Prevents renewals while the block switches to another release. Does nothing if there is no lease file.

    If the new release shows a link, first ends a lease that ends in the far future. If it shows none, sets the end of the lease
    to FAR_FUTURE after the block. Raises OSError only if the new release shows a link, and then before the block.
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
    """Yields the descriptor of the lease file, and closes it on exit. Raises OSError, including if it is not a plain file."""
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
    """Locks the file. Returns False if this takes longer than `seconds`, otherwise True, even if the file system has no locks."""
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_BREATH)
        except OSError:
            # The file system has no locks. Hiding does not need one, and a renewal calls `vouch` twice.
            return True
        else:
            return True
