"""`quota cancel` and `quota undo` do what they showed to the operator, even if an event begins while the question is open."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from site_src.commands import quota_request
from site_src.commands.hide_first import HideFirst
from site_src.commands.quota_request import Request
from site_src.commands.quota_write import LogWriter
from site_src.quota.change import ChangeRefused
from site_src.states import State
from tests.support.project import Project, at
from tests.support.quota_desk import logs, state_text

NOON = at("2026-05-01 12:00")
EVENTS = {
    "cancel": ("suspended 2026-04-01 00:00", "open 2026-05-01 12:00", "quota_reached 2026-05-01 13:00"),
    "undo": ("open 2026-04-01 00:00", "suspended 2026-05-01 11:00", "quota_reached 2026-05-02 09:00"),
}


@dataclass
class _Clock:
    """The clock of the commands."""

    now: datetime

    def instant_of(self, _text: str | None, _zone: object) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    """A clock that begins half a minute before noon. A test may set a different time."""
    clock = _Clock((NOON - timedelta(seconds=40)).astimezone(UTC))
    monkeypatch.setattr(quota_request, "instant_of", clock.instant_of)
    return clock


def _writer(project: Project, request: Request) -> LogWriter:
    options = argparse.Namespace(publish=None)
    options.first = HideFirst(options)
    return LogWriter(request, options, project.opened)


@pytest.mark.parametrize("word", ["cancel", "undo"])
def test_a_change_that_became_another_is_refused(project: Project, clock: _Clock, word: str) -> None:
    """If a confirmed change would now be different, it is refused and nothing is written.

    This happens if an event has begun, or has become too old to undo.
    """
    project.set_log("japan", *EVENTS[word])
    before = state_text(project)
    request = Request(word, "japan")
    writer = _writer(project, request)
    seen = request.plan(writer.read())

    clock.now += timedelta(minutes=1)
    with pytest.raises(
        ChangeRefused, match=f"meanwhile time has passed, and {word} of japan would no longer do"
    ):
        writer.write(seen)

    assert state_text(project) == before


@pytest.mark.parametrize("word", ["cancel", "undo"])
def test_a_slow_answer_is_accepted_while_it_changes_nothing(
    project: Project, clock: _Clock, word: str
) -> None:
    """If the time that passed does not alter the change, a slow answer is accepted."""
    project.set_log("japan", *EVENTS[word])
    request = Request(word, "japan")
    writer = _writer(project, request)
    seen = request.plan(writer.read())

    clock.now += timedelta(seconds=30)
    _, change = writer.write(seen)

    assert (change.cancelled, change.undone) == (seen.cancelled, seen.undone)
    assert logs(project)["japan"] == change.after


def test_a_closing_is_not_refused_for_it(project: Project, clock: _Clock) -> None:
    """A confirmed closing is written even if it now also replaces a later closing, which it did not when it was shown."""
    project.set_log(
        "japan",
        "suspended 2026-04-01 00:00",
        "open 2026-05-01 12:00",
        "quota_reached 2026-05-01 13:00",
    )
    request = Request("close", "japan", State.QUOTA_REACHED)
    writer = _writer(project, request)
    seen = request.plan(writer.read())

    clock.now += timedelta(minutes=1)
    _, change = writer.write(seen)

    assert (seen.cancelled, change.cancelled) == (None, seen.before[-1])
    assert [event.state for event in logs(project)["japan"]] == ["suspended", "open", "quota_reached"]
    assert change.after[-1].starts == clock.now
