"""After each change, the quota log alone is committed and pushed in the operator's name.

No closing waits for this.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from site_src.commands import git as git_module
from site_src.commands import log_commits, log_repository
from tests.support.clones import Clones, git, make_clones
from tests.support.commands import Done, command
from tests.support.project import REPOSITORY, Project
from tests.support.published import Target

OPEN = "open 2026-01-01 00:00"
SAVE = "import sys; from pathlib import Path; from site_src.cli import main; sys.exit(main(['quota', 'save'], Path(sys.argv[1])))"
CLOSED = "quota_reached 2026-02-01 11:42"


@pytest.fixture
def clones(tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch) -> Clones:
    """The small site with both programmes open, in git, with `git: push` in local.yaml.

    git itself has no user name.
    """
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    for programme in ("japan", "south-korea"):
        project.set_log(programme, OPEN)
    project.write("local.yaml", f"target: {tmp_path / 'www'}\ngit: push\n")
    return make_clones(project, tmp_path / "server.git")


def add(project: Project, programme: str, event: str, by: str = "") -> None:
    """Adds an event at the end of the programme's log, as the commands do."""
    state, moment = event.split(" ", 1)
    lines = f"  - state: {state}\n    from: {moment}\n" + (f"    by: {by}\n" if by else "")
    text = (project.root / "quota_state.yaml").read_text(encoding="utf-8")
    before, key, after = text.partition(f"{programme}:\n")
    own, _, rest = after.partition("\njapan:" if programme != "japan" else "\nsouth-korea:")
    other = "japan" if programme != "japan" else "south-korea"
    text = f"{before}{key}{own.rstrip()}\n{lines}" + (f"{other}:{rest}" if rest else "")
    project.write("quota_state.yaml", text)


def save(project: Project) -> Done:
    """Runs `quota save`."""
    return command(project, "quota", "save")


def from_elsewhere(clones: Clones, programme: str, event: str, name: str = "elsewhere") -> Project:
    """A different clone, which has pushed an event."""
    other = clones.clone(name)
    add(other, programme, event)
    git(other.root, "commit", "--quiet", "--all", "--message", "Elsewhere")
    git(other.root, "push", "--quiet")
    return other


def test_the_log_alone_is_committed_in_the_operators_name(clones: Clones) -> None:
    """Only the log is committed and pushed. Other files that are staged or edited stay so.

    The commit's author is the operator, and its message names the closing.
    """
    clones.project.write("content/en/index.md", "being edited")
    clones.project.write("content/en/new.md", "staged")
    git(clones.root, "add", "content/en/new.md")
    add(clones.project, "japan", CLOSED, by="Anna <quota desk>")

    assert save(clones.project) == Done(0, "quota_state.yaml is pushed.\n", "")

    assert git(clones.root, "status", "--porcelain") == " M content/en/index.md\nA  content/en/new.md"
    assert (
        git(clones.root, "log", "-1", "--format=%an|%s")
        == "Anna quota desk|japan: quota_reached from 2026-02-01 11:42"
    )
    assert git(clones.root, "show", "--name-only", "--format=") == "quota_state.yaml"
    assert "quota_reached" in clones.on_server()
    commits = git(clones.root, "rev-list", "--count", "HEAD")
    assert save(clones.project).returncode == 0
    assert git(clones.root, "rev-list", "--count", "HEAD") == commits


def test_a_rejected_push_merges_the_events(clones: Clones) -> None:
    """If a push is rejected, the server gets the closings of both clones and keeps its other content.

    In this clone, only the log changes.
    """
    other = from_elsewhere(clones, "japan", "suspended 2026-02-01 10:00")
    other.write("content/en/index.md", (other.root / "content/en/index.md").read_text() + "\nMore.\n")
    git(other.root, "commit", "--quiet", "--all", "--message", "Content")
    git(other.root, "push", "--quiet")
    add(clones.project, "japan", CLOSED)
    page = (clones.root / "content/en/index.md").read_bytes()

    assert save(clones.project).returncode == 0

    log = (clones.root / "quota_state.yaml").read_text(encoding="utf-8")
    assert log == clones.on_server()
    assert log.index("suspended") < log.index("quota_reached")
    assert "More." in clones.on_server("content/en/index.md")
    assert (clones.root / "content/en/index.md").read_bytes() == page
    assert git(clones.root, "status", "--porcelain") == ""
    # After that, a second event can be pushed, and a pull is a fast-forward.
    add(clones.project, "south-korea", CLOSED)
    assert save(clones.project).returncode == 0
    git(clones.root, "pull", "--quiet", "--ff-only")
    assert (clones.root / "quota_state.yaml").read_text() == clones.on_server()
    assert clones.on_server().count("quota_reached") == 2


def test_a_merge_of_the_log_alone_moves_the_branch(clones: Clones) -> None:
    """If the server differs only by another event, this clone's branch is level with the server's after the merge.

    An event that was left out is printed.
    """
    from_elsewhere(clones, "japan", "quota_reached 2026-02-01 11:45")
    add(clones.project, "japan", CLOSED)

    done = save(clones.project)

    assert done.returncode == 0
    assert "quota_reached from 2026-02-01 11:45 was left out" in done.stdout
    assert git(clones.root, "rev-parse", "HEAD") == git(clones.server, "rev-parse", "main")
    assert git(clones.root, "status", "--porcelain") == ""


def _detach(clones: Clones) -> None:
    git(clones.root, "checkout", "--quiet", "--detach")


def _no_upstream(clones: Clones) -> None:
    git(clones.root, "branch", "--unset-upstream")


def _lock_index(clones: Clones) -> None:
    (clones.root / ".git/index.lock").touch()


