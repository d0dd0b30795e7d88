"""Refuses a quota log that is older than the published one: a late publisher must not bring back a state.

Events are only ever added to the log. A log that lacks an event that was published is an old copy, or was cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from site_src.publish.manifest import Manifest, PastEvent
from site_src.quota.log import Event, Log, state_at
from site_src.read.tree import STATE_FILE
from site_src.states import STATES_WITH_LINK, State

_A_MOMENT = timedelta(seconds=10)


class OlderLog(Exception):
    """Raised, with a sentence for a person, for a log that would bring back a state that has ended."""


def check_not_older(live: Manifest, logs: Mapping[str, Log], instant: datetime) -> tuple[str, ...]:
    """Sentences about events that were published and are not in force in `logs` at `instant`; raises OlderLog.

    A new event that hides a link is published nevertheless: a closing must not wait. An old copy of the log is refused, and so
    is every change that would make a link appear.
    """
    return tuple(note for id, log in sorted(logs.items()) for note in _notes(live, id, log, instant))


def check_not_reopened(
    told: Mapping[str, State], at: datetime | None, logs: Mapping[str, Log], instant: datetime
) -> None:
    """Raises OlderLog for a link that the journal says was hidden at `at`, unless a later event shows it.

    Used if the live release is unknown: the newest readable release may be older than the log that was published.
    """
    for id, log in sorted(logs.items()):
        shown = [event for event in log if event.starts <= instant][-1:]
        hidden = id in told and told[id] not in STATES_WITH_LINK
        # The journal's line is written a moment after the publish, and an event of that moment may be a new one.
        if (
            hidden
            and at
            and any(event.state in STATES_WITH_LINK and event.starts < at - _A_MOMENT for event in shown)
        ):
            raise OlderLog(
                f"{id}: was published as {told[id]} at {_text(at)}, and {STATE_FILE} shows the link since before that. "
                f"Is it an old copy? Bring it up to date (git pull). If not, note what is true now as a new event: python build.py quota set {id} …"
            )


def _notes(live: Manifest, id: str, log: Log, instant: datetime) -> Iterator[str]:
    published = frozenset(live.events.get(id, ()))
    whole, past = _as_published(log), _as_published(event for event in log if event.starts <= instant)
    lost = sorted(published - past, key=lambda event: event.starts)
    state, shown = state_at(log, instant), live.states.get(id)
    # A log that has every published event, even in the future, is complete: then a clock is, or was, wrong.
    old_copy = past < published and not published <= whole
    if not lost or (state == shown and not old_copy):
        return
    event = f"{id}: {lost[-1].state} from {_text(lost[-1].starts)}"
    if lost[-1] in whole:
        message = f"{event} is published already (release {live.number}), and by this machine's clock it is in the future."
        cure = "Set the clock right."
    else:
        message = f"{event} is published (release {live.number}), and {STATE_FILE} does not have it."
        cure = f"Is it an old copy? Bring it up to date (git pull). If not, add what is true now{_as_new_event(id, state)}"
    if state in STATES_WITH_LINK or old_copy:
        raise OlderLog(f"{message} {cure}")
    yield f"{message} The link is hidden all the same. {cure}"


def _as_new_event(id: str, state: State) -> str:
    """How to add the log's present state as a new event: a step to the same state is refused."""
    if state in STATES_WITH_LINK:
        return f": python build.py quota set {id} …"
    other = State.QUOTA_REACHED if state is State.SUSPENDED else State.SUSPENDED
    return f". To hide the link: python build.py quota set {id} {other}, then the right state."


def _as_published(events: Iterator[Event] | Log) -> frozenset[PastEvent]:
    return frozenset(PastEvent(event.state, event.starts) for event in events)


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
