"""Findings of `quota due` about the log: registration periods without an opening, openings on days on which no period begins, coming
changes of texts, and old output.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from site_src.commands.output import pluralize
from site_src.frozen import dataclass
from site_src.instants import local_text
from site_src.quota.log import Event, Log, event_at, state_at
from site_src.read.content import read_content
from site_src.read.in_force import list_coming_changes
from site_src.read.input_keys import RegistrationPeriod
from site_src.read.reader import Reader
from site_src.read.tree import Tree
from site_src.states import STATES_WITH_LINK, State

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
# How long a publisher may take. After that, an output that shows the previous state is a finding.
PUBLISHING = timedelta(seconds=60)
_NOTICE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class DueFinding:
    """Something that needs attention. `programme` is empty if it concerns the host.

    `critical`: visitors see, or may see, a false state, or no link although places are left. `warning`: visitors will see this if
    the operator does nothing. `info`: something could not be checked, or a text will change by itself.
    """

    severity: Severity
    rule: str
    message: str
    programme: str = ""

    def __str__(self) -> str:
        return f"{self.programme}: {self.message}" if self.programme else self.message


@dataclass(frozen=True, slots=True)
class Output:
    """A folder with a built site, and the command that builds it again."""

    site: Path
    command: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """The log of a programme and its registration periods, judged at `now`. Days begin at midnight in `zone`."""

    programme: str
    log: Log
    periods: Sequence[RegistrationPeriod]
    now: datetime
    zone: ZoneInfo

    def find(self) -> Iterator[DueFinding]:
        """Yields a finding if a period that has begun, or begins within a day, has no opening; if an opening is on a day on which no
        period begins; or if no future period is known.
        """
        begun = list(self._find_begun())
        yield from begun
        if self._coming is None:
            message = (
                f"no future registration period is known. Add it to content/programmes/{self.programme}.yaml."
            )
            yield DueFinding("warning", "period-unknown", message, self.programme)
            return
        # An opening that is late for the period that has begun is early for the next period. One finding is enough.
        missed = [] if begun else self._find_missed(self._coming.begins)
        yield from missed or self._find_unscheduled(self._coming)

    @property
    def _today(self) -> date:
        return self._day(self.now)

    @property
    def _coming(self) -> RegistrationPeriod | None:
        """Returns the next period that begins after today."""
        later = (period for period in self.periods if period.begins > self._today)
        return min(later, key=lambda period: period.begins, default=None)

    def _opening(self) -> Event | None:
        """Returns the next scheduled opening."""
        return next(
            (event for event in self.log if event.starts > self.now and event.state is State.OPEN), None
        )

    def _has_another_day(self, period: RegistrationPeriod) -> bool:
        """Returns True if the period is only expected, and the opening is scheduled for the first day of any known period.

        The first days of expected periods are alternatives.
        """
        opening = self._opening()
        days = {known.begins for known in self.periods}
        return period.certainty == "expected" and opening is not None and self._day(opening.starts) in days

    def _find_begun(self) -> Iterator[DueFinding]:
        begun = max(
            (period for period in self.periods if period.begins <= self._today),
            key=lambda period: period.begins,
            default=None,
        )
        state, event = state_at(self.log, self.now), event_at(self.log, self.now)
        if begun is None or state in STATES_WITH_LINK or (event and self._day(event.starts) >= begun.begins):
            return
        is_today = any(
            event.starts > self.now and self._day(event.starts) == self._today for event in self.log
        )
        if not is_today and not self._has_another_day(begun):
            message = f"a registration period began on {begun.begins}, but the state is still {state}. When pre-registration is open: python build.py quota set {self.programme} open"
            yield DueFinding("critical", "period-begun", message, self.programme)

    def _find_missed(self, coming: date) -> list[DueFinding]:
        """Returns a finding for an opening on a day on which no period begins.

        Accepts an opening before the next period while the programme is suspended, because it may be a postponed opening.
        """
        opening, state = self._opening(), state_at(self.log, self.now)
        if opening is None or state in STATES_WITH_LINK:
            return []
        day, days = self._day(opening.starts), {self._day(event.starts) for event in self.log}
        is_put_off = state is State.SUSPENDED and day < coming
        if is_put_off or coming in days or day in {self._today, *(period.begins for period in self.periods)}:
            return []
        message = f"the opening is scheduled for {local_text(opening.starts, self.zone)}, but the next known registration period begins on {coming}. Cancel the opening (python build.py quota cancel {self.programme}), or correct content/programmes/{self.programme}.yaml."
        return [DueFinding("warning", "schedule-misses-period", message, self.programme)]

    def _find_unscheduled(self, coming: RegistrationPeriod) -> Iterator[DueFinding]:
        begins = datetime.combine(coming.begins, time(), self.zone)
        is_scheduled = any(self._day(event.starts) == coming.begins for event in self.log)
        if begins - self.now > _NOTICE or is_scheduled or state_at(self.log, begins) in STATES_WITH_LINK:
            return
        if not self._has_another_day(coming):
            verb = "begins" if coming.certainty == "confirmed" else "is expected to begin"
            message = f'a registration period {verb} on {coming.begins}, but no opening is scheduled. Schedule one: python build.py quota set {self.programme} open --from "{coming.begins} 00:00"'
            yield DueFinding("warning", "period-unscheduled", message, self.programme)

    def _day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()


def find_old_output(
    output: Output, language: str, programme: str, log: Log, now: datetime
) -> Iterator[DueFinding]:
    """Yields a finding if the programme's page shows neither the state at `now` nor the state one minute earlier."""
    shown, state = _read_state(output.site, language, programme), state_at(log, now)
    if shown and shown not in (state, state_at(log, now - PUBLISHING)):
        message = f"{output.site.name}/ still shows {shown}, but the state is {state}. Build it again: {output.command}"
        yield DueFinding("critical", "output-old", message, programme)


def _read_state(site: Path, language: str, programme: str) -> State | None:
    """Reads the state on the programme's page in the folder `site`. Returns None if the page does not exist."""
    page = site / language / programme / "index.html"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return next(
        (state for state in State if f'data-programme="{programme}" data-state="{state}"' in text), None
    )


def find_coming_changes(tree: Tree, now: datetime) -> Iterator[DueFinding]:
    """Yields a finding for each moment after `now` (aware) at which texts or facts change. Leaves out files with errors."""
    content = read_content(Reader(tree))
    if content is None:
        return
    for change in list_coming_changes(content, now):
        moment = local_text(change.moment, content.settings.zone)
        counts = [
            pluralize(len(names), noun)
            for names, noun in ((change.texts, "text"), (change.facts, "fact"))
            if names
        ]
        verb = "changes" if len(change.texts) + len(change.facts) == 1 else "change"
        named = ", ".join((*change.texts, *change.facts))
        message = f'on {moment} {" and ".join(counts)} {verb}: {named}. To preview: python build.py serve --at "{moment}"'
        yield DueFinding("info", "dated-change", message)
