"""Reads from the journal which release was live at which time, when the lease had ended, and which archives were made.

Does not need the releases themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from site_src.frozen import dataclass
from site_src.publish import journal
from site_src.states import State, shown_links

_SWITCHES = frozenset({"published", "state-only", "found"})
# The result in the line about a release that a copy of a bucket fetched but did not make live.
KEPT = "kept"
LEASE, ENDED, RENEWED = "lease", "ended", "renewed"
ARCHIVE, ARCHIVED, FAILED, MISSED = "archive", "archived", "failed", "missed"


@dataclass(frozen=True, slots=True)
class Span:
    """The time in which a release was live: from `begins` until just before `ends` (both UTC). `ends` is None for the last release.

    `entry` is the journal line that was written right after the switch to the release, and `number` is its number. If
    `noted_late` is True, a later publish added the line, so the release was already live before `begins`.
    """

    release: str
    begins: datetime
    ends: datetime | None
    number: int
    entry: Mapping[str, Any]

    @property
    def noted_late(self) -> bool:
        """Returns True if a later publish added the line."""
        return self.entry.get("result") == "found"

    @property
    def states(self) -> dict[str, State]:
        """Maps each programme to the state that the release was published with. Leaves out states that it cannot parse."""
        known = {str(state): state for state in State}
        return {id: known[text] for id, text in _mapping(self.entry.get("to")).items() if text in known}


@dataclass(frozen=True, slots=True)
class LeaseGap:
    """A time in which the lease had ended, so web servers with a lease hid the link. `ends` is None if it is not known."""

    begins: datetime
    ends: datetime | None


def read_spans(target: Path) -> list[Span]:
    """Returns a span for every release that was live, the oldest first. Skips lines that cannot be read. Raises OSError."""
    return spans_in(journal.lines(target))


def spans_in(lines: Iterable[journal.Line | int]) -> list[Span]:
    """Returns a span for every release that was live according to these journal lines. Skips lines that cannot be read."""
    spans: list[Span] = []
    for number, entry in _readable(lines):
        begins, release = _time(entry.get("time")), entry.get("release")
        if begins is None or not release or entry.get("result") not in _SWITCHES:
            continue
        if spans and spans[-1].release == release:
            continue
        if spans:
            spans[-1] = replace(spans[-1], ends=begins)
        spans.append(Span(str(release), begins, None, number, entry))
    return spans


def span_at(spans: list[Span], instant: datetime) -> Span | None:
    """Returns the span that contains the instant, or None before the first span."""
    return next((span for span in reversed(spans) if span.begins <= instant), None)


def read_lease_gaps(target: Path) -> list[LeaseGap]:
    """Returns the times in which the lease had ended although the live release showed a link. Raises OSError."""
    gaps: list[LeaseGap] = []
    for _, entry in _entries(target):
        time = _time(entry.get("time"))
        if entry.get("action") != LEASE or time is None:
            continue
        if entry.get("result") == ENDED:
            gaps.append(LeaseGap(_time(entry.get("since")) or time, None))
        elif gaps and gaps[-1].ends is None:
            gaps[-1] = replace(gaps[-1], ends=time)
    return gaps


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
    found = []
    for _, entry in _entries(target):
        time = _time(entry.get("time"))
        if entry.get("action") == ARCHIVE and time:
            warc = entry.get("warc") if entry.get("result") == ARCHIVED else None
            digest, release = entry.get("sha256"), entry.get("release")
            found.append(
                ArchiveLine(
                    time,
                    str(entry.get("address")),
                    str(release) if release else None,
                    warc,
                    digest,
                    str(entry.get("why")),
                )
            )
    return found


def find_missed(target: Path) -> list[Span]:
    """Returns the replaced releases that no line about an archive names. Ignores releases from before the first line about an archive.

    Raises OSError.
    """
    lines = read_archives(target)
    named = {line.release for line in lines}
    return [
        span
        for span in read_spans(target)[:-1]
        if lines and span.begins > lines[0].time and span.release not in named
    ]


def releases_to_keep(target: Path) -> frozenset[str]:
    """Returns the names of the releases with which a link appeared or disappeared. Pruning keeps them as evidence. Raises OSError."""
    return frozenset(
        str(entry["release"])
        for _, entry in _entries(target)
        if entry.get("release")
        and entry.get("result") in (*_SWITCHES, KEPT)
        and shown_links(_mapping(entry.get("from"))) != shown_links(_mapping(entry.get("to")))
    )


def _entries(target: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    return _readable(journal.lines(target))


def _readable(lines: Iterable[journal.Line | int]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    return (
        (line.number, line.entry)
        for line in lines
        if isinstance(line, journal.Line) and isinstance(line.entry, Mapping)
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _time(text: object) -> datetime | None:
    """Parses the time of a line as UTC. A time without a zone counts as UTC. Returns None if the time cannot be parsed."""
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def is_archived(target: Path, release: str) -> bool:
    """Returns True if the journal names a WARC file of the release. Raises OSError."""
    return any(line.warc and line.release == release for line in read_archives(target))
