"""`quota set … --publish DIR` writes the change and publishes it in one call."""

from __future__ import annotations

import json

import pytest

from site_src.publish import publisher
from tests.support.commands import Done, command
from tests.support.project import tree
from tests.support.published import Target
from tests.support.quota_desk import days_ahead, state_text


def set_state(target: Target, *words: str) -> Done:
    """Runs `quota set … --yes --publish DIR`."""
    return command(target.project, "quota", "set", *words, "--yes", "--publish", str(target.folder))


def test_a_closing_is_live_when_the_command_ends(target: Target) -> None:
    """One command shows the link, and one hides it. Each prints what visitors get."""
    done = set_state(target, "japan", "open")
    assert done.returncode == 0
    assert target.shows_link()
    done = set_state(target, "japan", "quota_reached", "--by", "quota desk")

    assert done.returncode == 0
    assert not target.shows_link()
    assert "japan: quota_reached, link hidden (was open, link shown)" in done.stdout
    assert "python build.py" not in done.stdout.partition("warnings")[0]
    assert target.journal()[-1]["who"] == "quota desk"


def test_a_broken_page_does_not_hold_it_up(target: Target) -> None:
    """If a page is broken, a closing still hides the link within the call.

    The problems are listed, and the exit code is 4.
    """
    set_state(target, "japan", "open")
    target.project.write("content/en/broken.md", "no front matter")
    done = set_state(target, "japan", "quota_reached")

    assert done.returncode == 4
    assert "content/en/broken.md:1" in done.stderr
    assert not target.shows_link()


def test_a_change_that_cannot_be_published_stays(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """If publishing fails, the event stays in the log. The output says what is live and what to type."""
    set_state(target, "japan", "open")
    name = target.name

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publisher, "staged", full)
    done = set_state(target, "japan", "quota_reached")

    assert done.returncode == 1
    assert state_text(target.project).count("state: quota_reached") == 2
    assert f"Visitors still get release {name}: japan: open, link shown" in done.stderr
    assert f"When the cause is fixed: python build.py publish {target.folder}" in done.stderr
    monkeypatch.undo()
    target.published()
    assert not target.shows_link()


def test_a_place_that_is_not_ours_is_refused_before_anything_is_written(target: Target) -> None:
    """If DIR is a foreign folder, the command reports wrong use before it changes the state file."""
    target.folder.write_text("mine")
    before = tree(target.project.root)

    assert set_state(target, "japan", "open").returncode == 2
    assert tree(target.project.root) == before


def test_a_refused_change_publishes_nothing(target: Target) -> None:
    """After a step that is not allowed, or a dry run, the target is unchanged."""
    target.published()
    journal = target.journal()
    assert set_state(target, "japan", "open", "--expect", "suspended").returncode == 1
    done = command(
        target.project, "quota", "set", "japan", "open", "--dry-run", "--publish", str(target.folder)
    )

    assert done.returncode == 0
    assert target.journal() == journal


def test_a_schedule_is_published_and_taken_back(target: Target) -> None:
    """A scheduled event is published, and the link stays hidden for now. Its cancellation is published too."""
    assert set_state(target, "japan", "open", "--from", days_ahead(3)).returncode == 0
    assert not target.shows_link()
    done = command(target.project, "quota", "cancel", "japan", "--yes", "--publish", str(target.folder))

    assert done.returncode == 0
    assert [line["result"] for line in target.journal()] == ["published", "published"]


def test_json_stays_one_object(target: Target) -> None:
    """With --json, standard output is one object with the change.

    The messages of the publish go to standard error.
    """
    done = set_state(target, "japan", "open", "--json")

    assert json.loads(done.stdout)
    assert "release 1-" in done.stderr
    assert target.shows_link()
