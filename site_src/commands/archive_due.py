"""What is wrong with the archive of a target, for `quota due` and the resident publisher."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from site_src.publish.history import read_archives, read_spans
from site_src.read.local import read_local

# An archive follows the probe, which may take a minute; the daily one may be half a day late.
_AFTER_SWITCH, _DAILY = timedelta(minutes=15), timedelta(hours=36)


def find_archive_faults(root: Path, target: Path) -> Iterator[str]:
    """A sentence if the live release is not archived in time, the last attempt failed, or the last archive is old.

    Yields nothing unless local.yaml names an archive for this target. Raises OSError.
    """
    local, _ = read_local(root)
    if not local or not local.archive or Path(local.target) != target:
        return
    spans, lines = read_spans(target), read_archives(target)
    now, cure = datetime.now(UTC), "Try it: python build.py archive"
    if not spans:
        return
    done = [line for line in lines if line.warc]
    if lines and not lines[-1].warc:
        yield f"The last attempt to archive failed: {lines[-1].why} {cure}"
    elif now - spans[-1].begins > _AFTER_SWITCH and all(line.release != spans[-1].release for line in done):
        yield f"Release {spans[-1].release} is live and not archived. {cure}"
    elif done and now - done[-1].time > _DAILY:
        yield f"The last archive is of {done[-1].time:%Y-%m-%d %H:%M} UTC, and there should be one each day. {cure}"


def is_archived(target: Path, release: str) -> bool:
    """True when the journal names a WARC file of the release. Raises OSError."""
    return any(line.warc and line.release == release for line in read_archives(target))
