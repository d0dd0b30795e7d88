"""Refuses a quota log that is older than the published one, and decides for each programme which events to publish.

Events are only ever added to the log, so a log that lacks a published event is an old copy or was cut off. A doubt about a
programme hides its link, or keeps it hidden, and does not delay the other programmes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from site_src.check.dates import find_doubtful_dates
from site_src.instants import Moment
from site_src.problems import InputRefused, Problem
from site_src.publish.manifest import Manifest, PastEvent
from site_src.quota.log import Event, Log, event_at, state_at
from site_src.quota.separate_logs import LogReading
from site_src.read.tree import STATE_FILE
from site_src.states import STATES_WITH_LINK, State

_A_MOMENT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class JudgedLogs:
    """The logs to build with. `past` and `scheduled` are the events that the release's manifest will contain.

    The links of the programmes in `unconfirmed` are hidden, whatever their logs say. `doubts` contains the problems of each
    programme whose own log could not be used. `notes` contains messages about logs that were used in spite of a doubt.
    `is_old_copy` is True if a log was refused because it lacks a published event.
    """

    logs: Mapping[str, Log]
    past: Mapping[str, tuple[PastEvent, ...]]
    scheduled: Mapping[str, tuple[PastEvent, ...]]
    unconfirmed: frozenset[str] = frozenset()
    doubts: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    is_old_copy: bool = False

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Returns the problems of all programmes in `doubts`, sorted."""
        return tuple(sorted({problem for found in self.doubts.values() for problem in found}))


