"""Anchors of the journal: the digest of its newest line, kept where a person who can rewrite the journal cannot change it.

Each line of the journal has the digest of the line before, so one digest proves every line up to its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from site_src.instants import utc_text
from site_src.publish import journal


@dataclass(frozen=True, slots=True)
class Anchor:
    """`sha256` is the digest of line `line` of the journal; `time` is when that was taken."""

    line: int
    sha256: str
    time: str

    def as_json(self) -> str:
        """The anchor as one line of JSON."""
        return json.dumps({"line": self.line, "sha256": self.sha256, "time": self.time})


def take_anchor(target: Path) -> Anchor | None:
    """The anchor of the newest complete line; None if there is none. Raises OSError."""
    digests = _digests(target)
    now = utc_text(datetime.now(UTC), "seconds")
    return Anchor(len(digests), digests[-1], now) if digests else None


def check_anchors(target: Path, file: Path) -> Iterator[str]:
    """A sentence for each anchor in the file that the journal contradicts, and for each line that is no anchor. Raises OSError."""
    digests, text = _digests(target), file.read_text(encoding="utf-8", errors="replace")
    anchors = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not anchors:
        yield f"{file}: has no anchor"
    for number, line in anchors:
        try:
            known = json.loads(line)
            place, sha256, time = int(known["line"]), str(known["sha256"]), str(known["time"])
        except (ValueError, KeyError, TypeError, RecursionError):
            yield f"{file}:{number}: is not an anchor. Write one: python build.py journal anchor {file}"
            continue
        if not 1 <= place <= len(digests):
            yield f"{file}:{number}: {journal.JOURNAL} has {len(digests)} lines, and at {time} it had {place}: lines were removed"
        elif digests[place - 1] != sha256:
            yield f"{file}:{number}: {journal.JOURNAL}:{place} is not the line of {time}: it, or a line before it, was rewritten"


def _digests(target: Path) -> list[str]:
    """The digest of each complete line of the journal; `journal.lines` proves that they form a chain."""
    file = target / journal.JOURNAL
    text = file.read_bytes() if file.is_file() else b""
    return [hashlib.sha256(line).hexdigest() for line in text.split(b"\n")[:-1]]
