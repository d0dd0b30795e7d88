"""What is wrong with the archive of a target, for `quota due` and the resident publisher."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from site_src.commands.findings import Finding
from site_src.publish.history import read_archives, read_spans
from site_src.read.local import Local

# An archive follows the probe, which may take a minute; the daily one may be half a day late.
_AFTER_SWITCH, _DAILY = timedelta(minutes=15), timedelta(hours=36)


def find_archive_faults(target: Path, local: Local | None) -> Iterator[Finding]:
    """A warning if the live release is not archived in time, the last attempt failed, or the last archive is old.

    Yields nothing unless `local` (local.yaml, if it is about this target) names a folder for the archive. Raises OSError.
    """
    spans = read_spans(target) if local and local.archive else []
    if not spans:
        return
    lines, now, cure = read_archives(target), datetime.now(UTC), "Try it: python build.py archive"
    done = [line for line in lines if line.warc]
    if lines and not lines[-1].warc:
        message = f"The last attempt to archive the site failed: {lines[-1].why} {cure}"
    elif now - spans[-1].begins > _AFTER_SWITCH and all(line.release != spans[-1].release for line in done):
        message = f"Release {spans[-1].release} is live and not archived. {cure}"
    elif done and now - done[-1].time > _DAILY:
        message = f"The last archive is of {done[-1].time:%Y-%m-%d %H:%M} UTC, and there should be one each day. {cure}"
    else:
        return
    yield Finding("warning", "archive", message)


def is_archived(target: Path, release: str) -> bool:
    """True when the journal names a WARC file of the release. Raises OSError."""
    return any(line.warc and line.release == release for line in read_archives(target))
