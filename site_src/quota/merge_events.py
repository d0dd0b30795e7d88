"""Merges two versions of one programme's log: decides which event wins if both sides changed the same moment.

Pure: reads no clock and no file. A moment identifies an event. With a base, each side's additions, changes and
deletions count; without a base, no event counts as deleted. If both sides changed the state of a moment, the link is
hidden then, unless both show it, or the side that shows it knew the event with which the other side hides it. The log
is append-only, so a past event that hides the link stays even if one side lacks it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from site_src.quota.log import Event, Log, corrects, event_at, may_follow
from site_src.states import STATES_WITH_LINK


class EventsConflict(Exception):
    """Raised for two events of the same moment if neither can be preferred: `ours` and `theirs`."""

    def __init__(self, ours: Event, theirs: Event) -> None:
        super().__init__(ours, theirs)
        self.ours, self.theirs = ours, theirs


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An event that is not in the merged log.

    The event repeats the state of `repeats`, or, if `repeats` is None, a side hides the link then.
    """

    event: Event
    repeats: Event | None = None


@dataclass(frozen=True, slots=True)
class MergedLog:
    """The merged log, and what was lost.

    These are the events of either side that are not in the merged log although they were not deleted, and the events
    that have lost `mistake` because they correct nothing in it.
    """

    log: Log
    left_out: tuple[LeftOut, ...] = ()
    unmarked: Log = ()


def merge_logs(base: Log | None, ours: Log, theirs: Log, now: datetime) -> MergedLog:
    """Merges the logs, in order of time and with allowed steps only. `base` is None if no common version is known.

    Raises EventsConflict.
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
    """Returns the event of one moment; None if it was deleted."""
    if theirs in (ours, base):
        event = ours
    elif ours == base:
        event = theirs
    elif (
        ours is None or theirs is None
    ):  # changed on one side, deleted on the other: the side that hides the link wins
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
    """Returns the first event that may not follow the one before it. Each side added its event without knowing the other's."""
    return next(
        (LeftOut(after, before) for before, after in pairwise(events) if not may_follow(before, after)), None
    )


def _find_doubtful(events: Log, base: Log | None, ours: Log, theirs: Log, now: datetime) -> LeftOut | None:
    """Returns an event that shows the link at a moment, from `now` on, at which a side has hidden it."""
    for moment in _list_moments(now, events, ours, theirs):
        event = event_at(events, moment)
        if event is None or _hides(event):
            continue
        sides = [event_at(log, moment) for log in (ours, theirs)]
        if base is not None:
            # A side does not count if it has not changed the state of this moment, or if the other side already had its
            # event when it added a later one.
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
    """Yields `now` and each later moment at which a state begins, in order."""
    yield from sorted({now, *(event.starts for log in logs for event in log if event.starts > now)})


def _list_known(log: Log, event: Event) -> list[object]:
    """Returns the events of the log before `event`; nothing if the log lacks `event`."""
    is_there = _identify(event) in map(_identify, log)
    return [_identify(before) for before in log if is_there and before.starts < event.starts]


def _identify(event: Event | None) -> object:
    return event and (event.state, event.starts)


def _hides(event: Event) -> bool:
    return event.state not in STATES_WITH_LINK
