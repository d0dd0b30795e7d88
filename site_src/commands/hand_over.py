"""Hands a written change over to the resident publisher, which has everything in memory, and waits for its result.

The result counts only if the live release has exactly the events of the log, was published without problems, and is in the last
line of the journal. Otherwise the command publishes by itself.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from site_src.commands.output import ignore_output_errors, say
from site_src.commands.report import report_release
from site_src.commands.target import who
from site_src.exit_codes import DONE, INTERRUPTED
from site_src.file_lock import SHORT_WAIT, Wait
from site_src.publish import journal
from site_src.publish.heartbeat import last_beat
from site_src.publish.manifest import MANIFEST_FILE, Manifest, ManifestBroken, digest
from site_src.publish.releases import Release, live_name, live_release, target_lock
from site_src.publish.store import OutputRefused
from site_src.quota.log import Log
from site_src.states import State

# A resident publisher writes its heartbeat every two seconds, unless it is publishing.
_ALIVE_SECONDS = 5.0
# How long the resident may take to notice the change. After that, the command publishes by itself.
_NOTICE_SECONDS, _BREATH = 0.3, 0.005


@dataclass(frozen=True, slots=True)
class _Outcome:
    release: Release
    before: Mapping[str, str]


def hand_over(
    options: argparse.Namespace, target: Path, logs: Mapping[str, Log], zone: ZoneInfo
) -> int | None:
    """Waits until a resident publisher has published exactly these logs. Returns the exit code, or None if the command must
    publish by itself.

    Raises WrongUse.
    """
    begun = time.perf_counter()
    by = who(options)
    if options.bucket or time.time() - last_beat(target) > _ALIVE_SECONDS:
        return None
    outcome = None
    with suppress(OSError, OutputRefused, ManifestBroken):
        outcome = _wait_for_outcome(target, logs, {"who": by, "action": "publish"}, begun)
    if outcome is None:
        return None
    options.first.release(target)
    options.first.close()
    with ignore_output_errors():
        report_release(str(target), outcome.release.manifest, outcome.before, zone)
        print(end="", flush=True)
    options.hold.end()
    return _read_back(options, outcome.release, target) if options.probe else DONE


def _wait_for_outcome(
    target: Path, logs: Mapping[str, Log], entry: Mapping[str, str], begun: float
) -> _Outcome | None:
    """Waits until the resident has published these logs, adds a line about this command to the journal, and returns the result.

    Returns None if the resident has not published them in time. Raises OSError, OutputRefused and ManifestBroken.
    """
    noticed_by, seen = time.monotonic() + _NOTICE_SECONDS, ""
    while True:
        # The resident holds this lock while it publishes.
        with target_lock(target, Wait(SHORT_WAIT)):
            name = live_name(target) or ""
            if name != seen and (outcome := _find_outcome(target, logs)):
                line = _describe(outcome.release)
                taken = round((time.perf_counter() - begun) * 1000)
                whole = {**entry, "from": line["to"], **line, "result": "unchanged", "milliseconds": taken}
                journal.append(target, whole)
                return outcome
        if time.monotonic() >= noticed_by:
            return None
        seen = name
        time.sleep(_BREATH)


def _find_outcome(target: Path, logs: Mapping[str, Log]) -> _Outcome | None:
    live = live_release(target)
    if live is None or not _has_events(live.manifest, logs):
        return None
    lines = (line.entry for line in journal.lines(target) if isinstance(line, journal.Line))
    last = [entry for entry in lines if entry.get("action") in ("publish", "rollback")][-1:]
    wanted = {**_describe(live), "action": "publish", "result": "published"}
    if not last or "doubtful" in last[0] or any(last[0].get(key) != value for key, value in wanted.items()):
        return None
    return _Outcome(live, last[0]["from"])


def _has_events(manifest: Manifest, logs: Mapping[str, Log]) -> bool:
    """Returns True if the release has exactly the events of these logs, and shows the states that follow from them."""
    published = {
        id: [(event.state, event.starts) for event in (*past, *manifest.scheduled.get(id, ()))]
        for id, past in manifest.events.items()
    }
    return (
        published == {id: [(event.state, event.starts) for event in log] for id, log in logs.items()}
        and State.UNCONFIRMED not in manifest.states.values()
    )


def _describe(release: Release) -> dict[str, Any]:
    states = {id: str(state) for id, state in release.manifest.states.items()}
    manifest = digest((release.folder / MANIFEST_FILE).read_bytes())
    return {"to": states, "release": release.name, "manifest": manifest}


def _read_back(options: argparse.Namespace, release: Release, target: Path) -> int | None:
    """Returns the exit code if the public address shows the release, or if the operator has pressed Ctrl-C.

    Returns None if the address does not show it, or if a different release is live now.
    """
    if options.hold.interrupted:
        say("Stopped. The change is published; the public address was not read back.")
        return INTERRUPTED
    from site_src.commands.read_back import is_overtaken
    from site_src.publish.probe import probe

    is_over = partial(is_overtaken, release, target)
    if probe(options.probe, release.manifest, None, options.probe_for, is_over) or is_over():
        options.probe_for = 0.0  # The time is used up. The command's own publish reports the fault.
        return None
    with ignore_output_errors():
        print(f"{options.probe} shows it.", flush=True)
    return DONE
