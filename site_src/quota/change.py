"""Plans a change that an operator requests, or refuses it, before any file is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from site_src.problems import Report
from site_src.quota.decision import FARTHEST_END, FARTHEST_FACT
from site_src.quota.log import Event, Log, next_event, parse_quota_logs, state_at
from site_src.quota.log_file import local_text, with_event, with_only_event, without_event
from site_src.read.tree import MAX_BYTES
from site_src.states import ALLOWED_STEPS, STATES_WITH_LINK, State

# Events of commands within the same second are put a second apart, so that none is refused, because one may be the
# closing. Twenty commands at once stay within _SAME_MOMENT; a later event was scheduled on purpose.
_TICK = timedelta(seconds=1)
_SAME_MOMENT = timedelta(seconds=30)
_COMMAND = "python build.py quota"


class ChangeRefused(Exception):
    """Raised for a change that is not allowed, with a sentence that says what to do instead; exit 1."""


class NotAsExpected(ChangeRefused):
    """Raised if the programme is not in the state that the command expects; nothing is changed."""


class AlreadySo(ChangeRefused):
    """Raised if the programme already has the state in the log; it may not be published yet."""


@dataclass(frozen=True, slots=True)
class StateFile:
    """The state file: its text, and the logs in it, with local times in `zone`.

    `before` and `after` are the parts of the file around `text`; they stay as they are, even with mistakes.
    """

    text: str
    logs: Mapping[str, Log]
    zone: ZoneInfo
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """The log before and after a command, the instant from which they differ, and the file's new text."""

    programme: str
    before: Log
    after: Log
    instant: datetime
    text: str

    @property
    def link_before(self) -> bool:
        """True when the link would be shown at the instant without the change."""
        return state_at(self.before, self.instant) in STATES_WITH_LINK

    @property
    def link_after(self) -> bool:
        """True when the link is shown at the instant with the change."""
        return state_at(self.after, self.instant) in STATES_WITH_LINK

    @property
    def added(self) -> Event | None:
        """The event that the change adds; None if it only removes one."""
        return next((event for event in self.after if event not in self.before), None)

    @property
    def taken_back(self) -> Event | None:
        """The scheduled event that the change removes, or None."""
        return next((event for event in self.before if event not in self.after), None)


def plan_event(
    state_file: StateFile, programme: str, event: Event, now: datetime, expected: State | None = None
) -> Change:
    """The change that adds `event`; raises ChangeRefused. An event that starts at `now` is put after the last past one.

    Scheduled events stay after it. The next one is removed if it has the same state as `event` and both hide the link.
    If the next one cannot follow `event`, the change is refused, and the message says to cancel that one first.
    With `expected`, the event before `event` must have that state, so that of several such commands at once only the
    first succeeds.
    """
    log, zone = state_file.logs[programme], state_file.zone
    earlier, later = _split(log, event.starts, now)
    last = earlier[-1] if earlier else None
    if last and event.starts == now <= last.starts:
        event = replace(event, starts=last.starts + _TICK)
    if event.starts <= max((past.starts for past in log if past.starts <= now), default=now - _TICK):
        raise ChangeRefused(_explain_past(programme, event, log, now, zone))
    if later and later[0].starts <= event.starts:
        raise ChangeRefused(
            f"{programme} has a scheduled change to {later[0].state} at that very moment. Choose another one, or cancel that change first: {_COMMAND} cancel {programme}"
        )
    if event.starts - now > FARTHEST_END:
        raise ChangeRefused(
            f"{local_text(event.starts, zone)} lies more than {FARTHEST_END.days} days ahead. Check the year."
        )
    if event.state is State.QUOTA_REACHED and event.starts - now > FARTHEST_FACT:
        raise ChangeRefused(
            "whether a quota will be reached then is not known today. Leave out --from to begin now, or check the day."
        )
    _check_step_after(programme, last, event, expected, now, zone)
    # The same state twice: a closing must not wait until the operator cancels the later closing that it replaces.
    redundant = later[:1] if later and later[0].state is event.state not in STATES_WITH_LINK else ()
    later = later[len(redundant) :]
    if later and later[0].state not in ALLOWED_STEPS[event.state]:
        raise ChangeRefused(
            f"{programme} has a scheduled change to {later[0].state} at {local_text(later[0].starts, zone)}, which makes no sense after {event.state}. Cancel that change first: {_COMMAND} cancel {programme}"
        )
    text = (
        without_event(state_file.text, programme, len(earlier))
        if redundant and len(log) > 1
        else state_file.text
    )
    if redundant and len(log) == 1:
        text = with_only_event(text, programme, event, zone)
    else:
        text = with_event(text, programme, event, zone, len(earlier))
    return _verify(state_file, programme, (*earlier, event, *later), text, event.starts)


