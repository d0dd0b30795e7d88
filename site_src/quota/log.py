"""The quota log as values: `Event`, which event may follow another, and the state at an instant.

A log is an append-only list of events of a programme. The functions are pure: the same log and instant give the same
result, and none reads a clock. `event_keys` reads the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from site_src.states import ALLOWED_STEPS, STATES_WITH_LINK, State


@dataclass(frozen=True, slots=True)
class Event:
    """The programme is in `state` from `starts` (aware, UTC) on. `by`, `note` and `placeholder` are never published.

    With `mistake`, the event before this one was a closing by mistake, and this one restores the state before the
    closing. `placeholder` is True until the event is confirmed.
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
    """Returns True if `after` may follow `before`: an allowed step, or another number of places in the same state."""
    if before.state is after.state is State.PLACES_AVAILABLE:
        return after.places not in (before.places, None)
    return after.state in ALLOWED_STEPS[before.state]


def corrects(above: Sequence[Event | None], event: Event) -> bool:
    """Returns True if `above` is a shown link and a closing, and `event` shows the link again in the same state."""
    shown, closing = above if len(above) == 2 else (None, None)
    return (
        shown is not None
        and closing is not None
        and closing.state not in STATES_WITH_LINK
        and event.state is shown.state in STATES_WITH_LINK
    )


def event_at(log: Log, instant: datetime) -> Event | None:
    """Returns the event in force at `instant`, the last one that has started by then; None before the first event."""
    return next((event for event in reversed(log) if event.starts <= instant), None)


def state_at(log: Log, instant: datetime) -> State:
    """Returns the programme's state at `instant`; `upcoming` before its first event."""
    event = event_at(log, instant)
    return event.state if event else State.UPCOMING


def next_event(log: Log, instant: datetime) -> Event | None:
    """Returns the next scheduled change, the first event that starts after `instant`; None if there is none."""
    return next((event for event in log if event.starts > instant), None)


def assumed(log: Log, state: State, instant: datetime) -> Log:
    """Returns the log as if `state` began at `instant`. Only previews and rehearsals use it."""
    if state == state_at(log, instant):
        return log
    past = tuple(event for event in log if event.starts < instant)
    return () if state is State.UPCOMING else (*past, Event(state, instant))
