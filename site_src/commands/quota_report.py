"""Prints a change of the quota log for people and as JSON (`--json`): events, times, and the effect on the link."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from site_src.commands.output import print_json, print_row
from site_src.commands.quota_inputs import QuotaInputs
from site_src.instants import utc_text
from site_src.quota.change import Change
from site_src.quota.event_lines import zoned_text
from site_src.quota.log import Event, next_event, state_at
from site_src.read.project import Project
from site_src.read.tree import STATE_FILE
from site_src.states import STATES_WITH_LINK, State

if TYPE_CHECKING:
    from site_src.commands.visitors import Visitors


def preview_change(
    options: argparse.Namespace, project: Project, change: Change, inputs: QuotaInputs
) -> None:
    """Prints what visitors see now, and what would change. With --dry-run, also prints which output files would differ."""
    visitors = None
    # A bucket is not read, because the question must not wait for a network.
    if options.publish and not options.bucket and os.path.isdir(options.publish):
        from site_src.commands.visitors import look_at

        visitors = look_at(Path(options.publish))
    if options.json:
        print_change_as_json(change, written=False, visitors=visitors)
        return
    print_change(change, inputs, visitors)
    if options.dry_run:
        from site_src.commands.quota_files import list_files

        list_files(change, project)


def print_change(change: Change, inputs: QuotaInputs, visitors: Visitors | None = None) -> None:
    """Prints what `visitors` see now, then the change and its effect on the link."""
    zones = inputs.zones(change.programme)
    print(f"{inputs.name(change.programme)} ({change.programme})")
    if visitors:
        print_row("now", visitors.describe(change.programme))
    if taken_back := change.cancelled or change.undone:
        print_row("takes back", " ".join(event_line(taken_back, zones).split()))
    print_row("before", _words(state_at(change.before, change.instant), change.link_before))
    print_row("after", _words(state_at(change.after, change.instant), change.link_after))
    if change.added and change.added.places:
        print_row("places", f"{change.added.places}, published")
    if change.added and change.added.mistake:
        print_row("mistake", "pages say that the closing was a mistake, and when it was corrected")
    print_row("from", zoned_text(change.instant, zones))
    print_row("the link", effect(change))
    if scheduled := next_event(change.after, change.instant):
        shown = "shown" if scheduled.state in STATES_WITH_LINK else "hidden"
        print_row("then", f"{scheduled.state} from {zoned_text(scheduled.starts, zones)}, link {shown}")


def print_written(change: Change, inputs: QuotaInputs) -> None:
    """Prints which events were taken back, and which were written."""
    zones, id = inputs.zones(change.programme), change.programme
    when = zoned_text(change.instant, zones)
    if change.undone:
        began = zoned_text(change.undone.starts, zones)
        print(f"Taken back: {change.undone.state} since {began}. {id} is {change.after[-1].state} again.")
    if change.cancelled:
        began = zoned_text(change.cancelled.starts, zones)
        print(f"Taken back: {change.cancelled.state} from {began}. It is no longer in {STATE_FILE}.")
    if change.added:
        print(f"Written to {STATE_FILE}, for {when}.")


def print_next_step(change: Change, is_scheduled: bool) -> None:
    """Prints how to publish a change that was written but not published."""
    is_ahead = change.added is not None and is_scheduled and change.instant > datetime.now(UTC)
    more = " now, so that pages announce it, and again at that moment" if is_ahead else ""
    print(f"Put it on the site{more}: python build.py")


def print_change_as_json(change: Change, written: bool, visitors: Visitors | None = None) -> None:
    """Prints the change for machines. docs/reference.md lists the keys."""
    taken_back, added = change.cancelled or change.undone, change.added
    printed: Mapping[str, Any] = {
        "programme": change.programme,
        "from": utc_text(change.instant),
        "before": {"state": state_at(change.before, change.instant), "linkShown": change.link_before},
        "after": {"state": state_at(change.after, change.instant), "linkShown": change.link_after},
        "takenBack": {"state": taken_back.state, "from": utc_text(taken_back.starts)} if taken_back else None,
        "added": event_as_json(added) if added else None,
        "written": written,
        **({"visitors": visitors.as_json(change.programme)} if visitors else {}),
    }
    print_json(printed)


def event_line(event: Event, zones: tuple[ZoneInfo, ...], scheduled: bool = False) -> str:
    """Returns one line with the event's state, its time in `zones`, places, `by` and `note`."""
    details = [
        "scheduled" if scheduled else "",
        f"{event.places} places" if event.places else "",
        "corrects a mistake" if event.mistake else "",
        f"by {event.by}" if event.by else "",
        event.note or "",
    ]
    more = " ".join("; ".join(filter(None, details)).split())
    return f"{zoned_text(event.starts, zones)}  {event.state:<16}  {more}".rstrip()


def event_as_json(event: Event) -> Mapping[str, Any]:
    """Returns the event as JSON values, with its moment in UTC."""
    more = {key: getattr(event, key) for key in ("places", "by", "note", "mistake")}
    return {"state": event.state, "from": utc_text(event.starts), **more}


def effect(change: Change) -> str:
    """Returns the effect on the link, as the end of a sentence that begins with "The link"."""
    if change.link_before == change.link_after:
        return "stays shown" if change.link_after else "stays hidden"
    if not change.added:
        return "will not DISAPPEAR then" if change.link_after else "will not APPEAR then"
    return "APPEARS" if change.link_after else "DISAPPEARS"


def _words(state: State, shown: bool) -> str:
    return f"{state}, link {'shown' if shown else 'hidden'}"
