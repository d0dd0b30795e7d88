"""Findings of `quota due` about the schedule: registration periods without an opening, and openings on days on which no period
begins (`Schedule`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from site_src.commands.due_output import DueFinding
from site_src.instants import local_text
from site_src.quota.log import Event, Log, event_at, state_at
from site_src.read.input_keys import RegistrationPeriod
from site_src.states import STATES_WITH_LINK, State

_NOTICE = timedelta(hours=24)


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
