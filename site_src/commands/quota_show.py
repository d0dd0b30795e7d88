"""`quota show`, `quota history` and `quota due`: what the log says, for people and for machines."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from site_src.availability import STATES_WITH_LINK, next_registration_period
from site_src.commands.instant import checked_instant, instant_of
from site_src.commands.quota_inputs import QuotaInputs, known_programme, read_quota_inputs
from site_src.outcomes import DONE, PROBLEMS
from site_src.quota import Event, State, event_at, next_event, state_at
from site_src.quota_file import local_text


def show(options: argparse.Namespace, root: Path) -> int:
    """Prints each programme's state, what it means for the link, and what comes next."""
    checked_instant(options.at)
    inputs = read_quota_inputs(root)
    instant = instant_of(options.at, inputs.zone)
    if options.json:
        programmes = [_status(inputs, programme, instant) for programme in sorted(inputs.logs)]
        print(json.dumps({"instant": _utc(instant), "programmes": programmes}, ensure_ascii=False, indent=2))
        return DONE
    for number, programme in enumerate(sorted(inputs.logs)):
        print("" if number == 0 else "\n", end="")
        print(f"{inputs.name(programme)} ({programme})")
        for title, text in _rows(inputs, programme, instant):
            print(f"  {title:<26}{text}")
    return DONE


def history(options: argparse.Namespace, root: Path) -> int:
    """Prints the events of each programme, or of one, the oldest first, with who noted them and why."""
    inputs = read_quota_inputs(root)
    chosen = [known_programme(options.programme, inputs)] if options.programme else sorted(inputs.logs)
    if options.json:
        listed = {programme: [_event(event) for event in inputs.logs[programme]] for programme in chosen}
        print(json.dumps(listed, ensure_ascii=False, indent=2))
        return DONE
    now = datetime.now(UTC)
    for number, programme in enumerate(chosen):
        print("" if number == 0 else "\n", end="")
        print(f"{inputs.name(programme)} ({programme})")
        for event in inputs.logs[programme]:
            details = [
                f"{event.places} places" if event.places else "",
                f"by {event.by}" if event.by else "",
                event.note or "",
            ]
            more = "; ".join(filter(None, ["scheduled" if event.starts > now else "", *details]))
            print(f"  {local_text(event.starts, inputs.zone):<22}{event.state:<18}{more}".rstrip())
    return DONE


def due(options: argparse.Namespace, root: Path) -> int:
    """Prints a line for each thing that should have followed and has not; exit 1 if there is one."""
    checked_instant(options.at)
    inputs = read_quota_inputs(root)
    instant = instant_of(options.at, inputs.zone)
    lines = [line for programme in sorted(inputs.logs) for line in _due(inputs, programme, instant, root)]
    for line in lines:
        print(line)
    return PROBLEMS if lines else DONE


def both_zones(inputs: QuotaInputs, programme: str, instant: datetime) -> str:
    """The instant in the site's zone and in the programme's, each with the zone's name."""
    zones = (inputs.zone, ZoneInfo(inputs.programmes[programme].time_zone))
    return " = ".join(f"{local_text(instant, zone)} {zone.key}" for zone in dict.fromkeys(zones))


def _rows(inputs: QuotaInputs, programme: str, instant: datetime) -> Iterator[tuple[str, str]]:
    log = inputs.logs[programme]
    state, event, scheduled = state_at(log, instant), event_at(log, instant), next_event(log, instant)
    yield "state", f"{state}: the link is {'SHOWN' if state in STATES_WITH_LINK else 'hidden'}"
    yield "since", both_zones(inputs, programme, event.starts) if event else "-"
    if event and event.places:
        yield "places", str(event.places)
    yield (
        "next scheduled change",
        f"{scheduled.state} from {both_zones(inputs, programme, scheduled.starts)}" if scheduled else "none",
    )
    period = _next_period(inputs, programme, instant)
    days = _days_until(period, instant, inputs.zone) if period else 0
    yield (
        "next registration period",
        f"{period} (in {days} day{'' if days == 1 else 's'})" if period else "not known",
    )


def _status(inputs: QuotaInputs, programme: str, instant: datetime) -> dict[str, Any]:
    log = inputs.logs[programme]
    state, event, scheduled = state_at(log, instant), event_at(log, instant), next_event(log, instant)
    period = _next_period(inputs, programme, instant)
    return {
        "id": programme,
        "name": inputs.name(programme),
        "state": state,
        "linkShown": state in STATES_WITH_LINK,
        "since": _utc(event.starts) if event else None,
        "placesAvailable": event.places if event else None,
        "nextScheduledChange": {"state": scheduled.state, "from": _utc(scheduled.starts)}
        if scheduled
        else None,
        "nextRegistrationPeriod": {"begins": str(period), "days": _days_until(period, instant, inputs.zone)}
        if period
        else None,
    }


def _event(event: Event) -> Mapping[str, Any]:
    return {
        "state": event.state,
        "from": _utc(event.starts),
        "places": event.places,
        "by": event.by,
        "note": event.note,
    }


def _due(inputs: QuotaInputs, programme: str, instant: datetime, root: Path) -> Iterator[str]:
    log, today = inputs.logs[programme], instant.astimezone(inputs.zone).date()
    event, state = event_at(log, instant), state_at(log, instant)
    periods = [period.begins for period in inputs.programmes[programme].registration_periods]
    begun = max((day for day in periods if day <= today), default=None)
    since = event.starts.astimezone(inputs.zone).date() if event else None
    if begun and state not in STATES_WITH_LINK and (since is None or since < begun):
        yield f"{programme}: a registration period began on {begun}, and the state is still {state}. When it is open: quota set {programme} open"
    if not any(day > today for day in periods):
        yield f"{programme}: no future registration period is known. Add it to content/programmes/{programme}.yaml."
    shown = _state_in_output(root, inputs.settings.default_language, programme)
    if shown and shown != state:
        yield f"{programme}: dist/ still says {shown}, and the state is {state}. Build it again: python build.py"


def _state_in_output(root: Path, language: str, programme: str) -> State | None:
    """The state that the last build's page of the programme shows; None where there is no such page."""
    page = root / "dist" / language / programme / "index.html"
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    return next(
        (state for state in State if f'data-programme="{programme}" data-state="{state}"' in text), None
    )


def _next_period(inputs: QuotaInputs, programme: str, instant: datetime) -> date | None:
    return next_registration_period(inputs.programmes[programme].registration_periods, instant, inputs.zone)


def _days_until(day: date, instant: datetime, zone: ZoneInfo) -> int:
    return (day - instant.astimezone(zone).date()).days


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
