"""Locks a file for one process at a time, names the holder, and opens files without following links."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

LOCK_MODE = 0o600
# Seconds to wait for a lock: SHORT_WAIT for commands that hide a link and the resident publisher, LONG_WAIT for others.
SHORT_WAIT, LONG_WAIT = 10.0, 120.0
_POLL_SECONDS = 0.01
_HOLDER = "Held by "


@dataclass(frozen=True, slots=True)
class Wait:
    """The number of seconds to wait for a lock. `tell` is called once, with the holder ("process 12 of www since …")."""

    seconds: float = LONG_WAIT
    tell: Callable[[str], None] | None = None


class LockHeld(OSError):
    """Raised if another process, the `holder`, still holds a lock at the deadline. `filename` is the lock file."""

    def __init__(self, holder: str, file: Path) -> None:
        super().__init__(
            errno.EWOULDBLOCK, f"is held by {holder}. Wait until that process ends, or end it", str(file)
        )
        self.holder = holder


@contextmanager
def lock_file(file: Path, wait: Wait, header: str = "") -> Iterator[None]:
    """Locks the file, so that one process at a time runs the block. Creates it (mode 600) if needed and never removes it.

    While another process holds the lock, waits as `wait` specifies, then raises LockHeld. The file contains `header`
    and the holder. Only the file's owner can open it, so no other user can hold the lock.
    """
    from fcntl import LOCK_EX, LOCK_NB, flock  # not on Windows, where only commands without a lock work

    descriptor = _open_lock(file)
    try:
        _acquire(lambda: flock(descriptor, LOCK_EX | LOCK_NB), descriptor, file, wait)
        _name_holder(descriptor, header)
        yield
    finally:
        os.close(descriptor)


def open_own(file: Path, flags: int, mode: int) -> int:
    """Opens a regular file, never through a link. Creates a missing file with exactly `mode`, regardless of the umask.

    Returns the descriptor. Raises OSError. Its `strerror` is a message for the user if the path is a link, or not a
    regular file.
    """
    try:
        descriptor = os.open(file, flags | os.O_NOFOLLOW | os.O_NONBLOCK, mode)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(
                errno.ELOOP, "is a symbolic link, and is not followed. Delete it", str(file)
            ) from None
        raise
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "is not a file. Delete it", str(file))
    if flags & os.O_CREAT and stat.S_IMODE(status.st_mode) != mode:
        # Do not change the mode of another user's file.
        with suppress(PermissionError):
            os.fchmod(descriptor, mode)
    return descriptor


def _open_lock(file: Path) -> int:
    try:
        return open_own(file, os.O_RDWR | os.O_CREAT, LOCK_MODE)
    except PermissionError:
        if not os.path.lexists(file):
            raise
        # A user who may only read another user's lock file can also hold the lock.
        return open_own(file, os.O_RDONLY, LOCK_MODE)


def _acquire(try_lock: Callable[[], None], descriptor: int, file: Path, wait: Wait) -> None:
    end, tell = time.monotonic() + wait.seconds, wait.tell
    while True:
        try:
            try_lock()
        except BlockingIOError:
            holder = _read_holder(descriptor)
            if time.monotonic() >= end:
                raise LockHeld(holder, file) from None
            if tell:
                tell(holder)
                tell = None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _name_holder(descriptor: int, header: str) -> None:
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    text = f"{header}{_HOLDER}process {os.getpid()} of {_user()} since {since}.\n"
    # The lock works without this text, which cannot be written on a full disk or by a user who may only read the file.
    with suppress(OSError):
        os.pwrite(descriptor, text.encode(), 0)
        os.ftruncate(descriptor, len(text.encode()))


def _read_holder(descriptor: int) -> str:
    text = os.pread(descriptor, 4096, 0).decode("utf-8", "replace")
    _, named, holder = text.rpartition(_HOLDER)
    return holder.strip().removesuffix(".") if named else "another process"


def _user() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a user without a name, as in many containers
        return f"user {os.getuid()}"
