"""Any sequence of commands leaves the log that a simple model predicts, in every layout of the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_src.problems import Report
from site_src.quota.change import ChangeRefused, StateFile
from site_src.quota.event_keys import parse_quota_logs
from site_src.quota.log import Event, state_at
from site_src.quota.planning import plan_cancel, plan_event, plan_undo
from site_src.states import State
from tests.support.project import AMSTERDAM
from tests.support.quota_layouts import Laid, state_files

PROGRAMMES = ["japan", "south-korea"]
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
MAY_FOLLOW = {
    "open": ["quota_reached", "suspended"],
    "quota_reached": ["places_available", "open", "suspended"],
    "places_available": ["quota_reached", "open", "suspended"],
    "suspended": ["open", "places_available", "quota_reached"],
}


@dataclass
class Model:
    """A model of the log. It has the moments and the states of each programme, in order."""

    notes: dict[str, list[tuple[datetime, str]]]

    def add(
        self, programme: str, state: str, now: datetime, planned: datetime | None, expected: str | None
    ) -> bool:
        """Adds a state that begins now or at a planned moment.

        If the state is not allowed there, adds nothing and returns False.
        """
        notes, starts = self.notes[programme], planned or now
        earlier = [note for note in notes if note[0] < starts or note[0] == starts == now]
        while starts == now and earlier and (earlier[-1][0] + SECOND) in dict(notes):
            earlier = notes[
                : len(earlier) + 1
            ]  # The clock has not reached this moment yet, because several commands came within one second.
        later = notes[len(earlier) :]
        if starts == now and earlier and earlier[-1][0] >= now:
            starts = earlier[-1][0] + SECOND
        if (
            later
            and later[0][1] == state
            and state in ("quota_reached", "suspended")
            and later[0][0] > starts
        ):
            later = later[1:]
        before = earlier[-1][1] if earlier else None
        wanted = expected in (None, before) and (before is None or state in MAY_FOLLOW[before])
        wanted = wanted and (not later or later[0][1] in MAY_FOLLOW[state])
        past = [when for when, _ in notes if when <= now]
        in_time = starts <= now + (DAY if state == "quota_reached" else 400 * DAY)
        in_time = in_time and starts >= now if not past else in_time and starts > past[-1]
        in_time = in_time and (not later or starts < later[0][0])
        if wanted and in_time:
            self.notes[programme] = [*earlier, (starts, state), *later]
        return wanted and in_time

    def strike(self, programme: str, now: datetime) -> bool:
        """Removes the first state that has not begun. If that is not allowed, removes nothing and returns False."""
        notes = self.notes[programme]
        number = next((number for number, (starts, _) in enumerate(notes) if starts > now), None)
        if number is None:
            return False
        left = notes[:number] + notes[number + 1 :] or [(now, "suspended")]
        if any(after not in MAY_FOLLOW[before] for (_, before), (_, after) in pairwise(left)):
            return False
        self.notes[programme] = left
        return True

    def state(self, programme: str, instant: datetime) -> str:
        """Returns the state at the instant."""
        return ([state for starts, state in self.notes[programme] if starts <= instant] or ["upcoming"])[-1]


@st.composite
def moments(draw: st.DrawFn, now: datetime) -> datetime | None:
    """Draws a planned moment near the clock or far from it, often None."""
    near, far = st.integers(-40, 40), st.integers(-(10**7), 5 * 10**7)
    return draw(st.none() | st.none() | st.one_of(near, far).map(lambda seconds: now + seconds * SECOND))


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), laid=state_files(3))
def test_commands_leave_what_the_model_says(data: st.DataObject, laid: Laid) -> None:
    """The reader reads the model's states from the new text after each command. The command refuses what the model refuses."""
    model = Model({id: [(event.starts, str(event.state)) for event in log] for id, log in laid.logs.items()})
    standing = StateFile(laid.text, laid.logs, (AMSTERDAM,))
    now = data.draw(st.sampled_from([event.starts for log in laid.logs.values() for event in log]))
    for _ in range(data.draw(st.integers(1, 8))):
        now += data.draw(st.sampled_from([0, 0, 0, 1, 2, 31, 60 * 60 * 24 * 200])) * SECOND
        programme = data.draw(st.sampled_from(PROGRAMMES))
        try:
            if data.draw(st.integers(0, 3)):
                state = data.draw(st.sampled_from(sorted(MAY_FOLLOW)))
                expected = data.draw(st.none() | st.none() | st.sampled_from(sorted(MAY_FOLLOW)))
                planned = data.draw(moments(now))
                accepted = model.add(programme, state, now, planned, expected)
                change = plan_event(
                    standing,
                    programme,
                    Event(State(state), planned or now),
                    now,
                    State(expected) if expected else None,
                )
            else:
                accepted = model.strike(programme, now)
                change = plan_cancel(standing, programme, now)
        except ChangeRefused as refusal:
            assert not accepted or (laid.unfinished and "laid out" in str(refusal)), str(refusal)  # noqa: PT017
            if accepted:
                return
            continue
        assert accepted
        report = Report()
        logs = parse_quota_logs(change.text, frozenset(PROGRAMMES), AMSTERDAM, report)
        assert logs is not None, report.problems
        standing = StateFile(change.text, logs, (AMSTERDAM,))
        for id in PROGRAMMES:
            noted = [starts for starts, _ in model.notes[id]]
            assert [event.starts for event in logs[id]] == noted
            for instant in [
                now,
                *(starts + near for starts in noted for near in (-SECOND, 0 * SECOND, SECOND)),
            ]:
                assert state_at(logs[id], instant) == model.state(id, instant)


