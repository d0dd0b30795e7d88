"""The state of a quota log at an instant, compared with the simplest way to compute it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from site_src.quota.decision import FARTHEST_END, doubtful_end
from site_src.quota.log import Event, assumed, event_at, next_event, state_at
from site_src.quota.registration_periods import next_registration_periods
from site_src.read.input_keys import RegistrationPeriod
from site_src.states import STATES_WITH_LINK, State
from tests.support.project import AMSTERDAM, at
from tests.support.quota_logs import instants_beside, logs

quick = settings(deadline=None, max_examples=300, derandomize=True)


@given(st.data())
@quick
def test_the_state_at_an_instant(data: st.DataObject) -> None:
    """The state is that of the last event that does not start later. Before the first event it is upcoming."""
    log = data.draw(logs())
    instant = data.draw(instants_beside(log))
    state, in_force = State.UPCOMING, None
    for event in log:
        if event.starts <= instant:
            state, in_force = event.state, event

    assert state_at(log, instant) is state
    assert event_at(log, instant) is in_force


@given(st.data())
@quick
def test_the_next_event(data: st.DataObject) -> None:
    """The next event is the earliest that starts later. It changes the state at its exact second."""
    log = data.draw(logs())
    instant = data.draw(instants_beside(log))
    later = [event for event in log if event.starts > instant]

    following = next_event(log, instant)

    assert following is (min(later, key=lambda event: event.starts) if later else None)
    if following:
        second = timedelta(seconds=1)
        assert state_at(log, following.starts - second) is state_at(log, instant)
        assert state_at(log, following.starts) is following.state


@given(data=st.data(), state=st.sampled_from(State))
@quick
def test_an_assumed_state(data: st.DataObject, state: State) -> None:
    """A preview has the assumed state from the instant on, and the log's own past before it."""
    log = data.draw(logs())
    instant = data.draw(instants_beside(log))

    preview = assumed(log, state, instant)

    assert state_at(preview, instant) is state
    if state is state_at(log, instant):
        assert preview == log
    elif state is not State.UPCOMING:
        assert next_event(preview, instant) is None
        before = instant - timedelta(seconds=1)
        assert event_at(preview, before) == event_at(log, before)


days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(known=st.lists(days, max_size=4), day=days, minutes=st.integers(0, 24 * 60 - 1))
@quick
def test_the_next_registration_period(known: list[date], day: date, minutes: int) -> None:
    """The next period is the first whose day begins, in Dutch time, after the instant. A day that has begun is past."""
    instant = at(f"{day} 12:00") + timedelta(minutes=minutes - 12 * 60)
    periods = tuple(
        RegistrationPeriod(begins=begins, certainty="confirmed", source="bulletin") for begins in known
    )
    later = sorted(begins for begins in known if at(f"{begins} 00:00") > instant)

    found = next_registration_periods(periods, instant, AMSTERDAM)

    assert [period.begins for period in found] == later[:1]


@given(st.data())
@quick
def test_an_end_that_lies_too_far_ahead(data: st.DataObject) -> None:
    """An end is doubtful if and only if the link is shown, now or at a later event, for more than 400 days until it."""
    log = data.draw(logs())
    instant = data.draw(instants_beside(log))
    moments = [instant, *(event.starts for event in log if event.starts > instant)]
    spans = [
        (moment, next_event(log, moment)) for moment in moments if state_at(log, moment) in STATES_WITH_LINK
    ]
    far = [end for moment, end in spans if end and end.starts - moment > timedelta(days=400)]

    assert doubtful_end(log, instant) is (far[0] if far else None)


def test_the_limit_of_an_end() -> None:
    """An event that hides the link may be at most 400 days after now, or 400 days after a scheduled opening."""
    log = (Event(State.OPEN, at("2026-01-01 00:00")), Event(State.SUSPENDED, at("2027-06-01 00:00")))
    limit = log[1].starts - FARTHEST_END

    assert doubtful_end(log, limit) is None
    assert doubtful_end(log, limit - timedelta(seconds=1)) is log[1]
    assert doubtful_end(log, at("2025-12-31 00:00")) is log[1]
    assert doubtful_end(log[:1], limit) is None
    # Long before an opening, the 400 days count from the opening.
    near = (log[0], replace(log[1], starts=log[0].starts + FARTHEST_END))
    assert doubtful_end(near, log[0].starts - FARTHEST_END) is None
