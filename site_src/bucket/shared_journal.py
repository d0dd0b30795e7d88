"""Reads and extends the journal that the publishers of a bucket share: one object per line, in the format of a target's journal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from site_src.bucket.object_store import ObjectStore
from site_src.bucket.releases import each_at_once
from site_src.instants import utc_text
from site_src.publish import journal

JOURNAL = "journal"


def append_line(store: ObjectStore, entry: Mapping[str, Any]) -> None:
    """Adds a line at the end. Tries again if another publisher adds a line at the same time. Raises StoreFailed."""
    added = False
    while not added:
        number, last = _last_line(store)
        before = sha256(last).hexdigest() if number else journal.NO_LINE
        line = json.dumps({**entry, journal.BEFORE: before}, ensure_ascii=False).encode()
        added = store.create_surely(f"{JOURNAL}/{number + 1:08}.json", line)


def note_missing(store: ObjectStore, entry: Mapping[str, Any]) -> None:
    """Adds the line of a live release if its publisher has not added it, because it was killed or is slow. Raises StoreFailed."""
    line = next(journal.parse(_last_line(store)[1]), None)
    if not isinstance(line, journal.Line) or line.entry.get("release") != entry["release"]:
        append_line(store, {"time": utc_text(datetime.now(UTC), "milliseconds"), **entry})


def read_lines(store: ObjectStore) -> list[journal.Line | int]:
    """Returns the lines, the oldest first, in the form of `journal.lines`. Raises StoreFailed.

    If a release has two lines, returns only the first. There are two if `note_missing` was faster than the release's
    publisher.
    """
    found = each_at_once(store.get, [line.key for line in store.list(JOURNAL)])
    lines: list[journal.Line | int] = []
    releases = set()
    for line in journal.parse(b"\n".join(each.data for each in found if each)):
        release = line.entry.get("release") if isinstance(line, journal.Line) else None
        if release is None or release not in releases:
            lines.append(line)
            releases.add(release)
    return lines


def _last_line(store: ObjectStore) -> tuple[int, bytes]:
    """Returns the number and the bytes of the last line; 0 and b"" if there is none."""
    for line in store.list(JOURNAL)[-1:]:
        if found := store.get(line.key):
            return int(Path(line.key).stem), found.data
    return 0, b""
