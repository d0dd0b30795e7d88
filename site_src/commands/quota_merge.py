"""`quota merge` (git's merge driver), `quota take` (run by deploy/pull.sh) and `quota recover`: merge the log with other
versions of it.

docs/running.md shows how to register the merge driver with git.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from site_src.commands.output import say
from site_src.commands.quota_inputs import read_quota_inputs
from site_src.commands.quota_save import start_saving
from site_src.commands.target import take_bucket
from site_src.exit_codes import DONE, PROBLEMS, CommandFailed, WrongUse
from site_src.file_lock import LockHeld, Wait
from site_src.local_file import LOCAL_FILE
from site_src.problems import InputRefused
from site_src.publish.manifest import Manifest
from site_src.publish.releases import Release, live_or_newest
from site_src.quota.event_lines import write_event
from site_src.quota.log import Event, Log
from site_src.quota.log_file import LogChanged, LogFile
from site_src.quota.merge import MergeRefused, mark_conflict, merge_texts
from site_src.quota.take_over import take_over
from site_src.read.project import Project
from site_src.read.tree import STATE_FILE


def merge(options: argparse.Namespace, project: Project) -> int:
    """Writes the merged log to the file `ours` and returns 0. If the versions conflict, writes conflict markers and returns 1.

    Raises WrongUse if a file cannot be read.
    """
    files = [Path(name) for name in (options.base, options.ours, options.theirs)]
    try:
        base, ours, theirs = (file.read_bytes().decode() for file in files)
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"a version of {STATE_FILE} cannot be read: {error}") from None
    code, said = DONE, tuple[str, ...]()
    try:
        merged = merge_texts(base, ours, theirs, project.read_zone(), datetime.now(UTC))
        text, said = merged.text, merged.notes
    except MergeRefused as refused:
        text, code, said = refused.text, PROBLEMS, refused.reasons
    except InputRefused as refused:
        text, code, said = mark_conflict(ours, theirs), PROBLEMS, tuple(map(str, refused.problems))
    files[1].write_bytes(text.encode())
    say(*(f"{STATE_FILE}: {line}" if code else line for line in said))
    return code


def take(options: argparse.Namespace, project: Project) -> int:
    """Merges the events of the file `theirs` into the log, in one write. Returns 1 if the events of a programme cannot be merged.

    That programme keeps its lines; the others are still merged. Raises CommandFailed, InputRefused, and WrongUse if a file cannot be
    read.
    """
    zone = project.read_zone()
    log_file = LogFile(project.root)
    try:
        base, theirs = (Path(name).read_bytes().decode() for name in (options.base, options.theirs))
        with log_file.lock(Wait()):
            version, before = log_file.version(), log_file.read().decode()
            taken = take_over(base, before, theirs, zone, datetime.now(UTC))
            if taken.text != before:
                log_file.replace(taken.text, version)
    except (LogChanged, LockHeld) as error:
        raise _refuse(error) from None
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"a version of {STATE_FILE} cannot be read or written: {error}") from None
    say(*taken.notes)
    say(*(f"Not merged: {refused}" for refused in taken.refused))
    return PROBLEMS if taken.refused else DONE


def recover(options: argparse.Namespace, project: Project) -> int:
    """Merges the live release's events into the log, and prints what it added and left out.
    Where the log and the release differ, the merged log hides the link. Raises CommandFailed, InputRefused and WrongUse.
    """
    release = _find_release(options, project)
    inputs, now = read_quota_inputs(project), datetime.now(UTC)
    published = _write_log(release.manifest, frozenset(inputs.logs), inputs.zone)
    try:
        log_file = LogFile(project.root)
        with log_file.lock(Wait()):
            version, before = log_file.version(), log_file.read()
            merged = merge_texts(None, before.decode(), published, inputs.zone, now)
            changed = merged.text.encode() != before
            if changed:
                log_file.replace(merged.text, version)
    except (MergeRefused, LogChanged, LockHeld) as error:
        raise _refuse(error) from None
    for id, log in merged.logs.items():
        _report(id, inputs.logs[id], log)
    for note in merged.notes:
        print(note)
    print(f"{STATE_FILE} {'now' if changed else 'already'} contains the events of release {release.name}.")
    if changed:
        start_saving(project)
    return DONE


def _refuse(error: Exception) -> CommandFailed:
    if isinstance(error, LogChanged):
        return CommandFailed(f"Refused: {STATE_FILE} was changed at the same moment. Try again.")
    return CommandFailed(f"Refused: {error}")


def _find_release(options: argparse.Namespace, project: Project) -> Release:
    """Returns the live release of the target, or the newest readable release. Raises WrongUse, and OSError for a bucket."""
    options.published = options.published or project.find_target()
    take_bucket(options, project, "published")
    folder = options.published
    if folder is None:
        raise WrongUse(
            f'where is the site published to? Add "target: /srv/www/…" to {LOCAL_FILE}, or name the folder: --published DIR'
        )
    if options.bucket:
        options.bucket.look()
    release, reason = live_or_newest(Path(folder))
    if release is None:
        raise WrongUse(f"{folder}: {reason or 'there is no release.'}")
    if reason:
        say(f"{reason} The newest readable release is used: {release.name}.")
    return release


def _write_log(manifest: Manifest, programmes: frozenset[str], zone: ZoneInfo) -> str:
    """Returns the events that the release has, past and scheduled, as a quota log."""
    text = ""
    for id in sorted(programmes & manifest.events.keys()):
        events = (*manifest.events[id], *manifest.scheduled.get(id, ()))
        text += f"{id}:\n" if events else ""
        for event in events:
            known = Event(event.state, event.starts, event.places, mistake=event.mistake)
            text += write_event(known, zone, 2)
    return text


def _report(id: str, before: Log, after: Log) -> None:
    known = {(event.state, event.starts) for event in before}
    for event in after:
        if (event.state, event.starts) not in known:
            print(f"{id}: added {event.state} from {event.starts:%Y-%m-%d %H:%M:%S} UTC")
