"""Decides whether a programme's link is shown, and what is published about the programme (`ProgrammeStatus`).

Only `LinkShown` contains addresses. Later stages get a `ProgrammeStatus`, never the programme's file, so a template
cannot print the address of a closed programme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol, TypeVar
from zoneinfo import ZoneInfo

from site_src.frozen import dataclass
from site_src.quota.log import Event, Log, event_at, next_event, state_at
from site_src.states import STATES_WITH_LINK, State

if TYPE_CHECKING:
    from site_src.read.input_keys import Fact, Programme, RegistrationPeriod

# A year and a month. There is one registration period a year, so an event further ahead probably has a wrong year.
FARTHEST_END = timedelta(days=400)
# "The quota is reached" is a fact, so only a difference between clocks or time zones can put it in the future.
FARTHEST_FACT = timedelta(days=1)


class Period(Protocol):
    """A registration period."""

    @property
    def begins(self) -> date:
        """Returns the day on which the period begins."""

    @property
    def certainty(self) -> str:
        """Returns "expected" or "confirmed"."""


_Period = TypeVar("_Period", bound=Period)


@dataclass(frozen=True, slots=True)
class LinkShown:
    """The link is shown. `addresses` maps each language of the site to the address of the conversation starter.

    `form_languages` maps each language of the site to the language of the form at that address. This is the default
    language if the programme's file has no address in the reader's language.
    """

    addresses: Mapping[str, str]
    form_languages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LinkHidden:
    """The link is hidden. The class has no fields, so it cannot contain an address."""


@dataclass(frozen=True, slots=True)
class PublicChange:
    """The public part of an event: without `by` and `note`. `since` is its start (UTC).

    `corrected` is when a closing by mistake was corrected; None for any other event.
    """

    state: State
    since: datetime
    places: int | None
    corrected: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeStatus:
    """All that may be published about a programme at an instant. `changes` contains the past events, the newest first.

    `openings` contains the events, past and scheduled, at which a hidden link appears. `opens` is when the next one
    starts; it is None while the link is shown. `registration_periods` contains all known periods in order of time.
    `next_registration_periods` contains the next period and, if its day is only expected, the periods that are expected
    later in the same year. `announced_periods` is the same tuple, or empty if one of these periods begins on the day of
    `opens`, so that pages do not announce one moment twice.
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
        """Returns when each past period began and ended (UTC), the newest first.

        A period begins when the link appears, and ends when the quota is reached.
        """
        ended, begun = list[tuple[datetime, datetime]](), None
        for change in reversed(self.lasting_changes):
            if change.state in STATES_WITH_LINK:
                begun = begun or change.since
                continue
            if begun and change.state is State.QUOTA_REACHED:
                ended.insert(0, (begun, change.since))
            begun = None
        return tuple(ended)


def decide(
    programme: Programme, languages: tuple[str, ...], log: Log, instant: datetime
) -> LinkShown | LinkHidden:
    """Returns `LinkShown` if the log's state at `instant` is in the allow-list, otherwise `LinkHidden`."""
    if state_at(log, instant) not in STATES_WITH_LINK:
        return LinkHidden()
    starter = programme.conversation_starter
    forms = {code: code if code in starter else languages[0] for code in languages}
    return LinkShown({code: starter[form] for code, form in forms.items()}, forms)


def doubtful_end(log: Log, instant: datetime) -> Event | None:
    """Returns the first event that ends a state with a link so late that its date is probably wrong, or None.

    That state lasts more than FARTHEST_END, counted from `instant` if it has begun by then. Without this check, a wrong
    digit in a year would show the link for years. A schedule that is not doubtful today does not become doubtful later.
    """
    for shown, end in pairwise(log):
        distance = end.starts - max(shown.starts, instant)
        if shown.state in STATES_WITH_LINK and distance > FARTHEST_END:
            return end
    return None


def next_registration_periods(
    periods: tuple[_Period, ...], instant: datetime, zone: ZoneInfo
) -> tuple[_Period, ...]:
    """Returns the next period after `instant`, or an empty tuple if none is known. Periods begin at 00:00 in `zone`.

    If the day of this period is only expected, also returns the periods that are expected later in the same year, because
    the period may begin on any of these days.
    """
    today = instant.astimezone(zone).date()
    ahead = sorted((period for period in periods if period.begins > today), key=attrgetter("begins"))
    return tuple(takewhile(lambda period: period is ahead[0] or _may_replace(period, ahead[0]), ahead))


def _may_replace(period: Period, other: Period) -> bool:
    """Returns True if both periods are only expected, and in the same year."""
    return period.certainty == other.certainty == "expected" and period.begins.year == other.begins.year


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


def next_change(logs: Mapping[str, Log], zone: ZoneInfo, after: datetime) -> datetime:
    """Returns the first instant after `after` (aware) at which the pages may change although no event is added.

    This is the next event of any log or the next midnight in `zone`, when a registration period may begin.
    """
    tomorrow = after.astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, datetime.min.time(), zone).astimezone(UTC)
    events = (next_event(log, after) for log in logs.values())
    return min([midnight, *(event.starts for event in events if event)])


def programme_status(
    id: str, programme: Programme, languages: tuple[str, ...], log: Log, instant: datetime, zone: ZoneInfo
) -> ProgrammeStatus:
    """Returns the status of the programme at `instant` (aware). Registration periods begin at 00:00 in `zone`."""
    event, openings = event_at(log, instant), _openings(log)
    link = decide(programme, languages, log, instant)
    scheduled = next((opening.starts for opening in openings if opening.starts > instant), None)
    opens = scheduled if isinstance(link, LinkHidden) else None
    periods = next_registration_periods(programme.registration_periods, instant, zone)
    corrected = {
        wrong: event.starts for wrong, event in pairwise(log) if event.mistake and event.starts <= instant
    }
    changes = {
        event: PublicChange(event.state, event.starts, event.places, corrected.get(event)) for event in log
    }
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


def withdraw(status: ProgrammeStatus) -> ProgrammeStatus:
    """Returns the status with the state `unconfirmed`, and without the link, the places and the next opening.

    Pages show it while nothing confirms the state. Past changes and registration periods stay.
    """
    return replace(status, state=State.UNCONFIRMED, since=None, places=None, opens=None, link=LinkHidden())
