"""The moments that the heading of an upcoming programme's notice must name, worked out from the inputs alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from site_src.convert.markup import letters
from site_src.quota.log import Log
from site_src.read.labels import Labels
from site_src.read.schema import Programme
from site_src.states import State


@dataclass(frozen=True, slots=True)
class Heading:
    """The start and end of a notice's heading, in letters, and the moments or days between, as in `<time datetime>`.

    Without a moment, `start` is the whole heading.
    """

    start: str
    end: str = ""
    moments: tuple[datetime, ...] = ()

    def matches(self, text: str, moments: tuple[datetime | None, ...]) -> bool:
        """True if a heading with that text (in letters) and those moments is the expected one."""
        if moments != self.moments:
            return False
        between = (
            text.startswith(self.start) and text.endswith(self.end) and len(text) > len(self.start + self.end)
        )
        return between if self.moments else text == self.start


def upcoming_heading(
    labels: Labels, programme: Programme, log: Log, instant: datetime, zone: ZoneInfo, title: str
) -> Heading:
    """The heading before any event takes effect: the first scheduled opening, else the possible days, else `title`."""
    shown = (State.OPEN, State.PLACES_AVAILABLE)
    opening = next((event.starts for event in log if event.state in shown), None)
    today = instant.astimezone(zone).date()
    periods = sorted(
        (period.begins, period.certainty)
        for period in programme.registration_periods
        if period.begins > today
    )
    moments: tuple[datetime, ...] = (opening,) if opening else ()
    label = labels.opens_at
    if not opening and not periods:
        return Heading(letters(title))
    if not opening:
        day, certainty = periods[0]
        first = len(periods) if certainty == "expected" else 1
        alike = [begins for begins, _ in takewhile(lambda period: period[1] == certainty, periods[:first])]
        days = takewhile(lambda begins: begins.year == day.year, alike)
        moments = tuple(datetime.fromisoformat(begins.isoformat()) for begins in days)
        label = labels.opens_expected if certainty == "expected" else label
    start, _, end = label.partition("{when}")
    return Heading(letters(start), letters(end), moments)
