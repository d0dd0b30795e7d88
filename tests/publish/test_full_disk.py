"""On a full disk, a build leaves the old site in place. Once there is room, the next build succeeds.

The tests use a real file system.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_src.publish.reserve import RESERVE
from tests.support.commands import command
from tests.support.project import NOON, Project, make_project, tree
from tests.support.published import Target

BEFORE = "2026-03-01 12:00"  # Japan has not opened yet
pytestmark = pytest.mark.tmpfs


@pytest.fixture(params=["size=640k", "size=4m,nr_inodes=160"], ids=["bytes", "files"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A small file system, either with little room or for few files."""
    yield from mount(request.param, tmp_path)


def mount(options: str, tmp_path: Path) -> Iterator[Path]:
    """Mounts a file system in memory, and unmounts it at the end of the test."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "quotabord-test", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if sys.platform == "linux"
        else None
    )
    if mounted is None or mounted.returncode:
        pytest.skip(
            "cannot mount a small file system here: run the tests as root on Linux to see a disk that is full"
        )
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> int:
    """Fills the disk completely, with as many files as it can contain. Returns their number."""
    (disk / "filler").mkdir()
    number = 0
    try:
        while True:
            with (disk / "filler" / str(number)).open("wb", buffering=0) as file:
                number += 1
                file.write(b"x" * 4096)
    except OSError:
        return number


def test_a_full_disk_leaves_the_old_site(project: Project, disk: Path) -> None:
    """However little room is left, a build exits with 1 and leaves the old site, or exits with 0 and shows the new one.

    The old site stays byte for byte.
    """
    sites = {moment: dict(project.built(moment).files) for moment in (BEFORE, NOON)}

    def build(moment: str) -> tuple[int, str]:
        done = command(project, "build", "--out", str(disk / "dist"), "--at", moment)
        return done.returncode, done.stderr

    # Only one build: from the second one on, the oldest is deleted for the newest.
    assert build(BEFORE)[0] == 0
    number = fill(disk)
    codes = []
    for freed in range(number):
        code, said = build(NOON)
        codes.append(code)
        assert tree(disk / "dist") == sites[BEFORE if code else NOON]
        if code == 0:
            break
        assert "could not be written: No space left on device. What was there before is still there." in said
        (disk / "filler" / str(freed)).unlink()

    assert set(codes) == {0, 1}
    assert len(codes) > 3
    assert (
        sorted(entry.name for entry in (disk / ".dist.builds").iterdir() if "unfinished" in entry.name) == []
    )


def test_a_full_disk_holds_up_no_closing(roomy_disk: Path) -> None:
    """If the log and the target are on a full disk, a closing deletes old releases to make room.

    It never deletes the live release or the one before it.
    """
    make_project(roomy_disk / "project")
    target = Target(Project(roomy_disk / "project"), roomy_disk / "www")
    command(target.project, "quota", "set", "japan", "open", "--yes")
    page = (target.project.root / "content/en/index.md").read_text()
    for number in range(6):
        target.project.write("content/en/index.md", f"{page}\n\n{str(number) * 20000}\n")
        target.published()
    assert target.shows_link()
    before = target.number
    fill(roomy_disk)

    words = ("quota", "set", "japan", "quota_reached", "--yes", "--publish", str(target.folder))
    done = command(target.project, *words)

    assert done.returncode == 0, done.stderr
    assert not target.shows_link()
    assert before in target.numbers
    assert len(target.numbers) < 7
    assert target.command("releases", "--verify").stdout.count("finding") == 1


def test_a_closing_uses_the_reserve(small_disk: Path) -> None:
    """With one release on a full disk, a closing hides the link, and the next publish has no room for a new reserve.

    Once there is room, a publish makes the reserve again.
    """
    make_project(small_disk / "project")
    target = Target(Project(small_disk / "project"), small_disk / "www")
    command(target.project, "quota", "set", "japan", "open", "--yes")
    target.published()
    assert target.shows_link()
    fill(small_disk)

    words = ("quota", "close", "japan", "--yes", "--publish", str(target.folder))
    done = command(target.project, *words)

    assert done.returncode == 0, done.stderr
    assert "No disk space is reserved for a closing (No space left on device)." in done.stderr
    assert not target.shows_link()
    assert len(target.numbers) == 2
    assert not (small_disk / "www" / RESERVE).exists()

    shutil.rmtree(small_disk / "filler")
    target.published()
    assert (small_disk / "www" / RESERVE).stat().st_blocks * 512 > 100_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for two releases and a reserve."""
    yield from mount("size=8m", tmp_path)


@pytest.fixture(params=["size=8m", "size=60m,nr_inodes=1500"], ids=["bytes", "files"])
def roomy_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system with room for some releases."""
    yield from mount(request.param, tmp_path)
