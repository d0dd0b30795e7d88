"""Computes the timeline of the status page: where each state of each programme begins and ends on one time axis.

The timeline depends only on the changes, never on the instant. The current state of each programme extends to the right
edge, so the page changes only when a state changes. Because periods may last minutes or years, the axis gives each period a
minimum width, and divides the rest of the width by time. The order of all changes stays correct, and the page explains this.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from site_src.quota.status import ProgrammeStatus, PublicChange
from site_src.render.year_archives import RECENT
from site_src.states import State

# In percent of the width. The number of a year takes less than an eighth of the narrowest screen.
_LAST_CHANGE = 88.0
_LEAST_WIDTH = 3.0
_YEAR = 13.0


@dataclass(frozen=True, slots=True)
class Period:
    """A state and its part of the axis, in percent of the width."""

    state: State
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Lane:
    """The periods of a programme, the oldest first. There are none before the programme's first change."""

    programme: str
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """A vertical line through all lanes. `day` is the day of the first or last change, and is printed below the line.

    `year` is a year that begins at the line, and is printed on a separate row. It is None if another year leaves no room
    for it.
    """

    left: float
    day: date | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole timeline. `states` contains the states that occur, for the legend. If there is no change, there are no lanes.

    The first and the last tick have days, and may be the same tick.
    """

    lanes: tuple[Lane, ...]
    ticks: tuple[Tick, ...]
    states: tuple[State, ...]


def timeline(programmes: Iterable[ProgrammeStatus], zone: ZoneInfo) -> Timeline:
    """Returns the timeline of the programmes' recent changes. The days of the labels are in `zone`."""
    programmes = tuple(programmes)
    recent = {status.id: status.lasting_changes[:RECENT] for status in programmes}
    moments = sorted({change.since for changes in recent.values() for change in changes})
    if not moments:
        return Timeline((), (), ())
    place = _axis(moments)
    lanes = tuple(Lane(id, _periods(changes, place)) for id, changes in recent.items())
    states = {period.state for lane in lanes for period in lane.periods}
    return Timeline(lanes, _ticks(moments, place, zone), tuple(state for state in State if state in states))


def _axis(moments: Sequence[datetime]) -> Callable[[datetime], float]:
    """Returns a function that maps a moment between the first and the last change to its place on the axis, in percent."""
    gaps = len(moments) - 1
    if not gaps:
        return lambda _: 0.0
    least = min(_LEAST_WIDTH, _LAST_CHANGE / 2 / gaps)
    per_second = (_LAST_CHANGE - gaps * least) / (moments[-1] - moments[0]).total_seconds()
    places = [0.0]
    for before, after in pairwise(moments):
        places.append(places[-1] + least + per_second * (after - before).total_seconds())

    def place(moment: datetime) -> float:
        number = bisect_right(moments, moment) - 1
        if moment == moments[number]:
            return round(places[number], 2)
        share = (moment - moments[number]) / (moments[number + 1] - moments[number])
        return round(places[number] + share * (places[number + 1] - places[number]), 2)

    return place


def _periods(newest: Sequence[PublicChange], place: Callable[[datetime], float]) -> tuple[Period, ...]:
    changes = tuple(reversed(newest))
    edges = [*(place(change.since) for change in changes), 100.0]
    return tuple(
        Period(change.state, left, round(right - left, 2))
        for change, (left, right) in zip(changes, pairwise(edges), strict=True)
    )


def _ticks(
    moments: Sequence[datetime], place: Callable[[datetime], float], zone: ZoneInfo
) -> tuple[Tick, ...]:
    """Returns the ticks of the first change, each new year, and the last change."""
    first, last = moments[0].astimezone(zone), moments[-1].astimezone(zone)
    ticks = [Tick(place(moments[0]), day=first.date())]
    turns = [datetime(year, 1, 1, tzinfo=zone) for year in range(first.year + 1, last.year + 1)]
    free_from = _YEAR / 2
    for turn in turns:
        if not first < turn < last:
            continue
        left = place(turn)
        labelled = left >= free_from
        free_from = left + _YEAR if labelled else free_from
        ticks.append(Tick(left, year=turn.year if labelled else None))
    if last.date() != first.date():
        ticks.append(Tick(place(moments[-1]), day=last.date()))
    return tuple(ticks)
