"""`quota due`: prints what is overdue, for a monitor or a timer."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from site_src.commands.heartbeat import HEARTBEAT, SILENT_SECONDS
from site_src.commands.instant import checked_instant, instant_of
from site_src.commands.quota_inputs import QuotaInputs, read_quota_inputs
from site_src.exit_codes import DONE, PROBLEMS
from site_src.problems import InputRefused
from site_src.quota.log import event_at, state_at
from site_src.states import STATES_WITH_LINK, State


@dataclass(frozen=True, slots=True)
class _Shown:
    """A folder with a built site, and the command that builds it again."""

    site: Path
    command: str


def due(options: argparse.Namespace, root: Path) -> int:
    """Prints a line for each overdue step; returns 1 if there is one, else 0. Raises InputRefused and WrongUse."""
    checked_instant(options.at)
    inputs = read_quota_inputs(root)
    if inputs.problems:
        raise InputRefused(inputs.problems)
    instant = instant_of(options.at, inputs.zone)
    published = Path(os.path.abspath(options.published)) if options.published else None
    shown = (
        _Shown(published / "current/site", f"python build.py publish {options.published}")
        if published
        else _Shown(root / "dist", "python build.py")
    )
    lines = [line for programme in sorted(inputs.logs) for line in _due(inputs, programme, instant, shown)]
    lines += [*_silence(published, datetime.now(UTC)), *_lease(published)] if published else []
    for line in lines:
        print(line)
    return PROBLEMS if lines else DONE


def _due(inputs: QuotaInputs, programme: str, instant: datetime, output: _Shown) -> Iterator[str]:
    log, today = inputs.logs[programme], instant.astimezone(inputs.zone).date()
    event, state = event_at(log, instant), state_at(log, instant)
    periods = [period.begins for period in inputs.programmes[programme].registration_periods]
    begun = max((day for day in periods if day <= today), default=None)
    since = event.starts.astimezone(inputs.zone).date() if event else None
    if begun and state not in STATES_WITH_LINK and (since is None or since < begun):
        yield f"{programme}: a registration period began on {begun}, and the state is still {state}. When it is open: python build.py quota set {programme} open"
    if not any(day > today for day in periods):
        yield f"{programme}: no future registration period is known. Add it to content/programmes/{programme}.yaml."
    shown = _state_in_output(output.site, inputs.language, programme)
    if shown and shown != state:
        yield f"{programme}: {output.site.name}/ still says {shown}, and the state is {state}. Build it again: {output.command}"


def _silence(published: Path, now: datetime) -> Iterator[str]:
    """A line for each fault in the heartbeat file: it is over a minute old, cannot be read, or reports a trouble."""
    file = published / HEARTBEAT
    try:
        beat = json.loads(file.read_bytes()) if file.is_file() else None
        silent = now - datetime.fromisoformat(beat["time"]) if beat else timedelta(0)
    except (OSError, ValueError, KeyError, TypeError):
        yield f"{file}: cannot be read, so it is not known whether the resident publisher runs."
        return
    if beat and silent.total_seconds() > SILENT_SECONDS:
        yield f"The resident publisher last wrote its heartbeat at {beat['time']}. Start it again: systemctl restart quotabord"
    if beat and beat.get("trouble"):
        yield f"The resident publisher reports: {beat['trouble']}"
    if beat and beat.get("shown") is False:
        yield 'The public address does not show what is published: docs/running.md, "Alarms".'


def _lease(published: Path) -> Iterator[str]:
    """A line for each link of the live release, if the lease has ended and hides it."""
    from site_src.commands.visitors import look_at  # imports all that reads a release

    if (visitors := look_at(published)).misses_link:
        shown = (id for id, state in visitors.states.items() if state in STATES_WITH_LINK)
        yield from (
            f'{id}: {visitors.describe(id)}. See docs/running.md, "The lease".' for id in sorted(shown)
        )


def _state_in_output(site: Path, language: str, programme: str) -> State | None:
    """The state on the programme's page in the folder `site`; None if there is no such page."""
    page = site / language / programme / "index.html"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return next(
        (state for state in State if f'data-programme="{programme}" data-state="{state}"' in text), None
    )
