"""Merges two versions of one programme's log, and decides which event wins if both sides have changed the same moment.

An event is identified by its moment. With a base, the additions, changes and deletions of each side count; without a base,
no event counts as deleted. If both sides have changed the state and only one shows the link, the merged log hides it, unless
the side that shows the link knew the event with which the other side hides it. A past event that hides the link stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from site_src.quota.log import Event, Log, corrects, event_at, may_follow
from site_src.states import STATES_WITH_LINK


class EventsConflict(Exception):
    """Raised if `ours` and `theirs` start at the same moment and no rule decides between them."""

    def __init__(self, ours: Event, theirs: Event) -> None:
        super().__init__(ours, theirs)
        self.ours, self.theirs = ours, theirs


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An event that was left out, because it may not follow `repeats`, or because it shows the link while one side hides it."""

    event: Event
    repeats: Event | None = None


@dataclass(frozen=True, slots=True)
class MergedLog:
    """The merged log, and what it lost.

    `left_out` contains the events that nobody deleted but that are not in the merged log. `unmarked` contains the events
    that have lost `mistake`, because they correct no closing in the merged log.
    """

    log: Log
    left_out: tuple[LeftOut, ...] = ()
    unmarked: Log = ()


def merge_logs(base: Log | None, ours: Log, theirs: Log, now: datetime) -> MergedLog:
    """Merges two logs. The result is in order of time and has only allowed steps.

    `base` is the common earlier log, or None if it is not known. Events up to `now` are past. Raises EventsConflict.
    """
    known, own, other = ({event.starts: event for event in log} for log in (base or (), ours, theirs))
    chosen = (
        _choose(known.get(moment), own.get(moment), other.get(moment), now)
        for moment in sorted(known.keys() | own.keys() | other.keys())
    )
    events, left_out = [event for event in chosen if event], []
    while found := _find_repeat(events) or _find_doubtful(tuple(events), base, ours, theirs, now):
        events.remove(found.event)
        left_out.append(found)
    if not events:
        raise EventsConflict(ours[-1], theirs[-1])
    unmarked = {
        number: replace(event, mistake=False)
        for number, event in enumerate(events)
        if event.mistake and not corrects(events[max(number - 2, 0) : number], event)
    }
    log = tuple(unmarked.get(number, event) for number, event in enumerate(events))
    return MergedLog(log, tuple(left_out), tuple(unmarked.values()))


def _choose(base: Event | None, ours: Event | None, theirs: Event | None, now: datetime) -> Event | None:
    """Returns the merged event of one moment, or None if it was deleted."""
    if theirs in (ours, base):
        event = ours
    elif ours == base:
        event = theirs
    elif ours is None or theirs is None:
        # One side changed the event, the other deleted it. The event stays only if it hides the link.
        remaining = ours or theirs
        event = remaining if remaining and _hides(remaining) else None
    else:
        event = _choose_version(ours, theirs)
    is_kept = event is None and (ours or theirs) and base and base.starts <= now and _hides(base)
    return base if is_kept else event


def _choose_version(ours: Event, theirs: Event) -> Event:
    if (ours.state, ours.places) == (theirs.state, theirs.places):
        return ours  # they differ in `by` or `note`
    if _hides(ours) != _hides(theirs):
        return ours if _hides(ours) else theirs
    raise EventsConflict(ours, theirs)


def _find_repeat(events: list[Event]) -> LeftOut | None:
    """Returns the first event that may not follow the event before it, or None. Neither side knew the other's events."""
    return next(
        (LeftOut(after, before) for before, after in pairwise(events) if not may_follow(before, after)), None
    )


def _find_doubtful(events: Log, base: Log | None, ours: Log, theirs: Log, now: datetime) -> LeftOut | None:
    """Returns the first event, from `now` on, that shows the link at a moment at which a side has hidden it, or None."""
    for moment in _list_moments(now, events, ours, theirs):
        event = event_at(events, moment)
        if event is None or _hides(event):
            continue
        sides = [event_at(log, moment) for log in (ours, theirs)]
        if base is not None:
            # A side does not count if its event at this moment is the base's, or if the other side knew its event when it
            # added a later one.
            before = _identify(event_at(base, moment))
            known = (_list_known(theirs, event), _list_known(ours, event))
            sides = [
                side
                for side, others in zip(sides, known, strict=True)
                if _identify(side) not in (before, *others)
            ] or sides
        if any(side is None or _hides(side) for side in sides):
            return LeftOut(event)
    return None


def _list_moments(now: datetime, *logs: Log) -> Iterator[datetime]:
    """Yields `now` and each later moment at which an event starts, in order."""
    yield from sorted({now, *(event.starts for log in logs for event in log if event.starts > now)})


def _list_known(log: Log, event: Event) -> list[object]:
    """Returns the state and moment of each event before `event`; empty if the log does not contain `event`."""
    is_there = _identify(event) in map(_identify, log)
    return [_identify(before) for before in log if is_there and before.starts < event.starts]


def _identify(event: Event | None) -> object:
    return event and (event.state, event.starts)


def _hides(event: Event) -> bool:
    return event.state not in STATES_WITH_LINK