def _split(log: Log, starts: datetime, now: datetime) -> tuple[Log, Log]:
    """The events before and after one at `starts`. If that is `now`, events up to _SAME_MOMENT later are before it."""
    limit = now + _SAME_MOMENT if starts == now else starts - timedelta.resolution
    number = sum(event.starts <= limit for event in log)
    return log[:number], log[number:]


def _check_step_after(
    programme: str, last: Event | None, event: Event, expected: State | None, now: datetime, zone: ZoneInfo
) -> None:
    """Raises ChangeRefused unless `event` may follow `last`, and `last` has the `expected` state, if one is given."""
    if last is None:
        if expected:
            raise ChangeRefused(
                f"you expected {programme} to be {expected}, and it is {State.UPCOMING}. Look again: {_COMMAND} show"
            )
        return
    since = (
        f"{last.state} {'from' if last.starts > now else 'since'} {local_text(last.starts, zone)}{_who(last)}"
    )
    # Checked before `expected`, because a command that was interrupted and is repeated must be able to publish.
    if event.state is last.state:
        message = f"{programme} is already {since}. There is nothing to add to the log."
        raise AlreadySo(message) if last.starts <= now else ChangeRefused(message)
    if expected and last.state is not expected:
        raise NotAsExpected(
            f"you expected {programme} to be {expected}, and it is {since}. Look again: {_COMMAND} show"
        )
    if event.state not in ALLOWED_STEPS[last.state]:
        allowed = " or ".join(sorted(ALLOWED_STEPS[last.state]))
        raise ChangeRefused(f"{programme} is {since}. After that comes {allowed}, not {event.state}.")


def plan_cancel(state_file: StateFile, programme: str, now: datetime) -> Change:
    """The change that removes the next scheduled event; raises ChangeRefused.

    A log has at least one event, so an only event is replaced by `suspended` from `now` on.
    """
    log, zone = state_file.logs[programme], state_file.zone
    event = next_event(log, now)
    if event is None:
        raise ChangeRefused(
            f"{programme} has no scheduled change. Past events are not changed; add the present state: {_COMMAND} set {programme} …"
        )
    if len(log) == 1:
        replacement = Event(State.SUSPENDED, now)
        new = with_only_event(state_file.text, programme, replacement, zone)
        return _verify(state_file, programme, (replacement,), new, now)
    number = log.index(event)
    if 0 < number < len(log) - 1 and log[number + 1].state not in ALLOWED_STEPS[log[number - 1].state]:
        raise ChangeRefused(
            f"without {event.state} at {local_text(event.starts, zone)}, {log[number - 1].state} would be followed by {log[number + 1].state}, which is scheduled too. "
            "Edit quota_state.yaml by hand: delete the events that must not take effect, the last one first."
        )
    new = without_event(state_file.text, programme, number)
    return _verify(state_file, programme, (*log[:number], *log[number + 1 :]), new, event.starts)


def _verify(state_file: StateFile, programme: str, log: Log, text: str, instant: datetime) -> Change:
    """The change, if parsing the new text as the site does gives exactly this log; else raises ChangeRefused."""
    if _logs_in(text, state_file) != {**state_file.logs, programme: log} or len(text.encode()) > MAX_BYTES:
        if _logs_in(state_file.text, state_file) != state_file.logs:
            raise ChangeRefused("quota_state.yaml was changed at the same moment. Try again.")
        raise ChangeRefused(
            "quota_state.yaml is laid out in a way that this command cannot change safely. Edit it by hand."
        )
    whole = state_file.before + text + state_file.after
    return Change(programme, state_file.logs[programme], log, instant, whole)


def _logs_in(text: str, state_file: StateFile) -> Mapping[str, Log] | None:
    return parse_quota_logs(text, frozenset(state_file.logs), state_file.zone, Report())


def _explain_past(programme: str, event: Event, log: Log, now: datetime, zone: ZoneInfo) -> str:
    past = [earlier for earlier in log if earlier.starts <= now]
    if not past:
        return f"{local_text(event.starts, zone)} is past, and {programme} has no event yet. Leave out --from to begin now."
    when = local_text(past[-1].starts, zone)
    return f"{local_text(event.starts, zone)} is not after the last event of {programme} ({past[-1].state} at {when}). Past events are not changed; leave out --from to begin now."


def _who(event: Event) -> str:
    by = f", by {event.by}" if event.by else ""
    return by + (f" ({event.note})" if event.note else "")
