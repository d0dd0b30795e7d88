"""The events of a quota log (`Event`), the allowed steps between them, and the state at an instant.

A log is a programme's append-only list of events. The functions are pure: none reads a clock or a file. `event_keys`
reads the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from site_src.states import ALLOWED_STEPS, STATES_WITH_LINK, State


@dataclass(frozen=True, slots=True)
class Event:
    """An event: the programme is in `state` from `starts` (UTC) on. `by`, `note` and `placeholder` are never published.

    If `mistake` is True, the previous event was a closing by mistake, and this event restores the state before it.
    `placeholder` is True until somebody has confirmed the event.
    """

    state: State
    starts: datetime
    places: int | None = None
    by: str | None = None
    note: str | None = None
    mistake: bool = False
    placeholder: bool = False
    line: int = field(default=0, compare=False)  # the line of its `from`


Log = tuple[Event, ...]


def may_follow(before: Event, after: Event) -> bool:
    """Returns True if `after` may follow `before`: an allowed step, or a new number of places in `places_available`."""
    if before.state is after.state is State.PLACES_AVAILABLE:
        return after.places not in (before.places, None)
    return after.state in ALLOWED_STEPS[before.state]


def corrects(above: Sequence[Event | None], event: Event) -> bool:
    """Returns True if `event` can correct a closing by mistake.

    `above` contains the two events before it. The first must show the link, the second must hide it, and `event` must
    have the state of the first.
    """
    shown, closing = above if len(above) == 2 else (None, None)
    return (
        shown is not None
        and closing is not None
        and closing.state not in STATES_WITH_LINK
        and event.state is shown.state in STATES_WITH_LINK
    )


def event_at(log: Log, instant: datetime) -> Event | None:
    """Returns the last event that has started by `instant`, or None before the first event."""
    return next((event for event in reversed(log) if event.starts <= instant), None)


def state_at(log: Log, instant: datetime) -> State:
    """Returns the programme's state at `instant`; `upcoming` before its first event."""
    event = event_at(log, instant)
    return event.state if event else State.UPCOMING


def next_event(log: Log, instant: datetime) -> Event | None:
    """Returns the first event that starts after `instant`, or None."""
    return next((event for event in log if event.starts > instant), None)


def assumed(log: Log, state: State, instant: datetime) -> Log:
    """Returns the log as it would be if `state` began at `instant`. Only for previews and rehearsals."""
    if state == state_at(log, instant):
        return log
    past = tuple(event for event in log if event.starts < instant)
    return () if state is State.UPCOMING else (*past, Event(state, instant))
