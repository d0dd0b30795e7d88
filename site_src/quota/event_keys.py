"""Reads `quota_state.yaml`: defines the keys of an event (`from`, `state`, `places`, `by`, `note`, `mistake`,
`placeholder`), and parses each programme's log.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from site_src.instants import parse_instant
from site_src.problems import Problem, Report, did_you_mean
from site_src.quota.log import Event, Log, corrects, may_follow
from site_src.read.reader import Reader
from site_src.read.records import Record, name_location, validate
from site_src.read.tree import STATE_FILE
from site_src.read.yaml import Document, parse_yaml
from site_src.read.yaml_builder import Location
from site_src.states import ALLOWED_STEPS, State, nearest_state


def _known_word(value: object) -> object:
    if isinstance(value, str) and value not in ALLOWED_STEPS:
        raise ValueError(f'"{value}" is not known.{nearest_state(value, ALLOWED_STEPS)}')
    return value


class Entry(Record):
    """An event as it is written in the file."""

    state: Annotated[
        Literal["open", "quota_reached", "places_available", "suspended"], BeforeValidator(_known_word)
    ] = Field(description="The state from this moment on.")
    moment: str = Field(
        alias="from",
        title="moment, as 2027-04-01 11:42",
        description="When the state begins, in the site's time zone unless an offset follows. Seconds are optional.",
    )
    places: int | None = Field(
        None, gt=0, description="The number of places, only with `places_available`. Published."
    )
    mistake: bool = Field(
        False,
        description="`true` only on an event that corrects a wrong closing: pages say that the closing was a mistake.",
    )
    by: str | None = Field(None, description="Who reported it. Never published.")
    note: str | None = Field(None, description="Why. Never published.")
    placeholder: bool = Field(
        False,
        description="`true` until somebody has confirmed the event. Meanwhile, `check` reports it. Never published.",
    )


def read_quota_logs(reader: Reader, programmes: frozenset[str], zone: ZoneInfo) -> dict[str, Log] | None:
    """Returns the log of each programme in `quota_state.yaml`, in order of time.

    If the file has a mistake, returns None and adds the problems to the reader's report. Times without an offset are
    local times in `zone`. The file must contain each id in `programmes` once, and no other.
    """
    text = reader.read_text(STATE_FILE)
    return None if text is None else parse_quota_logs(text, programmes, zone, reader.report)


def parse_quota_logs(
    text: str, programmes: frozenset[str], zone: ZoneInfo, report: Report
) -> dict[str, Log] | None:
    """Parses the text of `quota_state.yaml` as `read_quota_logs` does, and adds the problems to `report`."""
    document = parse_yaml(text, STATE_FILE, report)
    if document is None:
        return None
    flow = [_refuse_flow(document, at) for at in document.flow]
    if not isinstance(document.value, dict) or () in document.flow:
        message = 'must have a line "programme:" for each programme, with its events below.'
        report.add(*(flow or [Problem(STATE_FILE, 1, message, "quota-programme")]))
        return None
    own = Report()
    own.add(*flow)
    for unknown in sorted(document.value.keys() - programmes):
        message = f"{unknown}: is not a programme.{did_you_mean(unknown, programmes)}"
        own.add(document.problem((unknown,), "quota-programme", message))
    for missing in sorted(programmes - document.value.keys()):
        message = f'{missing}: is missing. Add "{missing}:" with an event; if no date is known yet, "state: suspended".'
        own.error(STATE_FILE, 1, "quota-programme", message)
    in_flow = {at[0] for at in document.flow}
    logs = {name: _read_log(document, name, zone, own) for name in document.value if name not in in_flow}
    report.add(*own.problems)
    return None if own.problems else logs


def _refuse_flow(document: Document, at: Location) -> Problem:
    """Returns the problem about a part in flow style.

    Flow style is refused, because a `#` or a missing bracket in it can remove whole events.
    """
    part = document.value
    for step in at:
        part = part[step]
    brackets = "[…]" if isinstance(part, tuple) else "{…}"
    message = f'is in flow style ("{brackets}"). Write each key on a line of its own: "- state: suspended", and below it "from: 2026-04-01 00:00".'
    return document.problem(at, "quota-flow", name_location(at) + message)


def _read_log(document: Document, programme: str, zone: ZoneInfo, report: Report) -> Log:
    entries = document.value[programme]
    if not isinstance(entries, tuple) or not entries:
        message = f'{programme}: must be a list with at least one event: "- state: suspended" and "from: …".'
        report.add(document.problem((programme,), "quota-event", message))
        return ()
    events = [_read_event(document, (programme, number), zone, report) for number in range(len(entries))]
    for number, (before, after) in enumerate(pairwise(events), start=1):
        # The steps to and from an event with a problem cannot be checked.
        if before and after:
            report.add(*_check_step(document, (programme, number), before, after))
    for number, event in enumerate(events):
        if event and event.mistake and not corrects(events[max(number - 2, 0) : number], event):
            message = f'{programme}[{number + 1}].mistake: is allowed only on an event that corrects a wrong closing: the event above it must hide the link, and the event above that must have the state "{event.state}". Delete this line.'
            report.add(document.problem((programme, number, "mistake"), "quota-event", message))
    return tuple(filter(None, events))


def _read_event(document: Document, at: tuple[str, int], zone: ZoneInfo, report: Report) -> Event | None:
    entry = validate(Entry, document, report, at)
    if entry is None:
        return None

    def refuse(key: str, message: str) -> None:
        report.add(document.problem((*at, key), "quota-event", f"{at[0]}[{at[1] + 1}].{key}: {message}"))

    if entry.places is not None and State(entry.state) is not State.PLACES_AVAILABLE:
        refuse(
            "places",
            f'is allowed only with "state: places_available", not with "{entry.state}". Delete this line.',
        )
    try:
        starts = parse_instant(entry.moment, zone)
    except ValueError as error:
        refuse("from", str(error))
        return None
    return Event(
        State(entry.state),
        starts,
        entry.places,
        entry.by,
        entry.note,
        entry.mistake,
        entry.placeholder,
        document.line_of((*at, "from")),
    )


def _check_step(document: Document, at: tuple[str, int], before: Event, after: Event) -> Iterator[Problem]:
    where = f"{at[0]}[{at[1] + 1}]"
    if after.starts <= before.starts:
        message = (
            f"{where}.from: must be later than the event above it (line {before.line}). "
            "Sort the events by time, or check the dates."
        )
        yield Problem(STATE_FILE, after.line, message, "quota-order")
    if not may_follow(before, after):
        allowed = " or ".join(sorted(ALLOWED_STEPS[before.state]))
        another = ", with the same places" if after.state is State.PLACES_AVAILABLE else ""
        reason = (
            f"is already the state{another}"
            if after.state == before.state
            else f"cannot follow {before.state}"
        )
        message = f"{where}.state: {after.state} {reason}. Only {allowed} can follow {before.state}."
        yield document.problem((*at, "state"), "quota-step", message)
