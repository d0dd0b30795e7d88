"""`quota show` and `quota history`: print states, events and what visitors see, for people and for machines."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from site_src.commands.output import pluralize, print_json, say
from site_src.commands.quota_overview import Overview, PeriodOverview, ProgrammeOverview, read_overview
from site_src.commands.target import take_bucket
from site_src.commands.typed_names import known_programme
from site_src.exit_codes import DONE, PROBLEMS, WrongUse
from site_src.instants import checked_instant, instant_of, utc_text
from site_src.problems import InputRefused, Problem
from site_src.quota.event_lines import zoned_text
from site_src.quota.log import event_at, next_event, state_at
from site_src.quota.registration_periods import next_registration_periods
from site_src.read.project import Project
from site_src.states import STATES_WITH_LINK

if TYPE_CHECKING:
    from site_src.commands.visitors import Visitors


def show(options: argparse.Namespace, project: Project) -> int:
    """Prints each programme's state, whether the link is shown, and the next change. Raises InputRefused and WrongUse."""
    checked_instant(options.at)
    take_bucket(options, project, "published")
    visitors = _look_at(options) if options.published else None
    try:
        overview = read_overview(project)
    except InputRefused:
        # The log cannot be read. The operator first needs to know what visitors see.
        if visitors and not options.json:
            _print_visitors(visitors, sorted(visitors.states))
        raise
    instant = instant_of(options.at, overview.zone)
    if options.json:
        programmes = [_status(programme, instant, overview.zone) for programme in overview.programmes]
        if visitors:
            programmes = [{**status, "visitors": visitors.as_json(status["id"])} for status in programmes]
        print_json({"instant": utc_text(instant), "programmes": programmes})
    else:
        _print_overview(overview, instant, visitors)
    return _finish(overview.problems)


def _print_overview(overview: Overview, instant: datetime, visitors: Visitors | None) -> None:
    for number, programme in enumerate(overview.programmes):
        _print_title(number, programme.name, programme.id)
        for title, text in _rows(programme, instant, overview.zone):
            print(f"  {title:<26}{text}")
        if visitors:
            print(f"  {'now':<26}{visitors.describe(programme.id)}")
    if visitors:
        shown = {programme.id for programme in overview.programmes}
        _print_visitors(visitors, sorted(visitors.states.keys() - shown))


def _print_visitors(visitors: Visitors, programmes: Iterable[str]) -> None:
    """Prints what visitors see of each programme whose log cannot be read."""
    for programme in programmes:
        print(programme)
        print(f"  {'now':<26}{visitors.describe(programme)}")


def history(options: argparse.Namespace, project: Project) -> int:
    """Prints the events of the named programme, or of all, the oldest first, with `by` and `note`. Raises InputRefused and WrongUse."""
    # `show` does not need these imports, and is quick without them.
    from site_src.commands.quota_inputs import read_quota_inputs
    from site_src.commands.quota_report import event_as_json, event_line

    inputs = read_quota_inputs(project, programme=options.programme)
    chosen = known_programme(options.programme, inputs.ids) if options.programme else None
    if chosen and chosen not in inputs.logs:
        raise InputRefused(inputs.problems)
    now = instant_of(None, inputs.zone)
    programmes = [chosen] if chosen else sorted(inputs.logs)
    if options.json:
        print_json({id: [event_as_json(event) for event in inputs.logs[id]] for id in programmes})
    else:
        for number, programme in enumerate(programmes):
            _print_title(number, inputs.name(programme), programme)
            for event in inputs.logs[programme]:
                print(f"  {event_line(event, inputs.zones(programme), scheduled=event.starts > now)}")
    return _finish(inputs.problems)


def _print_title(number: int, name: str, id: str) -> None:
    print("" if number == 0 else "\n", end="")
    print(f"{name} ({id})")


def _finish(problems: Sequence[Problem]) -> int:
    """Prints the problems of `content/`, which may explain missing output, and returns the exit code."""
    say(*problems)
    return PROBLEMS if problems else DONE


def _rows(programme: ProgrammeOverview, instant: datetime, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    log, zones = programme.log, programme.zones
    state, event, scheduled = state_at(log, instant), event_at(log, instant), next_event(log, instant)
    yield "state", f"{state}: the link is {'SHOWN' if state in STATES_WITH_LINK else 'hidden'}"
    yield "since", zoned_text(event.starts, zones) if event else "-"
    if event and event.places:
        yield "places", str(event.places)
    coming = f"{scheduled.state} from {zoned_text(scheduled.starts, zones)}" if scheduled else "none"
    yield "next scheduled change", coming
    period, days = _next_period(programme, instant, zone)
    begins = f"{period.begins} ({period.certainty}, in {pluralize(days, 'day')})" if period else "not known"
    yield "next registration period", begins


def _status(programme: ProgrammeOverview, instant: datetime, zone: ZoneInfo) -> dict[str, Any]:
    log = programme.log
    state, event, scheduled = state_at(log, instant), event_at(log, instant), next_event(log, instant)
    period, days = _next_period(programme, instant, zone)
    return {
        "id": programme.id,
        "name": programme.name,
        "names": dict(programme.names),
        "timeZones": [zone.key for zone in programme.zones],
        "state": state,
        "linkShown": state in STATES_WITH_LINK,
        "since": event and utc_text(event.starts),
        "placesAvailable": event and event.places,
        "nextScheduledChange": scheduled and {"state": scheduled.state, "from": utc_text(scheduled.starts)},
        "nextRegistrationPeriod": period
        and {"begins": str(period.begins), "certainty": period.certainty, "days": days},
    }


def _look_at(options: argparse.Namespace) -> Visitors:
    if options.bucket:
        visitors: Visitors = options.bucket.look()
        return visitors
    target = Path(os.path.abspath(options.published))
    if not target.is_dir():
        raise WrongUse(f"{options.published} does not exist. Name the published folder.")
    # Slow: it imports everything that reads a release.
    from site_src.commands.visitors import look_at

    return look_at(target)


def _next_period(
    programme: ProgrammeOverview, instant: datetime, zone: ZoneInfo
) -> tuple[PeriodOverview | None, int]:
    """Returns the next registration period, or None, and the number of days until it begins."""
    period = next(iter(next_registration_periods(programme.periods, instant, zone)), None)
    return period, (period.begins - instant.astimezone(zone).date()).days if period else 0
