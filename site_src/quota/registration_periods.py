"""Selects the registration periods that follow an instant."""

from __future__ import annotations

from datetime import date, datetime
from itertools import takewhile
from operator import attrgetter
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo


class Period(Protocol):
    """A registration period."""

    @property
    def begins(self) -> date:
        """Returns the day on which the period begins."""

    @property
    def certainty(self) -> str:
        """Returns "expected" or "confirmed"."""


_Period = TypeVar("_Period", bound=Period)


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
