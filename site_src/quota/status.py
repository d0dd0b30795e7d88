"""Collects all that is published about a programme at an instant (`ProgrammeStatus`).

Later stages get a `ProgrammeStatus`, never the programme's file, so a template cannot print the address of a closed
programme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from site_src.quota.decision import LinkHidden, LinkShown, decide
from site_src.quota.log import Event, Log, event_at, state_at
from site_src.quota.registration_periods import next_registration_periods
from site_src.states import STATES_WITH_LINK, State

if TYPE_CHECKING:
    from site_src.read.input_keys import Fact, Programme, RegistrationPeriod


@dataclass(frozen=True, slots=True)
class PublicChange:
    """The public part of an event. `corrected` is when a closing by mistake was corrected; None for any other event."""

    state: State
    since: datetime
    places: int | None
    corrected: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeStatus:
    """All that may be published about a programme at an instant. `changes` contains the past events, the newest first.

    `openings` contains the events, past and scheduled, at which a hidden link appears. `opens` is when the next one
    starts; it is None while the link is shown. Periods are in order of time; `next_registration_periods` is the result of
    the function with that name. `announced_periods` is the same tuple, or empty if one of these periods begins on the day
    of `opens`, so that pages do not announce one moment twice.
    """

    id: str
    scheme: str
    names: Mapping[str, str]
    time_zone: str
    time_zone_names: Mapping[str, str]
    facts: Mapping[str, Fact]
    state: State
    since: datetime | None
    places: int | None
    changes: tuple[PublicChange, ...]
    openings: tuple[PublicChange, ...]
    opens: datetime | None
    registration_periods: tuple[RegistrationPeriod, ...]
    next_registration_periods: tuple[RegistrationPeriod, ...]
    announced_periods: tuple[RegistrationPeriod, ...]
    link: LinkShown | LinkHidden

    @property
    def lasting_changes(self) -> tuple[PublicChange, ...]:
        """Returns `changes` without the closings by mistake and the events that corrected them."""
        corrections = {change.corrected for change in self.changes}
        return tuple(
            change for change in self.changes if change.corrected is None and change.since not in corrections
        )

    @property
    def ended_periods(self) -> tuple[tuple[datetime, datetime], ...]:
        """Returns when the link appeared and the quota was reached (UTC) in each past period, the newest first."""
        ended, begun = list[tuple[datetime, datetime]](), None
        for change in reversed(self.lasting_changes):
            if change.state in STATES_WITH_LINK:
                begun = begun or change.since
                continue
            if begun and change.state is State.QUOTA_REACHED:
                ended.insert(0, (begun, change.since))
            begun = None
        return tuple(ended)


def programme_status(
    id: str, programme: Programme, languages: tuple[str, ...], log: Log, instant: datetime, zone: ZoneInfo
) -> ProgrammeStatus:
    """Returns the status of the programme at `instant` (aware). Registration periods begin at 00:00 in `zone`."""
    event, openings, changes = event_at(log, instant), _openings(log), _changes(log, instant)
    link = decide(programme, languages, log, instant)
    scheduled = next((opening.starts for opening in openings if opening.starts > instant), None)
    opens = scheduled if isinstance(link, LinkHidden) else None
    periods = next_registration_periods(programme.registration_periods, instant, zone)
    return ProgrammeStatus(
        id=id,
        scheme=programme.scheme,
        names=programme.names,
        time_zone=programme.time_zone,
        time_zone_names=programme.time_zone_names,
        facts=programme.facts,
        state=state_at(log, instant),
        since=event.starts if event else None,
        places=event.places if event else None,
        changes=tuple(changes[past] for past in reversed(log) if past.starts <= instant),
        openings=tuple(changes[opening] for opening in openings),
        opens=opens,
        registration_periods=tuple(sorted(programme.registration_periods, key=attrgetter("begins"))),
        next_registration_periods=periods,
        announced_periods=_announced(periods, opens, zone),
        link=link,
    )


def _announced(
    periods: tuple[RegistrationPeriod, ...], opens: datetime | None, zone: ZoneInfo
) -> tuple[RegistrationPeriod, ...]:
    """Returns the periods, or an empty tuple if one of them begins on the day of the scheduled opening `opens`."""
    is_known = opens and opens.astimezone(zone).date() in {period.begins for period in periods}
    return () if is_known else periods


def _openings(log: Log) -> list[Event]:
    """Returns the events at which a hidden link appears, except corrections of mistakes. Before the first event, the link is hidden."""
    shown = [event.state in STATES_WITH_LINK for event in log]
    return [
        event
        for event, now, before in zip(log, shown, (False, *shown), strict=False)
        if now and not before and not event.mistake
    ]


def _changes(log: Log, instant: datetime) -> dict[Event, PublicChange]:
    """Maps each event to its public part, with the corrections up to `instant`."""
    corrected = {
        wrong: event.starts for wrong, event in pairwise(log) if event.mistake and event.starts <= instant
    }
    return {
        event: PublicChange(event.state, event.starts, event.places, corrected.get(event)) for event in log
    }


def withdraw(status: ProgrammeStatus) -> ProgrammeStatus:
    """Returns the status with the state `unconfirmed`, and without the link, the places and the next opening.

    Pages show it while nothing confirms the state. Past changes and registration periods stay.
    """
    return replace(status, state=State.UNCONFIRMED, since=None, places=None, opens=None, link=LinkHidden())
