"""A host takes over what is new on any git host, but no content with errors, and no closing waits for content."""

from __future__ import annotations

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
    env = {**host.target.project.environment(), "GIT_COMMITTER_NAME": "host", "GIT_COMMITTER_EMAIL": "h@x"}
    env |= {"GIT_AUTHOR_NAME": "host", "GIT_AUTHOR_EMAIL": "h@x"}
    return subprocess.run(
        [root / "deploy/pull.sh"], cwd="/", env=env, capture_output=True, text=True, check=False
    )


def push(editor: Path, file: str, old: str, new: str) -> None:
    """Changes a text in the editor's clone and pushes it."""
    text = (editor / file).read_text()
    assert old in text
    (editor / file).write_text(text.replace(old, new, 1))
    git(editor, "commit", "--quiet", "--all", "--message", "edit")
    git(editor, "push", "--quiet")


def test_new_content_is_taken_over_under_events_of_this_host(host: Host, editor: Path) -> None:  # noqa: F811
    """A page that was pushed arrives, and an event that only this host has stays."""
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
    """Of a push with a broken page and a closing only the closing is taken over, and the error is named."""
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
