"""An older log does not show a link again in a folder whose last build closed it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from site_src.publish.dist import builds_folder
from site_src.publish.receipt import SHOWN_FILE
from tests.support.commands import command
from tests.support.project import Project
from tests.support.published import JAPAN_PAGE, LINK

OPEN = "open 2026-01-01 00:00"
CLOSED = "quota_reached 2026-04-01 11:42"


@pytest.fixture
def closed(project: Project) -> Project:
    """The small site, built after Japan's closing."""
    project.set_log("japan", OPEN, CLOSED)
    assert command(project, "build").returncode == 0
    return project


def shows_link(project: Project) -> bool:
    """Returns whether Japan's page in `dist` has the link."""
    return LINK in (project.root / "dist" / JAPAN_PAGE).read_text()


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_older_log_is_refused(closed: Project, form: str) -> None:
    """A build whose log lacks the closing exits with 1 and prints the cure. The link stays hidden."""
    before = closed.published()
    closed.set_log("japan", OPEN)
    done = command(closed, "build", "--format", form)

    assert done.returncode == 1
    assert "quota_reached from 2026-04-01T09:42:00" in done.stdout + done.stderr
    assert "git pull" in done.stdout + done.stderr
    assert closed.published() == before


def test_a_new_event_shows_the_link_again(closed: Project) -> None:
    """A log with an event after the closing shows the link again, even if it lacks the closing itself.

    After a later suspension, a log without that suspension is refused.
    """
    later = "places_available 2026-10-05 09:00"
    for events in ((OPEN, CLOSED, later), (OPEN, "quota_reached 2026-04-01 11:43", later)):
        closed.set_log("japan", *events)
        assert command(closed, "build").returncode == 0
        assert shows_link(closed)
    closed.set_log("japan", OPEN, CLOSED, later, "suspended 2026-10-06 09:00")
    assert command(closed, "build").returncode == 0
    closed.set_log("japan", OPEN, CLOSED, later)
    assert command(closed, "build").returncode == 1
    assert not shows_link(closed)


def test_another_moment_or_folder_is_not_refused(closed: Project) -> None:
    """A build with --at, --out or --state may show the link. `dist` still remembers the closing."""
    assert command(closed, "build", "--at", "2026-02-01 12:00").returncode == 0
    assert shows_link(closed)
    closed.set_log("japan", OPEN)
    assert command(closed, "build", "--out", "other").returncode == 0
    assert command(closed, "build", "--out", "preview", "--state", "japan=open").returncode == 0
    assert command(closed, "build").returncode == 1


def test_a_clock_set_back_is_named(closed: Project) -> None:
    """If the clock is before the closing, a build refuses the log with the closing and names the clock as the cause."""
    ahead = datetime.now(UTC) + timedelta(hours=1)
    memory = builds_folder(closed.root / "dist") / SHOWN_FILE
    moment = f"{ahead:%Y-%m-%dT%H:%M:%S}+00:00"
    memory.write_text(f'{{"japan": {{"state": "quota_reached", "from": "{moment}"}}}}')
    closed.set_log("japan", OPEN, f"quota_reached {moment}")

    done = command(closed, "build")

    assert done.returncode == 1
    assert "Correct the clock." in done.stderr


@pytest.mark.parametrize("text", ["", "[]", "{", '{"japan": 1}', '{"japan": {"state": "x", "from": "y"}}'])
def test_a_memory_that_cannot_be_understood_is_made_again(closed: Project, text: str) -> None:
    """If the memory file cannot be read, a build succeeds and writes the file again."""
    memory = builds_folder(closed.root / "dist") / SHOWN_FILE
    right = memory.read_bytes()
    memory.write_text(text)

    assert command(closed, "build").returncode == 0
    assert memory.read_bytes() == right
