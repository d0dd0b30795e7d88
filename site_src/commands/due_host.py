"""Findings of `quota due` about the host that publishes: heartbeat, lease, bucket, log in git, archive."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from site_src.archive.archive_lines import read_archives
from site_src.commands.due_output import DueFinding
from site_src.commands.git import GitFailed
from site_src.commands.log_repository import LogRepository
from site_src.commands.quota_save import SAVED_FILE
from site_src.publish.heartbeat import HEARTBEAT, SILENT_SECONDS
from site_src.publish.history import read_spans
from site_src.read.local import Local
from site_src.read.project import Project
from site_src.read.tree import STATE_FILE
from site_src.states import STATES_WITH_LINK

if TYPE_CHECKING:
    from site_src.commands.bucket_target import BucketTarget
    from site_src.commands.visitors import Visitors

# How long a commit or push in the background may take before it counts as failed.
_SAVING_SECONDS = 300.0
# An archive begins after the probe, which may take a minute. The daily archive may be half a day late.
_AFTER_SWITCH, _DAILY = timedelta(minutes=15), timedelta(hours=36)


def find_silence(published: Path, local: Local | None, now: datetime) -> Iterator[DueFinding]:
    """Yields a finding if the heartbeat file is missing, is old, cannot be read, or reports a problem or a failed probe."""
    file = published / HEARTBEAT
    if not file.exists():
        if local and local.lease:
            message = "No resident publisher has run here, but local.yaml sets a lease, which only a resident publisher renews. Start one: systemctl start quotabord"
            yield DueFinding("critical", "heartbeat-missing", message)
        return
    try:
        beat = json.loads(file.read_bytes())
        silent = now - datetime.fromisoformat(beat["time"])
    except (OSError, ValueError, KeyError, TypeError):
        message = f"{file}: cannot be read, so it is not known whether the resident publisher runs."
        yield DueFinding("warning", "heartbeat-unreadable", message)
        return
    if abs(silent) > timedelta(seconds=SILENT_SECONDS):
        message = f"The resident publisher last wrote its heartbeat at {beat['time']}. Start it again: systemctl restart quotabord"
        yield DueFinding("critical", "heartbeat-old", message)
    if beat.get("trouble"):
        yield DueFinding("warning", "trouble", f"The resident publisher reports: {beat['trouble']}")
    if beat.get("shown") is False:
        message = 'The public address does not show what is published. See docs/running.md, "Alarms".'
        yield DueFinding("critical", "probe-failed", message)


def find_ended_lease(published: Path) -> Iterator[DueFinding]:
    """Yields a finding for each programme whose link is hidden because the lease has ended."""
    from site_src.commands.visitors import look_at  # Slow: it imports everything that reads a release.

    yield from _find_missed_links(look_at(published), 'docs/running.md, "The lease"')


def _find_missed_links(visitors: Visitors, page: str) -> Iterator[DueFinding]:
    if visitors.misses_link:
        for id in sorted(id for id, state in visitors.states.items() if state in STATES_WITH_LINK):
            message = f"{visitors.describe(id)}. See {page}."
            yield DueFinding("critical", "lease-ended", message, id)


def find_in_bucket(bucket: BucketTarget, keys: Path) -> Iterator[DueFinding]:
    """Yields a finding if the bucket cannot be read, if its lease has ended, or if the newest root in `keys` expires soon."""
    from site_src.bucket.roots import WARN_DAYS, newest_root, root_expires

    try:
        yield from _find_missed_links(bucket.look(), "docs/scaling.md")
    except OSError as error:
        yield DueFinding("critical", "store", f"{error.filename or bucket.folder}: {error.strerror}.")
    left = root_expires(newest_root(keys)) - datetime.now(UTC)
    if left < timedelta(days=WARN_DAYS):
        message = f"The root of the bucket's keys expires in {left.days} days. To renew it: python build.py keys rotate"
        yield DueFinding("warning", "root-expires", message)


def find_unsaved_log(project: Project, local: Local | None) -> Iterator[DueFinding]:
    """Yields a finding if local.yaml requires that the log is saved in git, and a change has not been saved."""
    if local is None or local.git == "none":
        return
    try:
        trouble = json.loads((project.root / SAVED_FILE).read_bytes())["trouble"]
    except (OSError, ValueError, KeyError, TypeError):
        trouble = None  # Nothing has been saved yet, so only git can report it.
    trouble = trouble or _find_unsaved(LogRepository(project.root, project.read_zone()), local)
    if trouble:
        yield DueFinding("warning", "log-unsaved", f"{trouble} To try again: python build.py quota save")


def _find_unsaved(repository: LogRepository, local: Local) -> str | None:
    try:
        since = repository.find_unsaved(local.git == "push")
    except (GitFailed, OSError) as error:
        return f"{STATE_FILE}: {error}"
    if since is None or time.time() - since < _SAVING_SECONDS:
        return None
    moment = datetime.fromtimestamp(since, UTC)
    return f"{STATE_FILE} has changes since {moment:%Y-%m-%d %H:%M} UTC that are not {'pushed' if local.git == 'push' else 'committed'}."


def find_archive_faults(target: Path, local: Local | None) -> Iterator[DueFinding]:
    """Yields a warning if the live release is not archived in time, the last attempt failed, or the last archive is old.

    Yields nothing unless `local`, the settings for this target, names a folder for the archive. Raises OSError.
    """
    spans = read_spans(target) if local and local.archive else []
    if not spans:
        return
    lines, now, cure = read_archives(target), datetime.now(UTC), "To archive it: python build.py archive"
    done = [line for line in lines if line.warc]
    if lines and not lines[-1].warc:
        message = f"The last attempt to archive the site failed: {lines[-1].why} {cure}"
    elif now - spans[-1].begins > _AFTER_SWITCH and all(line.release != spans[-1].release for line in done):
        message = f"Release {spans[-1].release} is live, but not archived. {cure}"
    elif done and now - done[-1].time > _DAILY:
        message = f"The last archive was made on {done[-1].time:%Y-%m-%d %H:%M} UTC, but there should be one each day. {cure}"
    else:
        return
    yield DueFinding("warning", "archive", message)
