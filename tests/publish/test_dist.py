"""`dist` points to the last successful build. Besides that build, only the one before it is kept."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from site_src.publish.store import MARKER
from tests.publish.test_output_places import snapshot
from tests.support.commands import command
from tests.support.project import NOON, Project, tree

BEFORE = "2026-03-01 12:00"  # Japan has not opened yet


def builds(project: Project) -> set[str]:
    """Returns the names of the builds that are kept beside `dist`."""
    return {entry.name for entry in (project.root / ".dist.builds").iterdir() if entry.is_dir()}


def test_the_output_is_a_link_to_a_build(project: Project) -> None:
    """`dist` is a relative symbolic link into the folder of builds, so that the project can be moved."""
    assert command(project, "build", "--at", NOON).returncode == 0

    assert os.readlink(project.root / "dist") == ".dist.builds/1"
    assert (project.root / ".dist.builds" / MARKER).read_text()
    moved = Project(project.root.rename(project.root.with_name("moved")))
    assert moved.published() == dict(moved.built(NOON).files)


def test_everyone_may_read_what_is_published(project: Project) -> None:
    """With the usual umask, a web server that runs as a different user can read every folder and file of the site."""
    done = subprocess.run(
        ["sh", "-c", f"umask 022; exec {sys.executable} build.py"],
        cwd=project.root,
        env=project.environment(),
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0
    site = (project.root / "dist").resolve()
    modes = {stat.S_IMODE(entry.stat().st_mode) for entry in [site.parent, site, *site.rglob("*")]}
    assert modes == {0o755, 0o644}


def test_what_is_gone_from_the_inputs_is_gone_from_the_output(project: Project) -> None:
    """The next build removes a page whose file is deleted, and each folder that only this page needed."""
    page = project.write(
        "content/en/guides/money.md", "---\ntitle: M\ndescription: M.\nupdated: 2026-11-22\n---\nText.\n"
    )
    assert command(project, "build", "--at", NOON).returncode == 0
    assert (project.root / "dist/nl/guides/money/index.html").is_file()
    page.unlink()
    page.parent.rmdir()

    assert command(project, "build", "--at", NOON).returncode == 0

    assert not [path for path in snapshot((project.root / "dist").resolve()) if "guides" in path]
    assert project.published() == dict(project.built(NOON).files)


def test_what_someone_put_into_the_output_is_gone_with_the_next_build(project: Project) -> None:
    """If somebody adds or changes files in the output, the next build removes the additions and undoes the changes."""
    assert command(project, "build", "--at", NOON).returncode == 0
    project.write("dist/secret.html", "not built")
    project.write("dist/en/index.html", "changed")

    assert command(project, "build", "--at", NOON).returncode == 0

    assert project.published() == dict(project.built(NOON).files)


def test_the_previous_build_is_kept(project: Project) -> None:
    """After each build, two builds are kept: the new one and the complete build before it."""
    for number, moment in enumerate((BEFORE, NOON, BEFORE, NOON), 1):
        assert command(project, "build", "--at", moment).returncode == 0
        assert builds(project) == {str(number), str(number - 1)} - {"0"}

    assert project.published() == dict(project.built(NOON).files)
    assert tree(project.root / ".dist.builds/3") == dict(project.built(BEFORE).files)


def test_leftovers_are_swept(project: Project) -> None:
    """The next build removes what killed runs left: half a build, a whole build that was never shown, or a link."""
    for moment in (BEFORE, NOON):
        assert command(project, "build", "--at", moment).returncode == 0
    for name in ("3.unfinished", "3", "17", "some.unfinished"):
        project.write(f".dist.builds/{name}/en/index.html", "half")
    (project.root / ".dist.builds/next-link").symlink_to(".dist.builds/17")
    (project.root / ".dist.builds/5").symlink_to(project.root / "content")

    assert command(project, "build", "--at", BEFORE).returncode == 0

    assert project.published() == dict(project.built(BEFORE).files)
    kept = {name for name in builds(project) if not (project.root / ".dist.builds" / name).is_symlink()}
    assert kept == {"2", os.path.basename(os.readlink(project.root / "dist"))}
    assert tree(project.root / ".dist.builds/2") == dict(project.built(NOON).files)
    assert not os.path.lexists(project.root / ".dist.builds/next-link")
    assert (project.root / "content/site.yaml").is_file()


def test_a_leftover_that_cannot_be_deleted_holds_up_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next build succeeds even if the system refuses to delete what a killed run left."""
    assert command(project, "build", "--at", BEFORE).returncode == 0
    project.write(".dist.builds/7/index.html", "half")

    def refuse(path: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    monkeypatch.setattr(shutil, "rmtree", refuse)

    assert command(project, "build", "--at", NOON).returncode == 0
    assert project.published() == dict(project.built(NOON).files)


def test_the_folder_of_builds_is_a_folder_of_its_own(project: Project) -> None:
    """Two outputs of one project are independent: a build to one leaves the other unchanged."""
    assert command(project, "build", "--at", NOON).returncode == 0
    before = snapshot(project.root)

    assert command(project, "build", "--out", "preview", "--at", BEFORE).returncode == 0

    after = snapshot(project.root)
    assert {path: after.get(path) for path in before} == before
    assert project.published("preview") == dict(project.built(BEFORE).files)


def test_a_full_path_is_named_as_it_was_typed(project: Project, tmp_path: Path) -> None:
    """The command prints the path of the site as the operator typed it."""
    done = command(project, "build", "--out", str(tmp_path / "x"), "--at", NOON)

    place = re.escape(str(tmp_path / "x"))
    assert re.match(rf"{place}: \d+ files, for 2026-11-22 12:00:00 \(Europe/Amsterdam\)\n", done.stdout)
