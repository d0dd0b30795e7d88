"""Faults at the n-th file operation of a process: a kill, an error of the system, a lost byte, a full disk."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

OPERATIONS = frozenset(
    "open os.mkdir os.rename os.symlink os.link os.remove os.rmdir os.truncate os.chmod os.utime os.listdir "
    "os.scandir fcntl.flock shutil.rmtree shutil.move shutil.copyfile".split()
)
Action = Callable[[str], None]


class Fault:
    """An audit hook that counts the operations on the output, and acts at one of them. If `lasting`, it acts at all
    later ones too.

    `places` lists the lines of our code that made them, in order.
    """

    def __init__(self, root: Path, number: int, action: Action, lasting: bool = False) -> None:
        self._root = f"{root}/"
        self._inputs = tuple(f"{root}/{name}" for name in ("content", "quota_state.yaml"))
        self._number, self._action, self._lasting = number, action, lasting
        self.places: list[str] = []
        # Several threads write files to the disk.
        self._turn = threading.Lock()

    @property
    def reached(self) -> bool:
        """Returns whether there were that many operations."""
        return len(self.places) >= self._number

    def __call__(self, event: str, details: tuple[Any, ...]) -> None:
        """Counts the operation. Python calls it before each operation of any kind."""
        if event in OPERATIONS and self._concerns_output(event, details):
            with self._turn:
                self.places.append(_place())
                acts = len(self.places) == self._number or (self._lasting and self.reached)
            if acts:
                self._action(f"{event} {' '.join(map(str, details[:2]))}")

    def _concerns_output(self, event: str, details: tuple[Any, ...]) -> bool:
        if not isinstance(details[0], str | os.PathLike):
            return event != "open"
        path = os.fspath(details[0])
        # The names in a folder that is being deleted are relative.
        return not os.path.isabs(path) or (path.startswith(self._root) and not path.startswith(self._inputs))


class Changing(Fault):
    """A fault that counts only changes of the disk, because a kill between two changes always leaves the same disk."""

    def _concerns_output(self, event: str, details: tuple[Any, ...]) -> bool:
        reading = event in ("os.listdir", "os.scandir") or (
            event == "open" and (details[1] == "r" or (details[1] is None and not details[2] & os.O_CREAT))
        )
        return not reading and super()._concerns_output(event, details)


class Spoiled(Fault):
    """A fault that counts only the files that are read back before the switch.

    It removes the last byte of one of them.
    """

    def __init__(self, root: Path, number: int) -> None:
        super().__init__(root, number, self._spoil)

    def _concerns_output(self, event: str, details: tuple[Any, ...]) -> bool:
        return event == "open" and not details[2] & os.O_CREAT and _is_called_by("read_back")

    def _spoil(self, operation: str) -> None:
        path = operation.removeprefix("open ").removesuffix(" None")
        data = Path(path).read_bytes()
        # Writes a new file, because the present one may be a hard link to the file of an earlier release.
        os.remove(path)
        Path(path).write_bytes(data[:-1])


class Limited(Fault):
    """A fault in which a write beyond the limit fails half-way.

    If the system's signal is not ignored, the write kills the process.
    """

    def __init__(self, root: Path, size: int | None, deadly: bool) -> None:
        super().__init__(root, 0 if size is not None else 1, _kill)
        if size is not None:
            if deadly:
                signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def __call__(self, event: str, details: tuple[Any, ...]) -> None:
        """Counts nothing: the system acts by itself."""


def _is_called_by(function: str) -> bool:
    frame: FrameType | None = sys._getframe(2)
    while frame and frame.f_code.co_name != function:
        frame = frame.f_back
    return frame is not None


def _place() -> str:
    frame = sys._getframe(2)
    while frame.f_back and "/site_src/" not in frame.f_code.co_filename:
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"


def _kill(_: str) -> None:
    """Kills the process, as kill -9 or a loss of power does."""
    os.kill(os.getpid(), signal.SIGKILL)


def _fail(number: int, operation: str) -> None:
    """Raises the system's error with this number."""
    raise OSError(number, os.strerror(number), operation)


NUMBERED: Mapping[str, Callable[[Path, int], Fault]] = {
    "killed": lambda root, n: Changing(root, n, _kill),
    "no-room": lambda root, n: Changing(root, n, partial(_fail, errno.ENOSPC)),
    "no-permission": lambda root, n: Fault(root, n, partial(_fail, errno.EACCES)),
    "disk-gone": lambda root, n: Fault(root, n, partial(_fail, errno.EIO), lasting=True),
    "spoiled": Spoiled,
}