@dataclass(frozen=True, slots=True)
class LogGuard:
    """Compares logs with what was published.

    `live` is the manifest of the live release, if there is one. `journalled` is used only if there is a doubt about the live
    release: it contains each programme's last state in the journal, and when it was published (UTC). If `openings` is False,
    only links that are already published are shown, so that an opening does not delay a closing.
    """

    live: Manifest | None
    instant: datetime
    journalled: Mapping[str, tuple[State, datetime]] = field(default_factory=dict)
    openings: bool = True

    def judge(self, readings: Mapping[str, LogReading]) -> JudgedLogs:
        """Returns the logs to use. Raises InputRefused if there is a doubt and nothing has been published yet."""
        doubts = {
            id: found for id, reading in readings.items() if (found := tuple(self._doubts(id, reading)))
        }
        if doubts and self.live is None:
            raise InputRefused(problem for found in doubts.values() for problem in found)
        logs: dict[str, Log] = {}
        past: dict[str, tuple[PastEvent, ...]] = {}
        scheduled: dict[str, tuple[PastEvent, ...]] = {}
        unconfirmed: set[str] = set()
        notes: list[str] = []
        for id, reading in sorted(readings.items()):
            if id in doubts or reading.log is None or self._is_held_back(id, reading.log):
                logs[id], (events, ahead) = self.known_log(id), self._known(id)
                unconfirmed |= set() if self._is_known(id, reading, logs[id]) else {id}
            else:
                logs[id] = reading.log
                events = tuple(_as_published(event for event in reading.log if event.starts <= self.instant))
                ahead = tuple(_as_published(event for event in reading.log if event.starts > self.instant))
                notes += (problem.message for problem in self._find_older(id, reading.log, hidden=True))
            past[id], scheduled[id] = events, ahead
        old = any(id in doubts and self._lacks_published(id, readings[id].log) for id in readings)
        return JudgedLogs(
            MappingProxyType(logs), past, scheduled, frozenset(unconfirmed), doubts, tuple(notes), old
        )

    def _lacks_published(self, id: str, log: Log | None) -> bool:
        published = frozenset(self.live.events.get(id, ())) if self.live else frozenset()
        return log is not None and not published <= frozenset(_as_published(log))

    def known_log(self, id: str) -> Log:
        """Returns the programme's log as the live release knows it: its past and scheduled events."""
        past, scheduled = self._known(id)
        return tuple(
            Event(event.state, event.starts, event.places, mistake=event.mistake)
            for event in (*past, *scheduled)
        )

    def _doubts(self, id: str, reading: LogReading) -> Iterator[Problem]:
        if reading.log is None:
            yield from reading.problems
            return
        yield from find_doubtful_dates({id: reading.log}, Moment(self.instant, is_present=True))
        yield from self._find_older(id, reading.log, hidden=False)
        yield from self._find_reopened(id, reading.log)

    def _is_known(self, id: str, reading: LogReading, published: Log) -> bool:
        """Returns True if the published state may stay: it hides the link, or only an old copy of the log contradicts it."""
        event = event_at(published, self.instant)
        if event and event.state not in STATES_WITH_LINK:
            return True
        shown = self.live is not None and self.live.states.get(id) in STATES_WITH_LINK
        older = reading.log is not None and any(self._find_older(id, reading.log, hidden=False))
        return older and shown and id not in self.journalled

    def _is_held_back(self, id: str, log: Log) -> bool:
        shown = self.live is not None and self.live.states.get(id) in STATES_WITH_LINK
        return not self.openings and not shown and state_at(log, self.instant) in STATES_WITH_LINK

    def _known(self, id: str) -> tuple[tuple[PastEvent, ...], tuple[PastEvent, ...]]:
        """Returns the past and the scheduled events that the live release knows. Scheduled events that have begun are past."""
        if self.live is None:
            return (), ()
        ahead = self.live.scheduled.get(id, ())
        come = tuple(event for event in ahead if event.starts <= self.instant)
        return (*self.live.events.get(id, ()), *come), ahead[len(come) :]

    def _find_reopened(self, id: str, log: Log) -> Iterator[Problem]:
        """Yields a problem if the log shows a link although the journal says that the link was hidden after that event."""
        event = event_at(log, self.instant)
        if id not in self.journalled or event is None or event.state not in STATES_WITH_LINK:
            return
        state, at = self.journalled[id]
        # A journal line is written shortly after the publish, so an event shortly before the line's time may be new.
        if state not in STATES_WITH_LINK and event.starts < at - _A_MOMENT:
            message = (
                f"was published as {state} at {_text(at)}, but according to {STATE_FILE} the link has been shown since an earlier time. "
                f"If the file is an old copy, bring it up to date (git pull). If not, add what is true now as a new event: python build.py quota set {id} …"
            )
            yield _problem(id, log, message)

    def _find_older(self, id: str, log: Log, hidden: bool) -> Iterator[Problem]:
        """Yields a problem if published events are missing from the log, or are in the future according to this machine's clock.

        If `hidden`, yields only for a log that is published anyway, because it hides the link. If not, yields only for a log that
        is refused: an old copy, or a log that would show a link.
        """
        if self.live is None:
            return
        published = frozenset(self.live.events.get(id, ()))
        whole = frozenset(_as_published(log))
        past = frozenset(_as_published(event for event in log if event.starts <= self.instant))
        lost = sorted(published - past, key=lambda event: event.starts)
        state, shown = state_at(log, self.instant), self.live.states.get(id)
        # A log with every published event, even if some are in the future, is complete. A clock is, or was, wrong.
        old_copy = past < published and not published <= whole
        if not lost or (state == shown and not old_copy):
            return
        what = f"{lost[-1].state} from {_text(lost[-1].starts)} is published"
        if lost[-1] in whole:
            message = f"{what} already (release {self.live.number}), but by this machine's clock it is in the future."
            cure = "Correct the clock."
        else:
            message = f"{what} (release {self.live.number}), but {STATE_FILE} does not contain it."
            cure = f"If the file is an old copy, bring it up to date (git pull). If not, add what is true now{_as_new_event(id, state)}"
        refused = state in STATES_WITH_LINK or old_copy
        if refused and not hidden:
            yield _problem(id, log, f"{message} {cure}")
        elif hidden and not refused:
            yield _problem(id, log, f"{message} The link is hidden anyway. {cure}")


def _problem(id: str, log: Log, message: str) -> Problem:
    return Problem(
        STATE_FILE, max((event.line for event in log), default=1) or 1, f"{id}: {message}", "quota-older"
    )


def _as_new_event(id: str, state: State) -> str:
    """Returns the end of a message: how to add the present state as a new event.

    A change to the same state is refused, so a state that hides the link needs two commands.
    """
    if state in STATES_WITH_LINK:
        return f": python build.py quota set {id} …"
    other = State.QUOTA_REACHED if state is State.SUSPENDED else State.SUSPENDED
    return f". To hide the link: python build.py quota set {id} {other}, then the right state."


def _as_published(events: Iterable[Event]) -> Iterator[PastEvent]:
    return (PastEvent(event.state, event.starts, event.places, mistake=event.mistake) for event in events)


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