def _lose_server(clones: Clones) -> None:
    clones.server.rename(clones.server.with_name("gone"))


def _refuse(clones: Clones) -> None:
    hook = clones.server / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)


def _other_content(clones: Clones) -> None:
    for project in (clones.clone("other"), clones.project):
        project.write("content/en/index.md", f"of {project.root.name}")
        git(project.root, "commit", "--quiet", "--all", "--message", "Content")
    git(clones.server.parent / "other", "push", "--quiet")


def _same_second(clones: Clones) -> None:
    from_elsewhere(clones, "japan", "suspended 2026-02-01 11:42")


def _break_log(clones: Clones) -> None:
    clones.project.replace("quota_state.yaml", "south-korea:\n", "south-korea:\n<<<<<<< HEAD\n")


def _no_repository(clones: Clones) -> None:
    (clones.root / ".git").rename(clones.root.parent / "taken-away")


def _no_git(clones: Clones) -> None:
    os.environ["PATH"] = str(clones.server)


@pytest.mark.parametrize(
    ("fault", "said", "committed"),
    [
        (_detach, "no branch is checked out, so the commit cannot be pushed. Type: git switch main", True),
        (_no_upstream, "the branch main has no upstream. Type: git push --set-upstream origin main", True),
        (_lock_index, "the index is locked by another git command. If no git command is running: rm .git/index.lock", False),
        (_lose_server, "git push failed: ", True),
        (_refuse, "(pre-receive hook declined)", True),
        (_other_content, "have changed content/en/index.md differently. Type: git pull --no-rebase", True),
        (_same_second, "cannot be merged: japan: ours has quota_reached from 2026-02-01 11:42, theirs has suspended", True),
        (_break_log, "it has mistakes in south-korea", False),
        (_no_repository, "not a git repository", False),
        (_no_git, "git is not installed", False),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_an_alarm(
    clones: Clones, monkeypatch: pytest.MonkeyPatch, fault: object, said: str, committed: bool
) -> None:
    """Each failure gives one message and exit code 1, and is kept for `quota due`.

    The log on the disk stays as it was.
    """
    assert callable(fault)
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.setattr(log_commits, "_INDEX_SECONDS", 0.1)
    fault(clones)
    add(clones.project, "japan", CLOSED)
    log = (clones.root / "quota_state.yaml").read_bytes()

    done = save(clones.project)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ALARM: quota_state.yaml of this host is not saved in git: ")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert (clones.root / "quota_state.yaml").read_bytes() == log
    saved = json.loads((clones.root / ".quota_state.yaml.git.json").read_text())
    assert f"ALARM: {saved['trouble']}\n" == done.stderr
    if committed:
        assert git(clones.root, "log", "-1", "--format=%s").startswith("japan: quota_reached")


def test_a_server_that_does_not_answer_is_given_up(clones: Clones, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the server does not answer, git and its child processes are ended after the time limit, and a message reports this."""
    hook = clones.server / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\nsleep 60\n")
    hook.chmod(0o755)
    monkeypatch.setattr(log_repository, "NETWORK_SECONDS", 0.5)
    add(clones.project, "japan", CLOSED)
    begun = time.monotonic()

    done = save(clones.project)

    assert "git push did not end within 0 seconds" in done.stderr
    assert time.monotonic() - begun < 10


def test_git_never_asks(clones: Clones) -> None:
    """git has no terminal and no editor, and the variables of a git hook do not redirect it."""
    found = git_module.Git(clones.root)
    os.environ["GIT_INDEX_FILE"] = "/nowhere/index"
    try:
        assert found.run("status", "--porcelain") == ""
    finally:
        del os.environ["GIT_INDEX_FILE"]
    assert found.find("no-such-word") is None


def test_a_closing_is_published_and_then_saved(clones: Clones, tmp_path: Path) -> None:
    """If the server hangs, `quota close` still exits with 0. The event is pushed when the server answers.

    Without `git` in local.yaml, nothing is saved.
    """
    target = Target(clones.project, tmp_path / "www")
    target.published()
    hook = clones.server / "hooks/pre-receive"
    hook.write_text(f"#!/bin/sh\nwhile [ ! -e {tmp_path}/answer ]; do sleep 0.1; done\n")
    hook.chmod(0o755)

    done = command(clones.project, "quota", "close", "japan", "--by", "Anna")

    assert done.returncode == 0, done.stderr
    assert not target.shows_link()
    assert "quota_reached" not in clones.on_server()
    (tmp_path / "answer").touch()
    end = time.monotonic() + 20
    while "quota_reached" not in clones.on_server() and time.monotonic() < end:
        time.sleep(0.1)
    assert "quota_reached" in clones.on_server()
    assert git(clones.server, "log", "-1", "--format=%an", "main") == "Anna"
    clones.project.write("local.yaml", f"target: {tmp_path / 'www'}\n")
    assert "so nothing was done" in save(clones.project).stdout


def test_two_at_once_lose_nothing(clones: Clones) -> None:
    """If two commands in one clone and one in another clone save at the same moment, the server gets every event, in order."""
    other = clones.clone("other")
    other.write("local.yaml", "target: /srv/www/elsewhere\ngit: push\n")
    add(clones.project, "japan", CLOSED)
    add(other, "south-korea", CLOSED)
    # Separate processes are needed, because a process has only one current folder and one output.
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", SAVE, str(project.root)],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.DEVNULL,
        )
        for project in (clones.project, clones.project, other)
    ]

    assert [process.wait(60) for process in begun] == [0, 0, 0]
    assert clones.on_server().count("quota_reached") == 2
