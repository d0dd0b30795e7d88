"""If a `quota set` is killed or fails at any step of its writing, the file is the old one or the new one."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from itertools import count
from types import FrameType
from typing import Any

import pytest

from site_src.quota import event_lines, log_file
from site_src.quota.log_file import LOCK_FILE, NEW_FILE
from site_src.read.tree import STATE_FILE
from tests.support.commands import Done, command
from tests.support.project import Project
from tests.support.quota_desk import PAST, desk, state_text

SET = (
    "quota",
    "set",
    "japan",
    "open",
    "--from",
    "2021-01-01 00:00",
    "--by",
    "Ada",
    "--note",
    "x" * 200,
    "--yes",
)
ADDED = f'  - state: open\n    from: 2021-01-01 00:00\n    by: "Ada"\n    note: "{"x" * 200}"\n'
NEW = PAST.replace("    note: confirmed by telephone\n", f"    note: confirmed by telephone\n{ADDED}")
OPERATIONS = frozenset("open os.rename os.remove os.chmod os.chown fcntl.flock".split())
Fault = Callable[[], None]


def forked(project: Project, fault: Fault) -> Done | int:
    """Runs the command in a child process with the fault.

    Returns the exit code, or the signal that killed the process.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            fault()
            done = command(project, *SET)
            os.write(writer, json.dumps([done.returncode, done.stdout, done.stderr]).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        sent = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    assert sent, "the command ended in a traceback"
    return Done(*json.loads(sent))


def killed_at(number: int) -> Fault:
    """Returns a fault: SIGKILL before line `number` of the code that edits and writes the file."""
    lines = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        if frame.f_code.co_filename not in (log_file.__file__, event_lines.__file__):
            return None
        if event == "line":
            lines += 1
            if lines == number:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return lambda: sys.settrace(trace)


def failing_at(project: Project, number: int, error: int) -> tuple[Fault, Callable[[], bool]]:
    """Returns a fault that refuses operation `number` on the file, the lock or the files beside them.

    Also returns a function that reports whether that operation was reached.
    """
    reached = project.root / "reached"
    reached.unlink(missing_ok=True)
    operations = 0

    def hook(event: str, details: tuple[Any, ...]) -> None:
        nonlocal operations
        if event not in OPERATIONS or (event == "open" and not _concerns(project, details[0])):
            return
        operations += 1
        if operations == number:
            reached.touch()
            raise OSError(error, os.strerror(error))

    return lambda: sys.addaudithook(hook), reached.exists


def _concerns(project: Project, path: object) -> bool:
    names = {f"{project.root.resolve()}/{name}" for name in (STATE_FILE, LOCK_FILE, NEW_FILE)}
    return str(path) in names | {str(project.root.resolve())}


def limited(size: int, deadly: bool) -> Fault:
    """Returns a fault: a write beyond `size` bytes fails, as on a full disk.

    If `deadly`, it kills the command instead.
    """

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL if deadly else signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    return limit


@pytest.fixture
def warm(project: Project) -> Project:
    """The operator's project, after a command that has imported everything and made the lock."""
    assert command(desk(project), *SET).returncode == 0
    assert state_text(project) == NEW
    return desk(project)


@pytest.mark.slow
def test_killed_at_each_line(warm: Project) -> None:
    """If the command is killed before any line that writes, the file is the old one or the new one.

    The next command works.
    """
    inode = (warm.root / LOCK_FILE).stat().st_ino
    seen = []
    for number in count(1):
        desk(warm)
        done = forked(warm, killed_at(number))
        seen.append(state_text(warm))
        assert seen[-1] in (PAST, NEW)
        assert (warm.root / LOCK_FILE).stat().st_ino == inode
        if done != signal.SIGKILL:
            assert isinstance(done, Done)
            assert (done.returncode, seen.pop()) == (0, NEW)
            break
        if seen[-1] == PAST and number % 5 == 0:
            assert command(warm, *SET).returncode == 0
            assert state_text(warm) == NEW
            assert not (warm.root / NEW_FILE).exists()

    assert seen == sorted(seen, key=[PAST, NEW].index)
    assert seen.count(PAST) > 40
    assert seen.count(NEW) > 3


@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "EACCES"])
def test_refused_at_each_operation(warm: Project, error: str) -> None:
    """Whichever operation the system refuses, exit 0 means the new file and exit 1 the old one.

    No temporary files are left.
    """
    codes = []
    for number in count(1):
        desk(warm)
        fault, reached = failing_at(warm, number, getattr(errno, error))
        done = forked(warm, fault)
        assert isinstance(done, Done)
        assert state_text(warm) == (PAST if done.returncode else NEW)
        if not reached():
            break
        codes.append(done.returncode)
        if done.returncode:
            assert done.returncode == 1
            assert done.stderr.endswith("Nothing was written.\n")
            assert not (warm.root / NEW_FILE).exists()

    assert codes.count(1) >= 6
    assert codes[-1] == 0


@pytest.mark.parametrize("deadly", [False, True], ids=["full", "killed-half-way"])
@pytest.mark.parametrize("size", [0, 1, len(PAST), len(NEW) - 1])
def test_a_full_disk(warm: Project, size: int, deadly: bool) -> None:
    """If the disk is full before the new file is complete, the old file stays. The next command works."""
    done = forked(warm, limited(size, deadly))

    if deadly:
        assert done == signal.SIGXFSZ
        new = warm.root / NEW_FILE
        # If almost nothing can be written, the holder's name in the lock is the first write that fails.
        assert new.stat().st_size == size if new.exists() else size < 2
    else:
        assert isinstance(done, Done)
        assert done.returncode == 1
        assert done.stderr == (
            "Refused: quota_state.yaml could not be written: File too large.\nNothing was written.\n"
        )
        assert not (warm.root / NEW_FILE).exists()
    assert state_text(warm) == PAST
    assert command(warm, *SET).returncode == 0
    assert state_text(warm) == NEW


def test_a_disk_with_just_enough_room(warm: Project) -> None:
    """If the new file just fits on the disk, it is written."""
    done = forked(warm, limited(len(NEW), deadly=False))

    assert isinstance(done, Done)
    assert (done.returncode, state_text(warm)) == (0, NEW)
