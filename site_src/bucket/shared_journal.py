"""Reads and extends the journal that the publishers of a bucket share: one object per line, in the format of a target's journal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from site_src.bucket.object_store import ObjectStore
from site_src.instants import utc_text
from site_src.publish import journal

JOURNAL = "journal"
_AT_ONCE = 32


def append_line(store: ObjectStore, entry: Mapping[str, Any]) -> None:
    """Adds a line at the end. Tries again if another publisher adds a line at the same time. Raises StoreFailed."""
    added = False
    while not added:
        number, before = _last_line(store)
        line = json.dumps({**entry, journal.BEFORE: before}, ensure_ascii=False).encode()
        added = store.create_surely(f"{JOURNAL}/{number + 1:08}.json", line)


def note_missing(store: ObjectStore, entry: Mapping[str, Any]) -> None:
    """Adds the line of a live release if its publisher has not added it, because it was killed or is slow. Raises StoreFailed."""
    last = max((line.key for line in store.list(JOURNAL)), default=None)
    found = store.get(last) if last else None
    line = next(journal.parse(found.data), 1) if found else 1
    if not isinstance(line, journal.Line) or line.entry.get("release") != entry["release"]:
        append_line(store, {"time": utc_text(datetime.now(UTC), "milliseconds"), **entry})


def read_lines(store: ObjectStore) -> list[journal.Line | int]:
    """Returns the lines, the oldest first, in the form of `journal.lines`. Raises StoreFailed.

    If a release has two lines, returns only the first. There are two if `note_missing` was faster than the release's
    publisher.
    """
    keys = sorted(line.key for line in store.list(JOURNAL))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        found = [each.data for each in threads.map(store.get, keys) if each]
    lines: list[journal.Line | int] = []
    releases = set()
    for line in journal.parse(b"\n".join(found)):
        release = line.entry.get("release") if isinstance(line, journal.Line) else None
        if release is None or release not in releases:
            lines.append(line)
            releases.add(release)
    return lines


def _last_line(store: ObjectStore) -> tuple[int, str]:
    last = max((line.key for line in store.list(JOURNAL)), default=None)
    found = store.get(last) if last else None
    if last is None or found is None:
        return 0, journal.NO_LINE
    return int(Path(last).stem), sha256(found.data).hexdigest()
