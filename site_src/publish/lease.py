"""The lease of an open page: how long the web server may show a link without hearing from a publisher again.

    TARGET/lease   an empty file; its modification time is the moment at which the lease ends

The web server compares that time with its clock at each request and shows the tree `hidden` once it is past; a file that is
missing, unreadable or not a plain file counts as past. Hiding is one `utime`: it needs no lock, no room on the disk and no
library, so this module imports the standard library alone. For a web server that cannot compare times, the file is executable
while the link may be shown; that mark is taken away by a command that hides, but not by time.

Three moments in the past have a meaning of their own. `HELD`: a command hides the link and has not written its event yet, so
nobody renews the lease before a command has published. `NOTED`: the event is being written, so a resident publisher whose log was
saved after that may renew it as well. `ENDED`: hidden, and renewed as soon as a publisher vouches.
A command that hides holds a shared lock on the file until it is done; a renewal needs the lock alone, and never waits for it.
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
FAR_FUTURE = 4102444800.0  # 2100-01-01: no link is shown, so nothing has to be hidden
HAND_OVER_SECONDS = 600.0
# A renewal holds the lock for microseconds, unless its process was stopped in between.
_LOCK_SECONDS, _BREATH = 0.1, 0.001
# The publisher alone may open the file, or any local user could hold its lock. The web server needs only its status.
_HIDDEN_MODE, _SHOWN_MODE = 0o600, 0o700
Place = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Lease:
    """When the lease ends, and when that was last changed; both in seconds since 1970."""

    until: float
    changed: float

    @property
    def is_held(self) -> bool:
        """True while a command has hidden the link and has published nothing since."""
        return self.until in (HELD, NOTED)

    def lets_renew(self, saved: float) -> bool:
        """True when a publisher that vouches may renew it, by a log that was saved at that moment."""
        return not self.is_held or (self.until == NOTED and saved > self.changed)

    @property
    def is_far(self) -> bool:
        """True when the lease is longer than any that a publisher gives while a link is shown."""
        return self.until > time.time() + 2 * HAND_OVER_SECONDS

    def is_valid(self, now: float) -> bool:
        """True while the web server shows the link."""
        return self.until > now


def read_lease(target: Place) -> Lease | None:
    """The lease as the web server sees it; None where there is no plain file. Raises OSError."""
    try:
        status = os.lstat(_path(target))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Lease(status.st_mtime, status.st_ctime) if stat.S_ISREG(status.st_mode) else None


def expire_lease(target: Place, mark: float = HELD) -> bool:
    """Ends the lease now; False where there is no such file. Creates nothing and follows no link. Raises OSError."""
    try:
        os.utime(_path(target), (mark, mark), follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    with suppress(OSError), _opened(target) as file:
        os.fchmod(file, _HIDDEN_MODE)
    return True


def make_lease(target: Place) -> None:
    """The target has a lease file; a new one has ended. Raises OSError where the name belongs to something else."""
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
    """The lease ends at `until` (seconds since 1970) if `vouch` says so; False if not, or while somebody hides. Raises OSError.

    `vouch` is asked again after that: what it vouched for may have changed while this process was stopped.
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
    """The lease has ended, and nobody renews it before `close`; nothing happens where there is no lease file.

    `hides` says whether there is one. Without `release`, the lease stays held after `close`.
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
            # A renewal that was under way may have come after the first time.
            expire_lease(target)

    def note(self) -> None:
        """The event is about to be written: whoever publishes a log that is saved after this may renew the lease."""
        self._noted = self.hides and expire_lease(self._target, NOTED)

    def release(self) -> None:
        """What is published is true, so the lease may be renewed."""
        lease = read_lease(self._target)
        if lease and lease.is_held:
            expire_lease(self._target, ENDED)

    def withdraw(self) -> None:
        """This command hides nothing after all: whatever was before may go on."""
        if not self._was_held:
            self.release()

    def fail(self) -> None:
        """Without an event in the log the link stays hidden until a command publishes, also when another one did so meanwhile."""
        if not self._noted:
            expire_lease(self._target)

    def close(self) -> None:
        """Lets others renew the lease, unless it is held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


@contextmanager
def switching(target: Place, shows_link: bool) -> Iterator[None]:
    """For the switch to another release, while nobody renews: a lease far in the future ends before a link appears.

    When the release shows no link, the lease is far in the future afterwards. Without a lease file nothing happens. Raises
    OSError before a link would appear, and for nothing else.
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
    """The lease file; raises OSError where it is not a plain file."""
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
    """True when the lock was taken within so many seconds."""
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
        ):  # a file system without locks: hiding never depends on one, and a renewal is asked twice
            return True
        else:
            return True