def test_a_closing_among_openings_is_not_lost() -> None:
    """If twenty commands run within one second, all their events are in the log in order, one second apart."""
    now = datetime.fromisoformat("2026-04-01T09:42:00Z")
    text = "japan:\n  - state: open\n    from: 2026-04-01 00:00\n"
    first = Event(State.OPEN, datetime.fromisoformat("2026-03-31T22:00:00Z"))
    standing = StateFile(text, {"japan": (first,)}, (AMSTERDAM,))
    states = [State.QUOTA_REACHED, State.SUSPENDED, State.OPEN, State.SUSPENDED] * 5

    for state in states:
        change = plan_event(standing, "japan", Event(state, now), now)
        standing = StateFile(change.text, {"japan": change.after}, (AMSTERDAM,))

    log = standing.logs["japan"][1:]
    assert [event.state for event in log] == states
    assert [event.starts - now for event in log] == [number * SECOND for number in range(20)]


@pytest.mark.parametrize("ahead", [1, 2, 25, 30])
@pytest.mark.parametrize("scheduled", [State.QUOTA_REACHED, State.SUSPENDED])
def test_a_closing_does_not_wait_for_a_schedule_of_the_next_seconds(scheduled: State, ahead: int) -> None:
    """A closing starts now, before a scheduled change, however soon that change is.

    If the scheduled change is to the same state, only the closing stays.
    """
    now = datetime.fromisoformat("2026-04-01T09:59:35Z")
    log = _made((State.OPEN, now - DAY), (scheduled, now + ahead * SECOND))

    change = plan_event(log, "japan", Event(State.QUOTA_REACHED, now), now)

    left = () if scheduled is State.QUOTA_REACHED else ((scheduled, now + ahead * SECOND),)
    assert [(event.state, event.starts) for event in change.after[1:]] == [(State.QUOTA_REACHED, now), *left]
    assert (change.link_before, change.link_after) == (True, False)


@pytest.mark.parametrize("ahead", [1, 25])
def test_undo_of_a_schedule_of_the_next_seconds_cancels_it(ahead: int) -> None:
    """However soon a scheduled opening is, `undo` removes it, so the link is never shown."""
    now = datetime.fromisoformat("2026-04-01T09:59:35Z")
    opening = Event(State.OPEN, now + ahead * SECOND)
    log = _made((State.SUSPENDED, now - DAY), (opening.state, opening.starts))

    change = plan_undo(log, "japan", Event(State.SUSPENDED, now), now)

    assert (change.cancelled, change.added) == (opening, None)


def test_undo_takes_back_the_last_of_several_changes_within_one_second() -> None:
    """After a closing and a reopening within one second, `undo` takes back the reopening.

    It does so although the reopening's second is ahead of the clock.
    """
    now = datetime.fromisoformat("2026-04-01T09:59:35Z")
    log = _made((State.OPEN, now - DAY), (State.QUOTA_REACHED, now), (State.OPEN, now + SECOND))

    change = plan_undo(log, "japan", Event(State.SUSPENDED, now), now)

    assert change.undone == log.logs["japan"][-1]
    assert change.added == Event(State.QUOTA_REACHED, now + 2 * SECOND)


def _made(*events: tuple[State, datetime]) -> StateFile:
    text = "japan:\n" + "".join(
        f"  - state: {state}\n    from: {starts:%Y-%m-%d %H:%M:%S}+00:00\n" for state, starts in events
    )
    logs = parse_quota_logs(text, frozenset({"japan"}), AMSTERDAM, Report())
    assert logs
    return StateFile(text, logs, (AMSTERDAM,))
