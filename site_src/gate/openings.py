"""Which moments the notice of an upcoming programme must name in its heading, worked out from the inputs alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from site_src.convert.markup import letters
from site_src.quota.log import Log
from site_src.read.labels import Labels
from site_src.read.schema import Programme
from site_src.states import State


@dataclass(frozen=True, slots=True)
class Heading:
    """What a notice's heading begins and ends with, in letters, and the moments or days between, as `<time datetime>` has them.

    Without a moment, `start` is all of it.
    """

    start: str
    end: str = ""
    moments: tuple[datetime, ...] = ()

    def matches(self, text: str, moments: tuple[datetime | None, ...]) -> bool:
        """True when a heading with that text (in letters) and those moments says what it must."""
        if moments != self.moments:
            return False
        between = (
            text.startswith(self.start) and text.endswith(self.end) and len(text) > len(self.start + self.end)
        )
        return between if self.moments else text == self.start


def upcoming_heading(
    labels: Labels, programme: Programme, log: Log, instant: datetime, zone: ZoneInfo, title: str
) -> Heading:
    """The heading while no event has taken effect: the first scheduled opening, else the days that may be it, else `title`."""
    shown = (State.OPEN, State.PLACES_AVAILABLE)
    opening = next((event.starts for event in log if event.state in shown), None)
    today = instant.astimezone(zone).date()
    periods = sorted(
        (period.begins, period.certainty)
        for period in programme.registration_periods
        if period.begins > today
    )
    if opening:
        label, moments = labels.opens_at, (opening,)
    elif periods:
        day, certainty = periods[0]
        count = 1
        while certainty == "expected" and periods[count:] and periods[count][1] == certainty:
            if periods[count][0].year != day.year:
                break
            count += 1
        label = labels.opens_expected if certainty == "expected" else labels.opens_at
        moments = tuple(datetime.fromisoformat(begins.isoformat()) for begins, _ in periods[:count])
    else:
        return Heading(letters(title))
    start, _, end = label.partition("{when}")
    return Heading(letters(start), letters(end), moments)
