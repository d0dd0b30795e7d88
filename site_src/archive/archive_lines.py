"""Reads the journal's lines about archives of the site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from site_src.publish.history import Span, entries_about, read_spans

ARCHIVE, ARCHIVED, FAILED, MISSED = "archive", "archived", "failed", "missed"


@dataclass(frozen=True, slots=True)
class ArchiveLine:
    """A journal line about an attempt to archive the site: the live release, and the WARC file with its SHA-256.

    If the attempt failed, `warc` is None and `why` is the reason.
    """

    time: datetime
    address: str
    release: str | None
    warc: str | None
    sha256: str | None
    why: str


def read_archives(target: Path) -> list[ArchiveLine]:
    """Returns the lines about archives, the oldest first. Raises OSError."""
    return [
        ArchiveLine(
            time,
            address=str(entry.get("address")),
            release=str(entry["release"]) if entry.get("release") else None,
            warc=entry.get("warc") if entry.get("result") == ARCHIVED else None,
            sha256=entry.get("sha256"),
            why=str(entry.get("why")),
        )
        for time, entry in entries_about(target, ARCHIVE)
    ]


def is_archived(target: Path, release: str) -> bool:
    """Returns True if the journal names a WARC file of the release. Raises OSError."""
    return any(line.warc and line.release == release for line in read_archives(target))


def find_missed(target: Path) -> list[Span]:
    """Returns the replaced releases that no line about an archive names, since the first such line. Raises OSError."""
    lines = read_archives(target)
    named = {line.release for line in lines}
    return [
        span
        for span in read_spans(target)[:-1]
        if lines and span.begins > lines[0].time and span.release not in named
    ]
