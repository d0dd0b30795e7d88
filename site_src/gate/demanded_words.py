"""The words that the gate demands on a page in each state: titles, labels, notices, and the heading before the first opening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import fill, letters, letters_of_html
from site_src.quota.log import Log
from site_src.read.input_keys import Programme
from site_src.read.labels import Labels
from site_src.states import State


class Wording:
    """The notices and labels of a manuscript, by language and state, with a programme's name and facts filled in.

    Unless a method says "as written", it returns the text in letters (see `markup.letters`).
    """

    def __init__(self, manuscript: Manuscript) -> None:
        self._manuscript = manuscript
        self._content = manuscript.content
        self._settings = manuscript.content.settings

    def labels(self, code: str) -> Labels:
        """Returns the labels of the language, as written."""
        return self._content.labels[code]

    def notice_title(self, code: str, state: State) -> str:
        """Returns the title of the state's notice, as written."""
        return self._content.notices[code, state].meta.title

    def label(self, code: str, state: State) -> str:
        """Returns the short name of the state."""
        return letters(self._content.notices[code, state].meta.label)

    def page_title(self, code: str, state: State, title: str) -> str:
        """Returns the document title of a page with this `title`."""
        return letters(self._content.notices[code, state].meta.label + title + self._settings.title[code])

    def no_link(self, code: str, state: State) -> str:
        """Returns the text that a page shows in place of a hidden link."""
        return letters(self.labels(code).why_no_link.format(notice=self.notice_title(code, state)))

    def programme_state(self, code: str, id: str, state: State) -> str:
        """Returns the line that names the state of a programme."""
        return letters(self.labels(code).programme_state.format(**self._name_and_label(code, id, state)))

    def lane(self, code: str, id: str, state: State) -> str:
        """Returns the name of a programme's lane in the timeline, with its state."""
        return letters(self.labels(code).timeline_lane.format(**self._name_and_label(code, id, state)))

    def notice_body(self, code: str, id: str, state: State) -> str:
        """Returns the label and the text of the state's notice, with the programme's facts filled in."""
        facts = {**self._settings.facts, **self._content.programmes[id].facts}

        def value(word: str) -> str:
            owner, _, name = word.rpartition(".")
            own = self._content.programmes[owner].facts if owner else facts
            return str(own[name].figure)

        source = self._content.notices[code, state]
        text = letters_of_html("".join(fill(self._manuscript.markups[source.path], value, str)))
        return letters(source.meta.label) + text

    def _name_and_label(self, code: str, id: str, state: State) -> dict[str, str]:
        name = self._content.programmes[id].names[code]
        return {"programme": name, "state": self._content.notices[code, state].meta.label}


@dataclass(frozen=True, slots=True)
class Heading:
    """The start and the end of a notice's heading, in letters, and the moments or days between them (from `<time datetime>`).

    If `moments` is empty, `start` is the whole heading.
    """

    start: str
    end: str = ""
    moments: tuple[datetime, ...] = ()

    def matches(self, text: str, moments: tuple[datetime | None, ...]) -> bool:
        """Returns True if a heading with this text (in letters) and these moments is the expected heading."""
        if moments != self.moments:
            return False
        between = (
            text.startswith(self.start) and text.endswith(self.end) and len(text) > len(self.start + self.end)
        )
        return between if self.moments else text == self.start


def upcoming_heading(
    labels: Labels, programme: Programme, log: Log, instant: datetime, zone: ZoneInfo, title: str
) -> Heading:
    """Returns the heading before any event takes effect.

    The heading names the first scheduled opening. If no opening is scheduled, it names the possible days of the next
    period. If no period is known, it is the notice's `title`.
    """
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
