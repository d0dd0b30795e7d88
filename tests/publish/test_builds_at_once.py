"""Several builds run at the same time, and readers during builds always see one whole build."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_src.publish.store import MARKER
from tests.support.commands import command
from tests.support.project import NOON, Project, tree

# Each build is for a different month, and Japan's page differs in each month.
MONTHS = [f"2026-{month:02}-15 12:00" for month in range(1, 9)]
EVENTS = [f"{'open' if month % 2 else 'quota_reached'} 2026-{month:02}-01 08:00" for month in range(1, 9)]
# One process that builds fifteen times, for two moments in turn.
FIFTEEN = """
import sys
from pathlib import Path
from site_src.cli import main
for number in range(15):
    assert main(["--at", sys.argv[1 + number % 2]], Path.cwd()) == 0
"""


@pytest.fixture
def busy(project: Project) -> Project:
    """The small site, built once, with a log that has a different state in each month."""
    project.set_log("japan", *EVENTS)
    assert command(project, "build", "--at", MONTHS[0]).returncode == 0
    return project


def start(project: Project, *arguments: str, python: str = sys.executable) -> subprocess.Popen[bytes]:
    """Starts a process in the project's folder, without waiting for it."""
    return subprocess.Popen(
        [python, *arguments],
        cwd=project.root,
        env=project.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def while_running(processes: list[subprocess.Popen[bytes]]) -> Iterator[None]:
    """Yields until all processes have ended, and once more after that. Fails if a process did not succeed."""
    running = True
    while running:
        running = any(process.poll() is None for process in processes)
        yield
    assert [process.returncode for process in processes] == [0] * len(processes)


def test_builds_at_once_never_mix(busy: Project) -> None:
    """The folder that `dist` points to always contains exactly one build, while builds run at once and after they end."""
    expected = {moment: dict(busy.built(moment).files) for moment in MONTHS[:5]}
    assert len({files["en/japan/index.html"] for files in expected.values()}) == len(expected)
    seen = []

    processes = [start(busy, "build.py", "--at", moment, python=busy.python) for moment in expected]
    for _ in while_running(processes):
        time.sleep(0.01)
        folder = (busy.root / "dist").resolve()
        try:
            files = tree(folder)
        except FileNotFoundError:
            files = {}
        # A folder to which dist no longer points may be deleted two builds later, while a reader uses it.
        if (busy.root / "dist").resolve() == folder:
            seen.append(files)

    assert busy.published() in expected.values()
    assert len(seen) > len(expected)
    assert [files for files in seen if files not in expected.values()] == []
    assert len([entry for entry in (busy.root / ".dist.builds").iterdir() if entry.is_dir()]) == 2


def test_first_builds_at_once_all_succeed(project: Project) -> None:
    """Four first builds that start together wait for each other, and all succeed."""
    processes = [start(project, "build.py", "--at", NOON, python=project.python) for _ in range(4)]
    for _ in while_running(processes):
        time.sleep(0.01)

    assert project.published() == dict(project.built(NOON).files)
    assert os.readlink(project.root / "dist") == ".dist.builds/1"


def test_a_reader_never_misses_a_file(busy: Project) -> None:
    """During fifteen builds, a reader can open each file below `dist` at any time, and gets the complete bytes of one build."""
    versions = [dict(busy.built(moment).files) for moment in MONTHS[:2]]
    paths = sorted(versions[0])
    assert command(busy, "build", "--at", MONTHS[1]).returncode == 0
    seen = set()

    for _ in while_running([start(busy, "-c", FIFTEEN, *MONTHS[:2])]):
        time.sleep(0.001)
        for path in paths:
            data = (busy.root / "dist" / path).read_bytes()
            assert data in (versions[0][path], versions[1][path]), path
            seen.add(data)

    assert seen == {files[path] for files in versions for path in paths}
    assert os.readlink(busy.root / "dist") == ".dist.builds/17"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc, to see that a process waits")
def test_a_build_that_waited_sees_what_is_true_then(busy: Project) -> None:
    """A build that waits for another build reads its inputs after the wait, so it does not publish an older state."""
    marker = busy.root / ".dist.builds" / MARKER
    with marker.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = start(busy, "build.py", "--at", NOON)
        descriptors = Path(f"/proc/{process.pid}/fd")
        while not any(_leads_to(link, marker) for link in descriptors.iterdir()):
            assert process.poll() is None, "the build did not wait"
        busy.set_log("japan", "open 2026-01-01 00:00", "suspended 2026-11-22 11:59")
    assert process.wait(timeout=60) == 0

    assert b'data-programme="japan" data-state="suspended"' in busy.published()["en/japan/index.html"]


def _leads_to(link: Path, file: Path) -> bool:
    try:
        return os.readlink(link) == str(file.resolve())
    except FileNotFoundError:
        return False


def test_readers_of_a_build_keep_it_through_the_next_one(busy: Project) -> None:
    """A reader that has begun to read a build still finds all its files until the second build after it."""
    folder = (busy.root / "dist").resolve()
    first = tree(folder)

    assert command(busy, "build", "--at", MONTHS[1]).returncode == 0
    assert tree(folder) == first

    assert command(busy, "build", "--at", MONTHS[2]).returncode == 0
    assert not folder.exists()
