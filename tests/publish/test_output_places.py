"""A build writes to a new name or over what Quotabord made before, and leaves everything else as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from site_src.publish.store import MARKER
from tests.support.commands import command
from tests.support.project import NOON, Project, tree


def snapshot(folder: Path) -> dict[str, str | bytes | None]:
    """Maps each path below the folder to a file's bytes, a link's destination, or None for a folder.

    A lock contains the name of its last holder, so only its presence counts.
    """
    found: dict[str, str | bytes | None] = {}
    for parent, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            entry = Path(parent) / name
            path = entry.relative_to(folder).as_posix()
            found[path] = (
                os.readlink(entry) if entry.is_symlink() else entry.read_bytes() if entry.is_file() else None
            )
            if name == MARKER:
                found[path] = b""
    return found


def a_folder_with_files(root: Path) -> None:
    """Makes a folder in which someone keeps work."""
    (root / "site").mkdir()
    (root / "site/thesis.txt").write_text("do not delete")


def an_empty_folder(root: Path) -> None:
    """Makes an empty folder."""
    (root / "site").mkdir()


def a_file(root: Path) -> None:
    """Makes a file with the name of the output."""
    (root / "site").write_text("do not delete")


def a_link_to_a_folder(root: Path) -> None:
    """Makes a link to a folder elsewhere."""
    (root / "elsewhere").mkdir()
    (root / "elsewhere/thesis.txt").write_text("do not delete")
    (root / "site").symlink_to("elsewhere")


def a_link_to_nowhere(root: Path) -> None:
    """Makes a link whose destination does not exist."""
    (root / "site").symlink_to("nowhere")


def a_link_out_of_the_builds(root: Path) -> None:
    """Makes a link that looks like ours but leads out of the builds."""
    (root / "site").symlink_to(".site.builds/../content")


def a_link_into_other_builds(root: Path) -> None:
    """Makes a link into the builds of another output."""
    (root / ".other.builds/1").mkdir(parents=True)
    (root / "site").symlink_to(".other.builds/1")


def a_strangers_folder_for_builds(root: Path) -> None:
    """Makes a folder with the name of our builds, without our marker."""
    (root / ".site.builds").mkdir()
    (root / ".site.builds/thesis.txt").write_text("do not delete")


def a_link_into_a_strangers_builds(root: Path) -> None:
    """Makes a link that looks like ours, into a folder without our marker."""
    (root / ".site.builds/1").mkdir(parents=True)
    (root / ".site.builds/1/thesis.txt").write_text("do not delete")
    (root / "site").symlink_to(".site.builds/1")


def a_file_where_builds_go(root: Path) -> None:
    """Makes a file with the name of our builds."""
    (root / ".site.builds").write_text("do not delete")


STRANGERS: tuple[Callable[[Path], None], ...] = (
    a_folder_with_files,
    an_empty_folder,
    a_file,
    a_link_to_a_folder,
    a_link_to_nowhere,
    a_link_out_of_the_builds,
    a_link_into_other_builds,
    a_strangers_folder_for_builds,
    a_link_into_a_strangers_builds,
    a_file_where_builds_go,
)


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda make: make.__name__)
def test_what_is_not_ours_is_refused(project: Project, stranger: Callable[[Path], None]) -> None:
    """A build refuses an output path at which there is something that Quotabord did not make.

    It names the path and changes nothing there.
    """
    stranger(project.root)
    before = snapshot(project.root)

    done = command(project, "build", "--out", "site", "--at", NOON)

    assert done.returncode == 2
    assert "site" in done.stderr
    assert "Quotabord did not make" in done.stderr
    assert "Name another place with --out" in done.stderr
    assert snapshot(project.root) == before


@pytest.mark.parametrize(
    "place",
    [
        "content",
        "content/site",
        "content/en/site",
        "site_src/site",
        "tests/site",
        "./content/../content/site",
        "here/site",
    ],
)
def test_a_place_among_the_sources_is_refused(project: Project, place: str) -> None:
    """A build refuses an output among its source files, even through a symbolic link or dots in the path."""
    for folder in ("site_src", "tests"):
        (project.root / folder).mkdir()
    (project.root / "here").symlink_to("content")
    before = snapshot(project.root)

    done = command(project, "build", "--out", place, "--at", NOON)

    assert done.returncode == 2
    assert f"--out: {place} is inside the sources. Name another place." in done.stderr
    assert snapshot(project.root) == before


@pytest.mark.parametrize(
    "place", ["dist/preview", "dist/en/site", ".dist.builds/site", ".dist.builds/1/site"]
)
def test_a_place_inside_a_built_site_is_refused(project: Project, place: str) -> None:
    """A build refuses an output inside a built site: readers would see it, and the next build would delete it."""
    assert command(project, "build", "--at", NOON).returncode == 0
    before = snapshot(project.root)

    done = command(project, "build", "--out", place, "--at", NOON)

    assert done.returncode == 2
    assert "is inside a site that Quotabord built. Name another place with --out." in done.stderr
    assert snapshot(project.root) == before


def test_a_place_whose_folder_is_missing_is_refused(project: Project) -> None:
    """A build creates no parent folders for the output, so a typing mistake in a name is reported."""
    before = snapshot(project.root)

    done = command(project, "build", "--out", "pulbic/site", "--at", NOON)

    assert done.returncode == 2
    assert "pulbic is not a folder. Make it first: mkdir -p" in done.stderr
    assert snapshot(project.root) == before


@pytest.mark.parametrize("place", ["site", "public/site", "a site ウェブ", "site/", "./dist2", "a'b"])
def test_a_new_name_is_accepted(project: Project, place: str) -> None:
    """A name that does not exist yet becomes the site. A second build to the same name is accepted."""
    (project.root / "public").mkdir()
    expected = dict(project.built(NOON).files)
    for _ in range(2):
        done = command(project, "build", "--out", place, "--at", NOON)
        assert done.returncode == 0, done.stderr
        assert project.published(place) == expected
    assert not (project.root / "dist").exists()


def test_an_address_on_disk_is_accepted(project: Project, tmp_path: Path) -> None:
    """With an absolute path in --out, the site is made there, outside the project."""
    done = command(project, "build", "--out", str(tmp_path / "published"), "--at", NOON)

    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "published") == dict(project.built(NOON).files)


@pytest.mark.parametrize("lost", ["dist", ".dist.builds", "both"])
def test_what_is_left_of_our_own_output_is_accepted(project: Project, lost: str) -> None:
    """If the link, the folder of builds, or both were deleted, the next build restores the site."""
    assert command(project, "build", "--at", NOON).returncode == 0
    if lost != ".dist.builds":
        (project.root / "dist").unlink()
    if lost != "dist":
        shutil.rmtree(project.root / ".dist.builds")

    done = command(project, "build", "--at", NOON)

    assert done.returncode == 0, done.stderr
    assert project.published() == dict(project.built(NOON).files)


def test_without_out_the_site_goes_beside_its_sources(project: Project, tmp_path: Path) -> None:
    """Without --out, a build writes to the project's own `dist`, whatever the current folder is."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    done = subprocess.run(
        [sys.executable, str(project.root / "build.py"), "--at", NOON],
        cwd=elsewhere,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert project.published() == dict(project.built(NOON).files)
    assert snapshot(elsewhere) == {}
