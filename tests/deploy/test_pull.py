"""A host pulls new content from any git host. Content with errors is left out, and no closing waits for content."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.test_deploy import Host, git, host  # noqa: F401 -- the fixture
from tests.support.commands import command
from tests.support.project import REPOSITORY


@pytest.fixture
def editor(host: Host, tmp_path: Path) -> Path:  # noqa: F811
    """Another clone, in which an editor works."""
    (host.target.project.root / "deploy").mkdir()
    shutil.copy(REPOSITORY / "deploy/pull.sh", host.target.project.root / "deploy")
    git(tmp_path, "clone", "--quiet", str(host.origin), str(tmp_path / "editor"))
    return tmp_path / "editor"


def pull(host: Host) -> subprocess.CompletedProcess[str]:  # noqa: F811
    """Runs the script as the timer does."""
    root = host.target.project.root
    env = {**host.target.project.environment(), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    # git has no user name on this host, and must not invent one.
    env |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.useConfigOnly", "GIT_CONFIG_VALUE_0": "true"}
    return subprocess.run(
        [root / "deploy/pull.sh"], cwd="/", env=env, capture_output=True, text=True, check=False
    )


def add_to_log(editor: Path, event: str) -> None:
    """Adds an event at the end of the quota log in the editor's clone, without a commit."""
    with (editor / "quota_state.yaml").open("a") as log:
        log.write(event)


def push(editor: Path, file: str, old: str, new: str) -> None:
    """Changes a text in the editor's clone and pushes it."""
    text = (editor / file).read_text()
    assert old in text
    (editor / file).write_text(text.replace(old, new, 1))
    git(editor, "commit", "--quiet", "--all", "--message", "edit")
    git(editor, "push", "--quiet")


def test_new_content_is_taken_over_under_events_of_this_host(host: Host, editor: Path) -> None:  # noqa: F811
    """A page that an editor pushed arrives, and an event that exists only on this host stays."""
    root = host.target.project.root
    assert pull(host).returncode == 0
    push(editor, "content/en/index.md", "title: ", "title: Merged ")
    command(host.target.project, "quota", "set", "south-korea", "quota_reached", "--yes")
    done = pull(host)

    assert done.returncode == 0, done.stderr
    assert "title: Merged" in (root / "content/en/index.md").read_text()
    assert "quota_reached" in (root / "quota_state.yaml").read_text().partition("south-korea:")[2]
    assert git(root, "status", "--porcelain", "--untracked-files=no") == ""
    assert pull(host).returncode == 0


def test_content_with_errors_stays_out_and_a_closing_in_it_does_not(host: Host, editor: Path) -> None:  # noqa: F811
    """If a push contains a broken page and a closing, the host takes only the closing, and names the error."""
    root = host.target.project.root
    command(host.target.project, "quota", "set", "japan", "open", "--yes")
    git(root, "commit", "--quiet", "--all", "--message", "open")
    git(root, "push", "--quiet")
    git(editor, "pull", "--quiet")
    before = (root / "content/en/index.md").read_text()
    push(editor, "content/en/index.md", "title: ", "titel: ")
    closed = "  - state: quota_reached\n    from: 2099-01-01 12:00\n"
    push(editor, "quota_state.yaml", "# South Korea", f"{closed}# South Korea")
    done = pull(host)

    assert done.returncode == 1
    assert "content/en/index.md" in done.stderr
    assert (root / "content/en/index.md").read_text() == before
    assert "2099-01-01 12:00" in (root / "quota_state.yaml").read_text()
    assert not list(root.glob(".git/worktrees/*"))


def test_a_mistake_in_the_log_of_the_git_host_never_enters_the_live_log(host: Host, editor: Path) -> None:  # noqa: F811
    """If the pushed log has a mistyped state, that programme's events on this host stay unchanged, including its closing.

    The events of the other programmes arrive.
    """
    log = host.target.project.root / "quota_state.yaml"
    command(host.target.project, "quota", "set", "japan", "open", "--yes")
    before = log.read_text()
    closing = "  - state: quota_reached\n    from: 2099-01-01 12:00\n"
    add_to_log(editor, closing)
    push(editor, "quota_state.yaml", "japan:\n", "japan:\n  - state: opne\n    from: 2020-01-01 00:00\n")
    done = pull(host)

    assert done.returncode == 1
    assert "Not merged: japan: the other version cannot be read" in done.stderr
    assert log.read_text() == before + closing


def test_what_cannot_be_merged_leaves_a_clean_clone(host: Host, editor: Path) -> None:  # noqa: F811
    """If a page was changed on both sides, the page of this host stays.

    The closing in the push arrives, and no merge is left unfinished.
    """
    root = host.target.project.root
    page = root / "content/en/index.md"
    page.write_text(page.read_text().replace("title: ", "title: Ours "))
    git(root, "commit", "--quiet", "--all", "--message", "ours")
    ours = page.read_text()
    closing = "  - state: suspended\n    from: 2020-02-01 12:00\n"
    add_to_log(editor, closing)
    push(editor, "content/en/index.md", "title: ", "title: Theirs ")
    done = pull(host)

    assert done.returncode == 1
    assert "cannot be merged with this clone, so only the events of its quota log are merged" in done.stderr
    assert page.read_text() == ours
    assert closing in (root / "quota_state.yaml").read_text()
    assert git(root, "status", "--porcelain", "--untracked-files=no").split() == ["M", "quota_state.yaml"]
    assert not list(root.glob(".git/worktrees/*"))
