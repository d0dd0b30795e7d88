"""Remembers the events that the last `build` into a folder showed, so that an older log does not show a hidden link again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from site_src.instants import utc_text
from site_src.problems import InputRefused, Problem
from site_src.quota.log import Log, event_at
from site_src.read.tree import STATE_FILE
from site_src.states import STATES_WITH_LINK, State

_Shown = Mapping[str, tuple[State, datetime]]


def check_not_reopened(file: Path, logs: Mapping[str, Log], instant: datetime) -> None:
    """Raises InputRefused, with a problem for each link that `logs` show at `instant` although a later event in the file hid it.

    `file` has what `dump_shown` returned. If it is missing or cannot be parsed, nothing is refused.
    """
    if reopened := tuple(_find_reopened(file, logs, instant)):
        raise InputRefused(reopened)


def _find_reopened(file: Path, logs: Mapping[str, Log], instant: datetime) -> Iterator[Problem]:
    for id, (state, starts) in _load(file).items():
        event = event_at(logs.get(id, ()), instant)
        if (
            event
            and event.state in STATES_WITH_LINK
            and state not in STATES_WITH_LINK
            and event.starts <= starts
        ):
            what = f"{id}: {state} from {utc_text(starts)} is shown there already"
            if any((other.state, other.starts) == (state, starts) for other in logs[id]):
                message = f"{what}, and by this machine's clock it is in the future. Set the clock right."
            else:
                message = (
                    f"{what}, and {STATE_FILE} does not have it. Is it an old copy? Bring it up to date (git pull). "
                    f"If not, add what is true now: python build.py quota set {id} …"
                )
            yield Problem(STATE_FILE, event.line or 1, message, "quota-older")


def dump_shown(logs: Mapping[str, Log], instant: datetime) -> bytes:
    """Returns each programme's event that is in force at `instant`, as JSON."""
    events = {id: event_at(log, instant) for id, log in sorted(logs.items())}
    shown = {
        id: {"state": event.state, "from": utc_text(event.starts)} for id, event in events.items() if event
    }
    return json.dumps(shown, indent=1).encode() + b"\n"


def _load(file: Path) -> _Shown:
    try:
        found = json.loads(file.read_bytes())
        return {
            id: (State(event["state"]), datetime.fromisoformat(event["from"])) for id, event in found.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # Builds write this file, not people. The next build writes it again.
        return {}
