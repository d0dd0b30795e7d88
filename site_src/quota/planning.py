"""Plans the change that an operator requests (`set`, `cancel`, `undo`), or refuses it, before any file is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from site_src.quota.change import AlreadySo, Change, ChangeRefused, NotAsExpected, StateFile
from site_src.quota.decision import FARTHEST_END, FARTHEST_FACT
from site_src.quota.event_lines import with_event, with_only_event, without_event, zoned_text
from site_src.quota.log import Event, Log, may_follow, next_event
from site_src.states import ALLOWED_STEPS, STATES_WITH_LINK, State

# Commands within the same second add events that are exactly this far apart. None of these is refused, because one may be
# the closing. Any other event in the future was scheduled on purpose.
_TICK = timedelta(seconds=1)
# `undo` undoes an event that began less than this long ago, even if another event is scheduled.
JUST_NOW = timedelta(hours=1)
_COMMAND = "python build.py quota"


def plan_event(
    state_file: StateFile, programme: str, event: Event, now: datetime, expected: State | None = None
) -> Change:
    """Plans a change that adds `event`, after the last past event if it starts at `now`. Raises ChangeRefused.

    Scheduled events stay, except that the next one is removed if it has the same state as `event` and both hide the link.
    With `expected`, the event before `event` must have that state, so only the first of several simultaneous commands
    succeeds.
    """
    log, zone = state_file.logs[programme], state_file.zone
    earlier, later = _split(log, event.starts, now)
    last = earlier[-1] if earlier else None
    if last and event.starts == now <= last.starts:
        event = replace(event, starts=last.starts + _TICK)
    _check_moment(state_file, programme, event, later, now)
    _check_step_after(state_file, programme, last, event, expected, now)
    # A closing must not wait until the operator cancels the later closing that it replaces.
    redundant = later[:1] if later and later[0].state is event.state not in STATES_WITH_LINK else ()
    later = later[len(redundant) :]
    if later and not may_follow(event, later[0]):
        raise ChangeRefused(
            f"{programme} has a scheduled change to {later[0].state} at {zoned_text(later[0].starts, state_file.zones)}, which cannot follow {event.state}. Cancel that change first: {_COMMAND} cancel {programme}"
        )
    if redundant and len(log) == 1:
        text = with_only_event(state_file.text, programme, event, zone)
    else:
        text = state_file.text
        text = without_event(text, programme, len(earlier)) if redundant else text
        text = with_event(text, programme, event, zone, len(earlier))
    return state_file.change(programme, (*earlier, event, *later), text, event.starts)


def _check_moment(state_file: StateFile, programme: str, event: Event, later: Log, now: datetime) -> None:
    """Raises ChangeRefused if the event cannot start at its moment: in the past, at the next event, or too far ahead."""
    past = [earlier.starts for earlier in state_file.logs[programme] if earlier.starts <= now]
    if event.starts <= max(past, default=now - _TICK):
        raise ChangeRefused(_explain_past(state_file, programme, event, now))
    if later and later[0].starts <= event.starts:
        raise ChangeRefused(
            f"{programme} has a scheduled change to {later[0].state} at the same moment. Choose another moment, or cancel that change first: {_COMMAND} cancel {programme}"
        )
    if event.starts - now > FARTHEST_END:
        when = zoned_text(event.starts, state_file.zones)
        raise ChangeRefused(f"{when} is more than {FARTHEST_END.days} days ahead. Check the year.")
    if event.state is State.QUOTA_REACHED and event.starts - now > FARTHEST_FACT:
        raise ChangeRefused(
            f"quota_reached can be scheduled at most one day ahead, because nobody knows earlier when the quota is reached. When it is reached, run: {_COMMAND} close {programme}"
        )


def plan_cancel(state_file: StateFile, programme: str, now: datetime) -> Change:
    """Plans a change that removes the next scheduled event, or replaces the only event by `suspended` from `now` on.

    Raises ChangeRefused.
    """
    log, zone = state_file.logs[programme], state_file.zone
    event = next_event(log, now)
    if event is None:
        raise ChangeRefused(
            f"{programme} has no scheduled change. To undo the last change: {_COMMAND} undo {programme}"
        )
    if len(log) == 1:
        replacement = Event(State.SUSPENDED, now)
        new = with_only_event(state_file.text, programme, replacement, zone)
        return state_file.change(programme, (replacement,), new, now)
    number = log.index(event)
    if 0 < number < len(log) - 1 and not may_follow(log[number - 1], log[number + 1]):
        raise ChangeRefused(
            f"without {event.state} at {zoned_text(event.starts, state_file.zones)}, {log[number - 1].state} would be followed by {log[number + 1].state}, which is scheduled too and cannot follow it. "
            "Edit quota_state.yaml by hand: delete the events that must not take effect, the last one first."
        )
    new = without_event(state_file.text, programme, number)
    return state_file.change(programme, (*log[:number], *log[number + 1 :]), new, event.starts)


def plan_undo(
    state_file: StateFile, programme: str, event: Event, now: datetime, expected: State | None = None
) -> Change:
    """Plans a change that undoes the last change of the programme. Raises ChangeRefused.

    Adds an event that restores the state before the current event, with the `by`, `note` and `mistake` of `event`. If the
    current event began more than JUST_NOW ago and another event is scheduled, removes the scheduled event instead.
    """
    log = state_file.logs[programme]
    earlier, later = _split(log, now, now)
    undone = earlier[-1] if earlier else None
    if later and (undone is None or now - undone.starts > JUST_NOW):
        if event.mistake:
            raise ChangeRefused(
                "--mistake is only for a closing that has begun, but this change is scheduled. Leave it out."
            )
        return plan_cancel(state_file, programme, now)
    if undone is None or len(earlier) == 1:
        raise ChangeRefused(
            f"{programme} has no change that can be undone. To hide the link: {_COMMAND} suspend {programme}"
        )
    event = _restore(state_file, programme, event, earlier, now)
    change = plan_event(state_file, programme, event, now, expected)
    return replace(change, undone=undone)


def _restore(state_file: StateFile, programme: str, event: Event, earlier: Log, now: datetime) -> Event:
    """Returns `event` with the state before the last event. Raises ChangeRefused if that state cannot follow."""
    restored, undone = earlier[-2:]
    if event.mistake and not (undone.state not in STATES_WITH_LINK and restored.state in STATES_WITH_LINK):
        raise ChangeRefused(
            f"--mistake is only for a closing, but the change from {restored.state} to {undone.state} is not a closing. Leave it out."
        )
    event = replace(event, state=restored.state, places=restored.places)
    if not may_follow(undone, event):
        raise ChangeRefused(
            f"{programme} is {_since(state_file, undone, now)}, and {restored.state} cannot follow it. To hide the link: {_COMMAND} suspend {programme}"
        )
    return event


def _split(log: Log, starts: datetime, now: datetime) -> tuple[Log, Log]:
    """Returns the events before `starts` and those after it.

    If `starts` is `now`, the first part also contains an event at `now`, and the events that commands added in the same
    second (each one _TICK after the one before).
    """
    number = sum(event.starts < starts or event.starts == starts == now for event in log)
    if starts == now:
        while 0 < number < len(log) and log[number].starts == log[number - 1].starts + _TICK:
            number += 1
    return log[:number], log[number:]


def _check_step_after(
    state_file: StateFile,
    programme: str,
    last: Event | None,
    event: Event,
    expected: State | None,
    now: datetime,
) -> None:
    """Raises ChangeRefused if `event` may not follow `last`, or if `expected` is given and is not the state of `last`."""
    since = _since(state_file, last, now) if last else State.UPCOMING
    unexpected = NotAsExpected(
        f"you expected {programme} to be {expected}, but it is {since}. To see the present state: {_COMMAND} show"
    )
    if last is None:
        if expected:
            raise unexpected
        return
    # Checked before `expected`: if an interrupted command is repeated, it must still publish.
    if event.state is last.state and not may_follow(last, event):
        message = f"{programme} is already {since}. There is nothing to add to the log."
        if event.state is State.PLACES_AVAILABLE and event.places is None:
            message += f" To correct the number of places: {_COMMAND} reopen {programme} --places N"
        raise AlreadySo(message) if last.starts <= now else ChangeRefused(message)
    if expected and last.state is not expected:
        raise unexpected
    if not may_follow(last, event):
        allowed = " or ".join(sorted(ALLOWED_STEPS[last.state]))
        raise ChangeRefused(
            f"{programme} is {since}: the link is already shown. The next state can be {allowed}, but not {event.state}. When the quota is reached, run: {_COMMAND} close {programme}"
        )


def _explain_past(state_file: StateFile, programme: str, event: Event, now: datetime) -> str:
    log, when = state_file.logs[programme], zoned_text(event.starts, state_file.zones)
    begin = f"To begin now: {_COMMAND} set {programme} {event.state}"
    past = [earlier for earlier in log if earlier.starts <= now]
    if not past:
        return f"{when} is in the past, and {programme} has no event yet. {begin}"
    last = f"{past[-1].state} at {zoned_text(past[-1].starts, state_file.zones)}"
    return (
        f"{when} is not after the last event of {programme} ({last}). Past events cannot be changed. {begin}"
    )


def _since(state_file: StateFile, event: Event, now: datetime) -> str:
    by = f", by {event.by}" if event.by else ""
    note = f" ({event.note})" if event.note else ""
    moment = zoned_text(event.starts, state_file.zones)
    return f"{event.state} {'from' if event.starts > now else 'since'} {moment}{by}{note}"
