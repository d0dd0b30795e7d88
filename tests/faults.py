"""Builds that are killed, or that fail, at one file operation after the other; a process of its own.

    python -m tests.faults PROJECT FAULT

Python tells of each file operation before it is done (sys.addaudithook). For each number n a child is forked that
builds the site and, at its n-th operation, is killed or gets an error; until a child comes through without reaching n.
After each child this process notes which site stands behind `dist`, and builds again. One line of JSON each.
"""

from __future__ import annotations

import errno
import io
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from site_src.cli import main
from site_src.output import MARKER
from tests.project import Project

# The same site at two moments: nobody may ever see anything but one of them.
MOMENTS = {"first": "2026-03-01 12:00", "second": "2026-11-22 12:00"}
OPERATIONS = frozenset(
    "open os.mkdir os.rename os.symlink os.link os.remove os.rmdir os.truncate os.chmod os.utime os.listdir os.scandir fcntl.flock "
    "shutil.rmtree shutil.move shutil.copyfile".split()
)
ERRORS = {"enospc": errno.ENOSPC, "eacces": errno.EACCES, "eio": errno.EIO}
UNTOUCHED = 99  # a child that came through without its fault
Action = Callable[[str, tuple[Any, ...]], None]


def killed(event: str, details: tuple[Any, ...]) -> None:  # noqa: ARG001
    """The power goes, or someone types kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


def failing(number: int) -> Action:
    """The operation is refused by the system, with this error."""

    def fail(event: str, details: tuple[Any, ...]) -> None:
        raise OSError(number, os.strerror(number), f"{event} {details}")

    return fail


class Fault:
    """Counts the operations on the output, and acts at one of them; with `lasting`, at each one after it too."""

    def __init__(self, root: Path, at: int, action: Action, lasting: bool) -> None:
        self._inputs = (str(root / "content"), str(root / "quota_state.yaml"))
        self._root, self._at, self._action, self._lasting = str(root), at, action, lasting
        self.count = 0

    def __call__(self, event: str, details: tuple[Any, ...]) -> None:
        """The audit hook."""
        if event in OPERATIONS and self._concerns_output(event, details):
            self.count += 1
            if self.count == self._at or (self._lasting and self.count > self._at):
                self._action(event, details)

    def _concerns_output(self, event: str, details: tuple[Any, ...]) -> bool:
        if event.startswith("fcntl"):
            return True
        places = [os.fspath(detail) for detail in details if isinstance(detail, str | os.PathLike)]
        # Inside a folder that is deleted, names are relative, or only a number is given.
        if event != "open" or any(not os.path.isabs(place) for place in places[:1]):
            return not any(str(place).startswith(self._inputs) for place in places)
        return any(str(place).startswith(self._root) and not str(place).startswith(self._inputs) for place in places)


def build(root: Path, moment: str) -> tuple[int, str]:
    """The exit code of `build` and what it said on standard error."""
    said = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(said):
        code = main(["build", "--at", moment], root)
    return code, said.getvalue()


def child(root: Path, moment: str, prepare: Callable[[], Fault | None], said: Path) -> int:
    """Builds in a forked process under a fault; the status of its end."""
    process = os.fork()
    if process:
        return os.waitpid(process, 0)[1]
    code = 70  # a bug: a traceback is written, and no exit code of ours comes back
    try:
        fault = prepare()
        code, words = build(root, moment)
        sys.addaudithook(lambda *_: None)
        if fault and fault.count < fault._at:
            code = UNTOUCHED
        said.write_text(words)
    finally:
        os._exit(code)
    raise AssertionError


