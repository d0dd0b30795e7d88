"""Which events of the quota log are true, judged programme by programme.

The log is only ever added to. So a log that lacks an event which visitors have seen is an old copy, or was cut. Doubt about one
programme hides its link, or leaves it hidden, and holds up no other one.
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
from site_src.quota.log_blocks import LogReading
from site_src.read.tree import STATE_FILE
from site_src.states import STATES_WITH_LINK, State

_A_MOMENT = timedelta(seconds=10)
# What visitors are shown of a programme of which nobody can say what is true.
_NOBODY_KNOWS = State.SUSPENDED


@dataclass(frozen=True, slots=True)
class JudgedLogs:
    """`logs` are those to build with. `past` and `scheduled` are the events that the release is to remember as known.

    `doubts` has the problems of each programme whose own log could not be used; `notes` are sentences about what was accepted.
    """

    logs: Mapping[str, Log]
    past: Mapping[str, tuple[PastEvent, ...]]
    scheduled: Mapping[str, tuple[PastEvent, ...]]
    doubts: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of all doubts, sorted."""
        return tuple(sorted({problem for found in self.doubts.values() for problem in found}))


@dataclass(frozen=True, slots=True)
class LogGuard:
    """Compares logs with what was published.

    `live` is the manifest of the live release, if there is one. `told` are the states that the journal names, at `told_at`;
    they are empty but where nobody can tell which release is live, or its manifest is not the one that was published.
    Without `openings`, no link appears that is not published already: for a closing that an opening would hold up.
    """

    live: Manifest | None
    instant: datetime
    told: Mapping[str, State] = field(default_factory=dict)
    told_at: datetime | None = None
    openings: bool = True

    def judge(self, readings: Mapping[str, LogReading]) -> JudgedLogs:
        """The logs to use. While nothing is published, raises InputRefused for any doubt: then nothing is shown."""
        doubts = {
            id: found for id, reading in readings.items() if (found := tuple(self._doubts(id, reading)))
        }
        if doubts and self.live is None:
            raise InputRefused(problem for found in doubts.values() for problem in found)
        logs: dict[str, Log] = {}
        past: dict[str, tuple[PastEvent, ...]] = {}
        scheduled: dict[str, tuple[PastEvent, ...]] = {}
        notes: list[str] = []
        for id, reading in sorted(readings.items()):
            if id in doubts or reading.log is None or self._is_held_back(id, reading.log):
                logs[id] = self._stand_in(id, reading)
                events, ahead = self._known(id)
            else:
                logs[id] = reading.log
                events = tuple(_as_published(event for event in reading.log if event.starts <= self.instant))
                ahead = tuple(_as_published(event for event in reading.log if event.starts > self.instant))
                notes += (problem.message for problem in self._find_older(id, reading.log, hidden=True))
            past[id], scheduled[id] = events, ahead
        return JudgedLogs(MappingProxyType(logs), past, scheduled, doubts, tuple(notes))

    def known_log(self, id: str) -> Log:
        """The events that are published, and those that were scheduled then."""
        past, scheduled = self._known(id)
        return tuple(Event(event.state, event.starts, event.places) for event in (*past, *scheduled))

    def _doubts(self, id: str, reading: LogReading) -> Iterator[Problem]:
        if reading.log is None:
            yield from reading.problems
            return
        yield from find_doubtful_dates({id: reading.log}, Moment(self.instant, is_present=True))
        yield from self._find_older(id, reading.log, hidden=False)
        yield from self._find_reopened(id, reading.log)

    def _stand_in(self, id: str, reading: LogReading) -> Log:
        """What is known of the programme, without a link; with it only where an old copy meets a link that is published."""
        known = self.known_log(id)
        older = reading.log is not None and any(self._find_older(id, reading.log, hidden=False))
        shown = self.live is not None and self.live.states.get(id) in STATES_WITH_LINK
        if older and shown and id not in self.told:
            return known
        event = event_at(known, self.instant)
        if event and event.state not in STATES_WITH_LINK:
            return known
        past = tuple(event for event in known if event.starts <= self.instant)
        # In the place of the last event: the same stand-in for as long as the doubt lasts, and never ahead.
        return (*past[:-1], Event(_NOBODY_KNOWS, event.starts if event else self.instant))

    def _is_held_back(self, id: str, log: Log) -> bool:
        shown = self.live is not None and self.live.states.get(id) in STATES_WITH_LINK
        return not self.openings and not shown and state_at(log, self.instant) in STATES_WITH_LINK

    def _known(self, id: str) -> tuple[tuple[PastEvent, ...], tuple[PastEvent, ...]]:
        """The events that have been published, with those scheduled ones whose time has come; and the others."""
        if self.live is None:
            return (), ()
        ahead = self.live.scheduled.get(id, ())
        come = tuple(event for event in ahead if event.starts <= self.instant)
        return (*self.live.events.get(id, ()), *come), ahead[len(come) :]

    def _find_reopened(self, id: str, log: Log) -> Iterator[Problem]:
        """A problem for a link that the journal says was hidden, unless a later event shows it."""
        event = event_at(log, self.instant)
        hidden = id in self.told and self.told[id] not in STATES_WITH_LINK
        # The line was written a moment after what it tells of, and an event of that moment may be a new one.
        if not (hidden and self.told_at and event and event.starts < self.told_at - _A_MOMENT):
            return
        if event.state in STATES_WITH_LINK:
            message = (
                f"was published as {self.told[id]} at {_text(self.told_at)}, and {STATE_FILE} shows the link since before that. "
                f"Is it an old copy? Bring it up to date (git pull). If not, note what is true now as a new event: python build.py quota set {id} …"
            )
            yield _problem(id, log, message)

    def _find_older(self, id: str, log: Log, hidden: bool) -> Iterator[Problem]:
        """A problem about events that were published and are not in force in the log.

        What hides a link is published nonetheless when somebody noted it as a new event: a closing must not wait. Such a log
        is found with `hidden`; without it, an old copy, and everything that would make a link appear.
        """
        if self.live is None:
            return
        published = frozenset(self.live.events.get(id, ()))
        whole = frozenset(_as_published(log))
        past = frozenset(_as_published(event for event in log if event.starts <= self.instant))
        lost = sorted(published - past, key=lambda event: event.starts)
        state, shown = state_at(log, self.instant), self.live.states.get(id)
        # A log that has every published event, if only ahead, is whole: then it is a clock that is, or was, wrong.
        old_copy = past < published and not published <= whole
        if not lost or (state == shown and not old_copy):
            return
        what = f"{lost[-1].state} from {_text(lost[-1].starts)}"
        if lost[-1] in whole:
            message = f"{what} is published already (release {self.live.number}), and by this machine's clock it lies ahead."
            cure = "Set the clock right."
        else:
            message = f"{what} is published (release {self.live.number}), and {STATE_FILE} does not have it."
            cure = f"Is it an old copy? Bring it up to date (git pull). If not, add what is true now{_as_new_event(id, state)}"
        refused = state in STATES_WITH_LINK or old_copy
        if refused and not hidden:
            yield _problem(id, log, f"{message} {cure}")
        elif hidden and not refused:
            yield _problem(id, log, f"{message} The link is hidden all the same. {cure}")


def _problem(id: str, log: Log, message: str) -> Problem:
    return Problem(
        STATE_FILE, max((event.line for event in log), default=1) or 1, f"{id}: {message}", "quota-older"
    )


def _as_new_event(id: str, state: State) -> str:
    """How to note as a new event what the log says already: it takes no event of the state that it has."""
    if state in STATES_WITH_LINK:
        return f": python build.py quota set {id} …"
    other = State.QUOTA_REACHED if state is State.SUSPENDED else State.SUSPENDED
    return f". To hide the link: python build.py quota set {id} {other}, and then what it shall be."


def _as_published(events: Iterable[Event]) -> Iterator[PastEvent]:
    return (PastEvent(event.state, event.starts, event.places) for event in events)


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
