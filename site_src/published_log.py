"""Whether a quota log is older than the one that is published: a late publisher must not bring back a state.

The log is only ever added to. So a log that lacks an event which visitors have seen is an old copy, or was cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from site_src.availability import STATES_WITH_LINK
from site_src.manifest import Manifest, PastEvent
from site_src.quota import STATE_FILE, Event, Log, state_at


class OlderLog(Exception):
    """Raised, with a sentence for a person, for a log that would bring back a state which is over."""


def check_not_older(live: Manifest, logs: Mapping[str, Log], instant: datetime) -> tuple[str, ...]:
    """Sentences about events that were published and are not in force in `logs` at `instant`; raises OlderLog.

    What hides a link is published nonetheless when somebody noted it anew: a closing must not wait. An old copy of the log
    is refused, and so is everything that would make a link appear.
    """
    return tuple(note for id, log in sorted(logs.items()) for note in _notes(live, id, log, instant))


def _notes(live: Manifest, id: str, log: Log, instant: datetime) -> Iterator[str]:
    published = frozenset(live.events.get(id, ()))
    whole, past = _as_published(log), _as_published(event for event in log if event.starts <= instant)
    lost = sorted(published - past, key=lambda event: event.starts)
    state, shown = state_at(log, instant), live.states.get(id)
    old_copy = past < published
    if not lost or (state == shown and not old_copy):
        return
    event = f"{id}: {lost[-1].state} from {_text(lost[-1])}"
    if lost[-1] in whole:
        message = f"{event} is published already (release {live.number}), and by this machine's clock it lies ahead."
        cure = "Set the clock right."
    else:
        message = f"{event} is published (release {live.number}), and {STATE_FILE} does not have it."
        cure = f"Is it an old copy? Bring it up to date (git pull). If not, add what is true now: python build.py quota set {id} …"
    if state in STATES_WITH_LINK or old_copy:
        raise OlderLog(f"{message} {cure}")
    yield f"{message} The link is hidden all the same. {cure}"


def _as_published(events: Iterator[Event] | Log) -> frozenset[PastEvent]:
    return frozenset(PastEvent(event.state, event.starts) for event in events)


def _text(event: PastEvent) -> str:
    return f"{event.starts:%Y-%m-%d %H:%M:%S} UTC"
