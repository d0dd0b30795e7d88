"""After a machine is lost, or after a merge by git, no event is lost and no hidden link is shown again."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.commands.test_quota_save import CLOSED, OPEN, add, from_elsewhere
from tests.support.clones import Clones, git, make_clones
from tests.support.commands import Done, command
from tests.support.project import REPOSITORY, Project
from tests.support.published import Target
from tests.support.quota_desk import days_ahead

NEXT = "open 2090-01-01 00:00"


@pytest.fixture
def clones(tmp_path: Path, project: Project) -> Clones:
    """The small site with both programmes open, in a clone of a server's repository."""
    for programme in ("japan", "south-korea"):
        project.set_log(programme, OPEN)
    (project.root / ".gitattributes").write_bytes((REPOSITORY / ".gitattributes").read_bytes())
    return make_clones(project, tmp_path / "server.git")


def recover(project: Project, folder: Path) -> Done:
    """Runs `quota recover`."""
    return command(project, "quota", "recover", "--published", str(folder))


def log_of(project: Project) -> str:
    """Returns the quota log."""
    return (project.root / "quota_state.yaml").read_text(encoding="utf-8")


def test_a_lost_machine_never_reopens(clones: Clones, tmp_path: Path) -> None:
    """If a closing was published but not pushed, a new clone shows no link after the documented steps."""
    lost = Target(clones.project, tmp_path / "copy")
    assert command(clones.project, "quota", "close", "japan", "--publish", str(lost.folder)).returncode == 0
    project = clones.clone("new")
    (project.root / "build.py").write_bytes((REPOSITORY / "build.py").read_bytes())
    target = Target(project, tmp_path / "www/working-holiday")
    target.folder.parent.mkdir()
    page = (REPOSITORY / "docs/running.md").read_text(encoding="utf-8")
    steps = re.findall(
        r"^ +python build\.py (.+)$",
        page.split("\n## The machine is lost\n")[1].split("\n## ")[0],
        re.MULTILINE,
    )
    assert [step.split()[0] for step in steps] == ["quota", "quota", "publish"]
    assert "japan: open" not in log_of(project)

    for step in steps:
        words = step.replace("/srv/copy", str(lost.folder)).replace(
            "/srv/www/working-holiday", str(target.folder)
        )
        done = command(project, *words.split())
        assert done.returncode == 0, done.stderr

    assert not target.shows_link("japan")
    assert target.shows_link("south-korea")
    assert target.manifest.events == lost.manifest.events


def test_a_schedule_that_was_cancelled_is_left_out(clones: Clones, tmp_path: Path) -> None:
    """An opening that the repository schedules but the release does not know is left out.

    A message explains how to add it.
    """
    target = Target(clones.project, tmp_path / "www")
    add(clones.project, "japan", CLOSED)
    target.published()
    add(clones.project, "japan", NEXT)

    done = recover(clones.project, target.folder)

    assert done.returncode == 0
    assert "japan: open from 2090-01-01 00:00 was left out" in done.stdout
    assert "quota set japan open" in done.stdout
    assert "2090" not in log_of(clones.project)
    assert (
        recover(clones.project, target.folder).stdout
        == f"quota_state.yaml already contains the events of release {target.name}.\n"
    )


def test_what_the_release_schedules_comes_back(clones: Clones, tmp_path: Path) -> None:
    """After the recovery, the log has the scheduled events of the release, and still has its comments."""
    target = Target(clones.project, tmp_path / "www")
    before = log_of(clones.project).replace("japan:\n", "japan:\n  # by telephone\n")
    clones.project.write("quota_state.yaml", before)
    add(clones.project, "japan", f"suspended {days_ahead(9)}")
    whole = log_of(clones.project)
    target.published()
    clones.project.write("quota_state.yaml", before)

    assert recover(clones.project, target.folder).returncode == 0
    assert log_of(clones.project) == whole


@pytest.mark.parametrize("made", [True, False])
def test_without_a_release_it_says_so(clones: Clones, tmp_path: Path, made: bool) -> None:
    """If the folder is missing or has no release, the command reports wrong use and writes nothing."""
    before = log_of(clones.project)
    done = recover(clones.project, tmp_path) if made else command(clones.project, "quota", "recover")

    assert done.returncode == 2
    assert ("there is no release" if made else "where is the site published to?") in done.stderr
    assert log_of(clones.project) == before


def merge(clones: Clones, programme: str, event: str) -> tuple[str, str]:
    """Runs `git merge` of a clone that has this event. Returns git's exit code and the log."""
    driver = f'"{sys.executable}" "{clones.root}/build.py" quota merge %O %A %B'
    git(clones.root, "config", "merge.quotabord.driver", driver)
    from_elsewhere(clones, programme, event)
    add(clones.project, "japan", CLOSED)
    git(clones.root, "commit", "--quiet", "--all", "--message", "Here")
    git(clones.root, "fetch", "--quiet")
    path = os.pathsep.join((str(REPOSITORY), *sys.path))
    git(clones.root, "merge", "--quiet", "--no-edit", "origin/main", check=False, env={"PYTHONPATH": path})
    return git(clones.root, "status", "--porcelain"), log_of(clones.project)


def test_git_merges_the_log_by_events(clones: Clones) -> None:
    """The merge driver in .gitattributes merges events in order of time, where git itself would report a conflict."""
    status, log = merge(clones, "japan", "suspended 2026-02-01 10:00")

    assert status == ""
    assert re.findall("state: (.+)", log.split("south-korea:")[0])[-3:] == [
        "open",
        "suspended",
        "quota_reached",
    ]


def test_git_reports_a_refusal_as_a_conflict(clones: Clones) -> None:
    """If two states begin in one second, git reports a conflict, and the file has conflict markers.

    So no commit loses either state.
    """
    status, log = merge(clones, "japan", "suspended 2026-02-01 11:42")

    assert status == "UU quota_state.yaml"
    assert "<<<<<<< ours\n" in log
    assert {"quota_reached", "suspended"} <= set(re.findall("state: (.+)", log))
