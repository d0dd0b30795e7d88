"""`check` and `serve` work without features that only Unix has: locks, timers for processor time, flags of `open`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.preview import preview
from tests.support.project import NOON, REPOSITORY, Project

# Modules and functions that Windows lacks, removed before anything else is imported.
WITHOUT = """
import os, signal, sys
for module in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules[module] = None
for owner, names in (
    (os, ("O_NONBLOCK", "O_NOFOLLOW", "fchmod", "fchown", "getuid", "geteuid")),
    (signal, ("SIGVTALRM", "ITIMER_VIRTUAL", "setitimer")),
):
    for name in names:
        delattr(owner, name)
"""


@pytest.fixture
def other(tmp_path: Path) -> dict[str, str]:
    """The environment of a Python that lacks these features."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other/sitecustomize.py").write_text(WITHOUT)
    return {"PYTHONPATH": f"{tmp_path / 'other'}:{REPOSITORY}"}


def test_check_works(project: Project, other: dict[str, str]) -> None:
    """`check` finds the same as on Unix. A command that takes a lock ends with a message."""
    project.write("content/en/wrong.md", "wrong\n")

    done = project.run("check", "--at", NOON, env=other)
    locked = project.run("quota", "set", "south-korea", "quota_reached", "--yes", env=other)

    assert (done.returncode, done.stderr) == (1, project.run("check", "--at", NOON).stderr)
    assert (locked.returncode, "use WSL" in locked.stderr) == (1, True)


def test_commands_without_a_lock_work(project: Project, other: dict[str, str]) -> None:
    """`move` and `quota show` work. `build`, which takes a lock, ends with a message and writes nothing."""
    project.write(
        "content/en/money.md", "---\ntitle: Money\ndescription: It.\nupdated: 2026-11-22\n---\nText.\n"
    )
    assert project.run("move", "money.md", "costs.md", env=other).returncode == 0
    assert (project.root / "content/en/costs.md").is_file()
    for words in (("quota", "show"), ("check", "--translations")):
        done, same = project.run(*words, env=other), project.run(*words)
        assert (done.returncode, done.stdout, done.stderr) == (same.returncode, same.stdout, same.stderr)
    built = project.run("build", env=other)
    assert (built.returncode, built.stderr.count("\n"), "use WSL" in built.stderr) == (1, 1, True)
    assert not (project.root / "dist").exists()


def test_serve_works(project: Project, other: dict[str, str]) -> None:
    """`serve` shows pages, notices an edit, and ends at Ctrl-C."""
    with preview(project, "--at", NOON, env=other) as running:
        running.shows("/en/japan/", "There are")
        project.replace("content/en/japan.md", "There are", "We have")
        running.shows("/en/japan/", "We have")
    assert running.process.returncode == 0
