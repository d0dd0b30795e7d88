"""On a full disk, a build leaves the old site in place. Once there is room, the next build succeeds.

The tests use a real file system.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from site_src.publish.manifest import File, Manifest
from site_src.publish.reserve import RESERVE, keep_reserve
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
    assert (
        "The disk space that is reserved for a closing is less than a release (No space left on device)."
        in done.stderr
    )
    assert not target.shows_link()
    assert len(target.numbers) == 2
    assert not (small_disk / "www" / RESERVE).exists()

    shutil.rmtree(small_disk / "filler")
    target.published()
    assert (small_disk / "www" / RESERVE).stat().st_blocks * 512 > 100_000


def test_a_closing_uses_the_reserve_if_no_release_can_be_deleted(small_disk: Path) -> None:
    """While the live release is in doubt, no release is deleted, but a closing still frees the reserve."""
    make_project(small_disk / "project")
    target = Target(Project(small_disk / "project"), small_disk / "www")
    command(target.project, "quota", "set", "japan", "open", "--yes")
    target.published()
    with (target.folder / "current/manifest.json").open("a") as manifest:
        manifest.write(" ")
    fill(small_disk)

    done = command(target.project, "quota", "close", "japan", "--yes", "--publish", str(target.folder))

    assert done.returncode == 0, done.stderr
    assert not target.shows_link()


def test_a_reserve_that_cannot_grow_stays(small_disk: Path) -> None:
    """If the disk has no room for a larger reserve, the reserve keeps its size, and a message says how much is missing."""
    target = small_disk / "www"
    target.mkdir()
    pages = {f"{number}.html": File("0" * 64, 4096) for number in range(200)}
    assert keep_reserve(target, manifest_with(pages)) == ()
    size = (target / RESERVE).stat().st_size
    fill(small_disk)

    (said,) = keep_reserve(target, manifest_with({**pages, "more.html": File("0" * 64, 4096)}))

    assert "(No space left on device). Free 1 MiB" in said
    assert (target / RESERVE).stat().st_size == size
    assert (target / RESERVE).stat().st_blocks * 512 >= size


def manifest_with(files: Mapping[str, File]) -> Manifest:
    """Returns the manifest of a release with these files."""
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    return Manifest(
        number=1, release="0" * 64, instant=moment, states={}, events={}, content_of=1, files=files, inputs={}
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for two releases and a reserve."""
    yield from mount("size=8m", tmp_path)


@pytest.fixture(params=["size=8m", "size=60m,nr_inodes=1500"], ids=["bytes", "files"])
def roomy_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system with room for some releases."""
    yield from mount(request.param, tmp_path)
