"""`rollback` restores earlier content, never an earlier state."""

from __future__ import annotations

import sys

import pexpect
import pytest

from tests.support.commands import command
from tests.support.published import Target


@pytest.fixture
def history(target: Target) -> Target:
    """Release 1 has good content and Japan open, and release 2 has bad content.

    Release 3 has the bad content and Japan closed.
    """
    command(target.project, "quota", "set", "japan", "open", "--yes")
    target.published()
    target.project.replace("content/en/index.md", "title: ", "title: Bad ")
    target.published()
    command(target.project, "quota", "set", "japan", "quota_reached", "--yes")
    target.published()
    assert target.number == 3
    assert not target.shows_link()
    return target


@pytest.mark.parametrize("words", [[], ["1"]], ids=["last-other-content", "by-number"])
def test_content_comes_back_and_the_state_does_not(history: Target, words: list[str]) -> None:
    """A roll-back publishes the old content as a new release under the present log: Japan stays closed."""
    done = history.command("rollback", *words, "--yes")

    assert done.returncode == 0
    assert history.number == 4
    assert history.manifest.content_of == 1
    assert "Bad" not in history.page("en/index.html")
    assert not history.shows_link()
    assert history.journal()[-1]["action"] == "rollback"


def test_by_its_whole_name(history: Target) -> None:
    """`rollback` accepts the name of a release as `releases` prints it."""
    name = history.journal()[0]["release"]

    assert history.command("rollback", name, "--yes").returncode == 0
    assert history.manifest.content_of == 1


def test_a_dry_run_shows_and_changes_nothing(history: Target) -> None:
    """--dry-run lists the files that would be new, changed or removed for visitors, and writes nothing."""
    before = history.everything(), history.journal()
    done = history.command("rollback", "--dry-run")

    assert done.returncode == 0
    assert "en/index.html" in done.stdout
    assert "japan: quota_reached, link hidden" in done.stdout
    assert (history.everything(), history.journal()) == before


def test_without_a_terminal_it_needs_yes(history: Target) -> None:
    """`rollback` exits with 2 and changes nothing if there is no terminal and no --yes."""
    done = command(history.project, "rollback", str(history.folder))

    assert done.returncode == 2
    assert "Add --yes" in done.stderr
    assert history.number == 3


@pytest.mark.parametrize(("answer", "number"), [("no", 3), ("yes", 4)])
def test_on_a_terminal_it_asks(history: Target, answer: str, number: int) -> None:
    """At a terminal, `rollback` shows the change, and makes it only after a yes."""
    child = pexpect.spawn(
        sys.executable,
        ["build.py", "rollback", str(history.folder)],
        cwd=str(history.project.root),
        env=history.project.environment(),
        timeout=30,
    )
    child.expect("Type yes to do it: ")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()

    assert history.number == number
    assert child.exitstatus == (0 if answer == "yes" else 1)


def test_later_publishes_keep_the_content_until_it_is_mended(history: Target) -> None:
    """After a roll-back, changes of state are published with the old content, until content/ is edited."""
    assert history.command("rollback", "--yes").returncode == 0
    command(history.project, "quota", "set", "japan", "open", "--yes")
    done = history.publish()
    assert done.returncode == 0
    assert "content/ is the same as before the rollback" in done.stderr
    assert history.shows_link()
    assert "Bad" not in history.page("en/index.html")

    history.project.replace("content/en/index.md", "title: Bad ", "title: Mended ")
    history.published()
    assert "Mended" in history.page("en/index.html")
    assert history.manifest.instead_of is None


@pytest.mark.parametrize(("word", "code"), [("99", 1), ("latest", 2), ("3.5", 2)])
def test_a_release_that_is_not_there(history: Target, word: str, code: int) -> None:
    """`rollback` refuses an unknown number and lists the known ones. A word that is not a number is wrong use."""
    done = history.command("rollback", word, "--yes")

    assert done.returncode == code
    assert history.number == 3
    assert ("Known here: 3, 2, 1." in done.stderr) == (code == 1)


def test_with_no_other_content_there_is_nothing_to_bring_back(target: Target) -> None:
    """If there is only one release, `rollback` refuses with a message. A missing folder is wrong use."""
    assert target.command("rollback", "--yes").returncode == 2
    target.published()
    done = target.command("rollback", "--yes")

    assert done.returncode == 1
    assert "no earlier release has different content" in done.stderr
