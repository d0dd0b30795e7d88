"""If a build is refused or cannot be written, the published site stays as it is, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.publish.test_output_places import snapshot
from tests.support.commands import command
from tests.support.project import NOON, Project

BEFORE = "2026-03-01 12:00"  # Japan has not opened yet
# Runs a build for which the permissions of files apply, even if root starts it.
WITHOUT_POWERS = """
import ctypes, os, sys
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, PR_CAPBSET_DROP = 1, 2, 24
for power in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, power, 0, 0, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def break_the_content(project: Project) -> None:
    """Removes the title of a page."""
    project.replace("content/en/japan.md", "title: Japan\n", "")


def break_the_log(project: Project) -> None:
    """Writes a state that does not exist into the log."""
    project.replace("quota_state.yaml", "state: quota_reached", "state: quota-reached")


def break_the_gate(project: Project) -> None:
    """Adds a logo that loads a picture from a host that is not listed, which the gate refuses."""
    project.write(
        "content/logo.svg",
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="https://evil.test/x"/></svg>\n',
    )
    project.replace("content/site.yaml", "languages:", "logo: logo.svg\nlanguages:")


@pytest.mark.parametrize(
    ("mischief", "code"),
    [(break_the_content, 1), (break_the_log, 1), (break_the_gate, 3)],
    ids=["content", "log", "gate"],
)
def test_a_refused_build_leaves_the_old_one(
    project: Project, mischief: Callable[[Project], None], code: int
) -> None:
    """If the inputs have problems or the gate refuses, `dist` and the build before it stay as they are."""
    for moment in (BEFORE, NOON):
        assert command(project, "build", "--at", moment).returncode == 0
    mischief(project)
    before = snapshot(project.root)

    done = command(project, "build", "--at", NOON)

    assert done.returncode == code, done.stderr
    assert done.stderr
    assert snapshot(project.root) == before


@pytest.mark.parametrize(
    "mischief", [break_the_content, break_the_log, break_the_gate], ids=["content", "log", "gate"]
)
def test_a_refused_first_build_publishes_nothing(
    project: Project, mischief: Callable[[Project], None]
) -> None:
    """A refused first build makes no `dist`. The next build succeeds."""
    before = snapshot(project.root)
    mischief(project)
    assert command(project, "build", "--at", NOON).returncode in (1, 3)
    assert not os.path.lexists(project.root / "dist")
    (project.root / "content/logo.svg").unlink(missing_ok=True)
    for path, data in before.items():
        if isinstance(data, bytes):
            project.write(path, data)

    assert command(project, "build", "--at", NOON).returncode == 0

    assert project.published() == dict(project.built(NOON).files)


@pytest.mark.parametrize("folder", [".dist.builds", "."], ids=["builds", "project"])
def test_without_permission_the_old_build_stays(project: Project, folder: str) -> None:
    """If `dist` may not be written, the command says so and exits with 1, and the old build stays."""
    assert command(project, "build", "--at", NOON).returncode == 0
    before = snapshot(project.root)
    (project.root / folder).chmod(0o555)
    try:
        done = subprocess.run(
            [sys.executable, "-c", WITHOUT_POWERS, "build.py", "--at", BEFORE],
            cwd=project.root,
            env=project.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        (project.root / folder).chmod(0o755)

    assert (
        done.stderr
        == "dist: could not be written: Permission denied. What was there before is still there.\n"
    )
    assert done.returncode == 1
    assert project.published() == dict(project.built(NOON).files)
    assert {path: data for path, data in snapshot(project.root).items() if path in before} == before


@pytest.mark.parametrize(
    "words",
    [("check",), ("check", "--strict"), ("check", "--at", BEFORE), ("--help",), ("build", "--help")],
    ids=" ".join,
)
def test_commands_that_do_not_build_write_nothing(project: Project, words: tuple[str, ...]) -> None:
    """`check` and `--help` write no file."""
    before = snapshot(project.root)

    command(project, *words)

    assert snapshot(project.root) == before
    assert len(before) > 20
