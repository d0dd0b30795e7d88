"""Decides whether a programme's link is shown, finds doubtful ends of a state with a link, and the next change of the pages.

Only `LinkShown` contains addresses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from site_src.quota.log import Event, Log, next_event, state_at
from site_src.states import STATES_WITH_LINK

if TYPE_CHECKING:
    from site_src.read.input_keys import Programme

# A year and a month. There is one registration period a year, so an event further ahead probably has a wrong year.
FARTHEST_END = timedelta(days=400)
# "The quota is reached" is a fact, so only a difference between clocks or time zones can put it in the future.
FARTHEST_FACT = timedelta(days=1)


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


def next_change(logs: Mapping[str, Log], zone: ZoneInfo, after: datetime) -> datetime:
    """Returns the first instant after `after` (aware) at which the pages may change although no event is added.

    This is the next event of any log or the next midnight in `zone`, when a registration period may begin.
    """
    tomorrow = after.astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, datetime.min.time(), zone).astimezone(UTC)
    events = (next_event(log, after) for log in logs.values())
    return min([midnight, *(event.starts for event in events if event)])
