"""Reads from the journal which release was live at which time, and when the lease had ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from site_src.publish import journal
from site_src.states import State, shown_links

_SWITCHES = frozenset({"published", "state-only", "found"})
# The result in the line about a release that a copy of a bucket fetched but did not make live.
KEPT = "kept"
LEASE, ENDED, RENEWED = "lease", "ended", "renewed"


@dataclass(frozen=True, slots=True)
class Span:
    """The time in which a release was live: from `begins` until just before `ends` (both UTC). `ends` is None for the last release.

    `entry` is the journal line that was written right after the switch to the release, and `number` is its number.
    """

    release: str
    begins: datetime
    ends: datetime | None
    number: int
    entry: Mapping[str, Any]

    @property
    def noted_late(self) -> bool:
        """Returns True if a later publish added the line, so the release was already live before `begins`."""
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
    for line in journal.readable(lines):
        begins, release = _time(line.entry), line.entry.get("release")
        if begins is None or not release or line.entry.get("result") not in _SWITCHES:
            continue
        if spans and spans[-1].release == release:
            continue
        if spans:
            spans[-1] = replace(spans[-1], ends=begins)
        spans.append(Span(str(release), begins, None, line.number, line.entry))
    return spans


def span_at(spans: list[Span], instant: datetime) -> Span | None:
    """Returns the span that contains the instant, or None before the first span."""
    return next((span for span in reversed(spans) if span.begins <= instant), None)


def read_lease_gaps(target: Path) -> list[LeaseGap]:
    """Returns the times in which the lease had ended although the live release showed a link. Raises OSError."""
    gaps: list[LeaseGap] = []
    for time, entry in entries_about(target, LEASE):
        if entry.get("result") == ENDED:
            gaps.append(LeaseGap(_time(entry, "since") or time, None))
        elif gaps and gaps[-1].ends is None:
            gaps[-1] = replace(gaps[-1], ends=time)
    return gaps


def releases_to_keep(target: Path) -> frozenset[str]:
    """Returns the names of the releases with which a link appeared or disappeared. Pruning keeps them as evidence. Raises OSError."""
    return frozenset(
        str(line.entry["release"])
        for line in journal.readable(journal.lines(target))
        if line.entry.get("release")
        and line.entry.get("result") in (*_SWITCHES, KEPT)
        and _links(line.entry.get("from")) != _links(line.entry.get("to"))
    )


def entries_about(target: Path, action: str) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
    """Yields the time and the entry of each line about this action. Raises OSError."""
    for line in journal.readable(journal.lines(target)):
        time = _time(line.entry)
        if line.entry.get("action") == action and time:
            yield time, line.entry


def _links(states: object) -> frozenset[str]:
    return shown_links(_mapping(states))


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _time(entry: Mapping[str, Any], key: str = "time") -> datetime | None:
    """Parses a time of a line as UTC, also without a zone. Returns None if it cannot be parsed."""
    try:
        time = datetime.fromisoformat(str(entry.get(key)))
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
