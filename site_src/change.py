"""A change to the quota log that an operator asks for: allowed or refused, before any file is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from site_src.availability import FARTHEST_END, STATES_WITH_LINK
from site_src.problems import Problem
from site_src.quota import ALLOWED_STEPS, Event, Log, State, event_at, next_event, parse_quota_logs
from site_src.quota_file import local_text, with_event, with_only_event, without_event

# Commands within the same second stand a second apart in the log, so that none is refused: one may be the closing.
# Twenty at once reach that far ahead of the clock; a change that was scheduled on purpose lies farther.
_TICK = timedelta(seconds=1)
_SAME_MOMENT = timedelta(seconds=30)


class ChangeRefused(Exception):
    """Raised, with a sentence that says what to do instead, for a change that may not be made; exit 1."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a command would do: the log before and after, and the file's whole new text."""

    programme: str
    before: Log
    after: Log
    instant: datetime
    text: str

    @property
    def link_before(self) -> bool:
        """Whether the link is shown just before the change takes effect."""
        return _shows_link(self.before, self.instant)

    @property
    def link_after(self) -> bool:
        """Whether the link is shown from the change on."""
        return _shows_link(self.after, self.instant)


def plan_event(
    text: str, logs: Mapping[str, Log], programme: str, event: Event, now: datetime, zone: ZoneInfo
) -> Change:
    """The change that adds `event`; raises ChangeRefused. An event that starts at `now` starts behind the last one."""
    log = logs[programme]
    last = log[-1]
    if event.starts == now and now <= last.starts <= now + _SAME_MOMENT:
        event = replace(event, starts=last.starts + _TICK)
    if event.starts <= last.starts:
        raise ChangeRefused(_not_after(programme, event, last, now, zone))
    if event.starts - now > FARTHEST_END:
        raise ChangeRefused(
            f"{local_text(event.starts, zone)} lies more than {FARTHEST_END.days} days ahead. Check the year."
        )
    if event.state is last.state:
        raise ChangeRefused(
            f"{programme} is {last.state} already, since {local_text(last.starts, zone)}{_who(last)}. Nothing to do."
        )
    if event.state not in ALLOWED_STEPS[last.state]:
        allowed = " or ".join(sorted(ALLOWED_STEPS[last.state]))
        raise ChangeRefused(
            f"{programme} is {last.state}, since {local_text(last.starts, zone)}{_who(last)}. After that comes {allowed}, not {event.state}."
        )
    new = with_event(text, programme, event, zone)
    return _verified(programme, logs, (*log, event), new, event.starts, zone)


def plan_cancel(text: str, logs: Mapping[str, Log], programme: str, now: datetime, zone: ZoneInfo) -> Change:
    """The change that takes back the next scheduled event; raises ChangeRefused.

    A log has at least one event: the only one is replaced by `suspended` from `now` on.
    """
    log = logs[programme]
    event = next_event(log, now)
    if event is None:
        raise ChangeRefused(
            f"{programme} has no scheduled change. What is past stays in the record; add what is true now with: quota set {programme} …"
        )
    if len(log) == 1:
        stand_in = Event(State.SUSPENDED, now)
        return _verified(
            programme, logs, (stand_in,), with_only_event(text, programme, stand_in, zone), event.starts, zone
        )
    number = log.index(event)
    new = without_event(text, programme, number)
    return _verified(programme, logs, (*log[:number], *log[number + 1 :]), new, event.starts, zone)


def check_expected(programme: str, log: Log, expected: State, now: datetime, zone: ZoneInfo) -> None:
    """Raises ChangeRefused, with who changed it and when, unless the programme is in the state `expected`."""
    event = event_at(log, now)
    if (event.state if event else State.UPCOMING) is expected:
        return
    is_now = f"{event.state}, since {local_text(event.starts, zone)}{_who(event)}" if event else "upcoming"
    raise ChangeRefused(f"You expected {programme} to be {expected}, and it is {is_now}.")


def _verified(
    programme: str, logs: Mapping[str, Log], log: Log, text: str, instant: datetime, zone: ZoneInfo
) -> Change:
    """The change, after the new text was read again as the site will read it, and says exactly this log."""
    problems: list[Problem] = []
    wanted = {**logs, programme: log}
    found = parse_quota_logs(text, frozenset(logs), zone, problems)
    if problems and found is None:
        raise ChangeRefused(f"the log would not be right without it: {problems[0].message}")
    if found != wanted:
        raise ChangeRefused(
            "the file is laid out in a way that this command cannot change safely. Edit quota_state.yaml by hand."
        )
    return Change(programme, logs[programme], log, instant, text)


def _shows_link(log: Log, instant: datetime) -> bool:
    event = event_at(log, instant)
    return event is not None and event.state in STATES_WITH_LINK


def _not_after(programme: str, event: Event, last: Event, now: datetime, zone: ZoneInfo) -> str:
    when = local_text(last.starts, zone)
    if last.starts > now:
        return f"{programme} has a scheduled change to {last.state} at {when}, and an event stands after all others. Take that back first: quota cancel {programme}"
    return f"{local_text(event.starts, zone)} is not after the last event of {programme} ({last.state} at {when}). History stays as it is; leave --from out to begin now."


def _who(event: Event) -> str:
    by = f", by {event.by}" if event.by else ""
    return by + (f" ({event.note})" if event.note else "")
