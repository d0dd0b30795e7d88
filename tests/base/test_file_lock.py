"""A lock has one holder at a time, who is named to those that wait, and a wait ends."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from site_src.file_lock import LockHeld, Wait, lock_file, open_own
from tests.support.project import REPOSITORY

HOLD = "import sys, pathlib; from site_src.file_lock import *\nwith lock_file(pathlib.Path(sys.argv[1]), Wait(0)): print(flush=True); input()"


@contextmanager
def held_by_another(file: Path) -> Iterator[int]:
    """Holds the lock in a different process. Yields the id of that process."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY
    ) as process:
        assert process.stdout
        assert process.stdout.readline()
        yield process.pid
        process.kill()


def test_a_wait_ends_and_names_the_holder(tmp_path: Path) -> None:
    """LockHeld is raised at the deadline. It names the process and user that hold the lock, and since when.

    The holder is also reported once, when the wait begins.
    """
    file, lines = tmp_path / "lock", list[str]()
    with held_by_another(file) as process:
        begun = time.monotonic()
        who = rf"process {process} of \S+ since 20\d\d-.* UTC"
        with pytest.raises(LockHeld, match=who) as found, lock_file(file, Wait(0.1, lines.append)):
            pass
        assert time.monotonic() - begun >= 0.1
        assert len(lines) == 1
        assert lines[0] in str(found.value)
    with lock_file(file, Wait(0)):
        assert f"process {os.getpid()} of " in file.read_text()


@pytest.mark.parametrize("umask", [0, 0o022, 0o277])
def test_a_lock_is_its_owners_alone(tmp_path: Path, umask: int) -> None:
    """Only its owner can open a lock, whatever the umask, and even if an older version made it readable for others."""
    file = tmp_path / "lock"
    old = os.umask(umask)
    try:
        with lock_file(file, Wait(0), "The lock.\n"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o666)
        with lock_file(file, Wait(0), "The lock.\n"):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    finally:
        os.umask(old)
    assert file.read_text().startswith("The lock.\nHeld by process ")
    assert file.read_text().count("\n") == 2


@pytest.mark.parametrize("planted", ["link", "dangling", "pipe"])
def test_nothing_is_written_through_what_somebody_put_there(tmp_path: Path, planted: str) -> None:
    """A link or a pipe in place of the lock file is refused with a message, and the link's destination does not change."""
    file, other = tmp_path / "lock", tmp_path / "other"
    if planted == "link":
        other.write_text("mine")
    if planted == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to(other)

    with pytest.raises(OSError, match="Delete it"):
        open_own(file, os.O_RDWR | os.O_CREAT, 0o600)
    assert other.exists() == (planted == "link")
    assert planted != "link" or other.read_text() == "mine"
