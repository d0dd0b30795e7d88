"""The quota log: how `quota_state.yaml` is read, and the state it gives at an instant.

A log is an append-only list of events per programme. The functions at the end are pure: the same log
and instant give the same answer, and nothing here reads a clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from site_src.instants import parse_instant
from site_src.problems import Problem, did_you_mean
from site_src.read.records import Record, name_location, validate
from site_src.read.tree import read_source
from site_src.read.yaml import Document, Location, parse_yaml
from site_src.states import ALLOWED_STEPS, State, nearest_state

STATE_FILE = "quota_state.yaml"


def _known_word(value: object) -> object:
    if isinstance(value, str) and value not in ALLOWED_STEPS:
        raise ValueError(f'"{value}" is not known.{nearest_state(value, ALLOWED_STEPS)}')
    return value


class _Entry(Record):
    """One event as written in the file."""

    state: Annotated[
        Literal["open", "quota_reached", "places_available", "suspended"], BeforeValidator(_known_word)
    ]
    moment: str = Field(alias="from")
    places: int | None = Field(default=None, gt=0)
    by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """From `starts` (aware, UTC) on, the programme is in `state`. `by` and `note` are never published."""

    state: State
    starts: datetime
    places: int | None = None
    by: str | None = None
    note: str | None = None
    line: int = field(default=0, compare=False)  # the line of its `from`


Log = tuple[Event, ...]


def read_quota_logs(
    root: Path, programmes: frozenset[str], zone: ZoneInfo, problems: list[Problem]
) -> dict[str, Log] | None:
    """The log of each programme from `quota_state.yaml`, events rising; None, and problems, if anything is wrong.

    Local times are in `zone`. `programmes` are the ids that the file must have, each once, and no others.
    """
    text = read_source(root, STATE_FILE, problems)
    return None if text is None else parse_quota_logs(text, programmes, zone, problems)


def parse_quota_logs(
    text: str, programmes: frozenset[str], zone: ZoneInfo, problems: list[Problem]
) -> dict[str, Log] | None:
    """`read_quota_logs` for the file's text."""
    document = parse_yaml(text, STATE_FILE, problems)
    if document is None:
        return None
    found = [_refuse_flow(document, at) for at in document.flow]
    if not isinstance(document.value, dict) or () in document.flow:
        message = 'must have a line "programme:" for each programme, with its events below.'
        problems.extend(found or [Problem(STATE_FILE, 1, message, "quota-programme")])
        return None
    for unknown in sorted(document.value.keys() - programmes):
        found.append(
            Problem(
                STATE_FILE,
                document.line_of((unknown,)),
                f"{unknown}: is not a programme.{did_you_mean(unknown, programmes)}",
                "quota-programme",
            )
        )
    for missing in sorted(programmes - document.value.keys()):
        found.append(
            Problem(
                STATE_FILE,
                1,
                f'{missing}: is missing. Add "{missing}:" with an event; where no date is known yet, "state: suspended".',
                "quota-programme",
            )
        )
    in_flow = {at[0] for at in document.flow}
    logs = {name: _log(document, name, zone, found) for name in document.value if name not in in_flow}
    problems.extend(found)
    return None if found else logs


def _refuse_flow(document: Document, at: Location) -> Problem:
    """The problem of a part in flow style, where one `#` or one lost bracket could take whole events away."""
    part = document.value
    for step in at:
        part = part[step]
    brackets = "[…]" if isinstance(part, tuple) else "{…}"
    message = f'is in flow style ("{brackets}"). Write each key on a line of its own: "- state: suspended", and below it "from: 2026-04-01 00:00".'
    return Problem(STATE_FILE, document.line_of(at), name_location(at) + message, "quota-flow")


def _log(document: Document, programme: str, zone: ZoneInfo, problems: list[Problem]) -> Log:
    entries = document.value[programme]
    if not isinstance(entries, tuple) or not entries:
        problems.append(
            Problem(
                STATE_FILE,
                document.line_of((programme,)),
                f'{programme}: must be a list with at least one event: "- state: suspended" and "from: …".',
                "quota-event",
            )
        )
        return ()
    events = [_event(document, (programme, number), zone, problems) for number in range(len(entries))]
    for number, (before, after) in enumerate(pairwise(events), start=1):
        # A step from or to an event with a problem of its own cannot be judged.
        if before and after:
            _check_step(document, (programme, number), before, after, problems)
    return tuple(filter(None, events))


def _event(document: Document, at: tuple[str, int], zone: ZoneInfo, problems: list[Problem]) -> Event | None:
    entry = validate(_Entry, document, problems, at)
    if entry is None:
        return None

    def refuse(key: str, message: str) -> None:
        problems.append(
            Problem(
                STATE_FILE,
                document.line_of((*at, key)),
                f"{at[0]}[{at[1] + 1}].{key}: {message}",
                "quota-event",
            )
        )

    if entry.places is not None and State(entry.state) is not State.PLACES_AVAILABLE:
        refuse(
            "places", f'goes only with "state: places_available", not with "{entry.state}". Delete this line.'
        )
    try:
        starts = parse_instant(entry.moment, zone)
    except ValueError as error:
        refuse("from", str(error))
        return None
    return Event(
        State(entry.state), starts, entry.places, entry.by, entry.note, document.line_of((*at, "from"))
    )


def _check_step(
    document: Document, at: tuple[str, int], before: Event, after: Event, problems: list[Problem]
) -> None:
    where = f"{at[0]}[{at[1] + 1}]"
    if after.starts <= before.starts:
        problems.append(
            Problem(
                STATE_FILE,
                after.line,
                f"{where}.from: must be later than the event above it (line {before.line}). Events stand in order of time: put this one above it, or check the dates.",
                "quota-order",
            )
        )
    if after.state not in ALLOWED_STEPS[before.state]:
        allowed = " or ".join(sorted(ALLOWED_STEPS[before.state]))
        reason = "is the state already" if after.state == before.state else f"cannot follow {before.state}"
        problems.append(
            Problem(
                STATE_FILE,
                document.line_of((*at, "state")),
                f"{where}.state: {after.state} {reason}. After {before.state} comes {allowed}.",
                "quota-step",
            )
        )


def event_at(log: Log, instant: datetime) -> Event | None:
    """The event in force at `instant`: the last one that does not start after it; None before the first one."""
    return next((event for event in reversed(log) if event.starts <= instant), None)


def state_at(log: Log, instant: datetime) -> State:
    """The programme's state at `instant`; `upcoming` before its first event."""
    event = event_at(log, instant)
    return event.state if event else State.UPCOMING


def next_event(log: Log, instant: datetime) -> Event | None:
    """The next scheduled change: the first event that starts after `instant`, if there is one."""
    return next((event for event in log if event.starts > instant), None)


def assumed(log: Log, state: State, instant: datetime) -> Log:
    """The log as if `state` began at `instant`: for previews, never for publishing."""
    if state == state_at(log, instant):
        return log
    past = tuple(event for event in log if event.starts < instant)
    return () if state is State.UPCOMING else (*past, Event(state, instant))
