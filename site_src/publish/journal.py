"""Reads and extends the publisher's journal, `journal.jsonl`: a line of JSON for each attempt, with the digest of the line before.

A changed, removed or added line breaks the chain. Removing lines from the end does not, but `audit` finds that, because the
journal must name the live release.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from site_src.file_lock import SHORT_WAIT, Wait, open_own
from site_src.instants import utc_text
from site_src.publish.releases import target_lock
from site_src.states import State

JOURNAL = "journal.jsonl"
NO_LINE = "0" * 64
BEFORE = "before"
# Monitors may read the journal. It contains names of people, so it is never below the web root.
_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Line:
    """A readable line. `number` counts from 1. `unbroken` is False if the digest in it does not match the previous line."""

    number: int
    entry: Mapping[str, Any]
    unbroken: bool


def append(folder: Path, entry: Mapping[str, Any]) -> bytes:
    """Adds a line with the present time, fsyncs it, and returns it without its line ending. Raises OSError.

    First removes an unfinished last line, which a killed run may have left. After an error, the journal has the same lines
    as before. Call it under the folder's lock.
    """
    now = utc_text(datetime.now(UTC), "milliseconds")
    # Without a buffer: after a failed write, a buffer would write its rest again, even behind a truncation.
    own = open_own(folder / JOURNAL, os.O_RDWR | os.O_APPEND | os.O_CREAT, _MODE)
    with open(own, "a+b", buffering=0) as file:
        file.seek(0)
        text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        if whole != text:
            file.truncate(len(whole))
        whole_entry = {"time": now, **entry, BEFORE: _digest_of_last(whole)}
        line = json.dumps(whole_entry, ensure_ascii=False).encode()
        try:
            left = line + b"\n"
            while left:  # a disk that becomes full takes a part
                left = left[file.write(left) :]
            os.fsync(file.fileno())
        except OSError:
            file.truncate(len(whole))
            raise
    return line


def append_locked(target: Path, entry: Mapping[str, Any]) -> None:
    """Adds a line as `append` does, under the target's lock. Raises OSError (LockHeld) and OutputRefused."""
    with target_lock(target, Wait(SHORT_WAIT)):
        append(target, entry)


def lines(folder: Path) -> Iterator[Line | int]:
    """Yields a `Line` for each line, the oldest first, or only the line's number if it cannot be read. Raises OSError."""
    file = folder / JOURNAL
    yield from parse(file.read_bytes() if file.is_file() else b"")


def parse(text: bytes) -> Iterator[Line | int]:
    """Yields the lines of a journal with the bytes `text`, as `lines` does."""
    before = NO_LINE
    for number, line in enumerate(_split(text), start=1):
        try:
            entry = json.loads(line)
            yield Line(number, entry, entry[BEFORE] == before)
        except (ValueError, KeyError, TypeError, RecursionError):
            yield number
        before = hashlib.sha256(line).hexdigest()


def manifests_in(folder: Path) -> dict[str, str]:
    """Maps the name of each published release to the digest of its manifest. Ignores what cannot be read."""
    return {
        str(line.entry["release"]): str(line.entry["manifest"])
        for line in _known(folder)
        if line.entry.get("release") and line.entry.get("manifest")
    }


def last_published(folder: Path) -> dict[str, tuple[State, datetime]]:
    """Maps each programme to its last published state other than `unconfirmed`, and the time of the line with that state (UTC)."""
    found: dict[str, tuple[State, datetime]] = {}
    for line in reversed(_known(folder)):
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            # Times are read as UTC, even if a changed line has no zone.
            time = datetime.fromisoformat(line.entry["time"]).replace(tzinfo=UTC)
            for id, state in (line.entry["to"] or {}).items():
                if state != State.UNCONFIRMED:
                    found.setdefault(id, (State(state), time))
    return found


def readable(lines: Iterable[Line | int]) -> Iterator[Line]:
    """Yields the lines that can be read."""
    return (line for line in lines if isinstance(line, Line))


def _known(folder: Path) -> list[Line]:
    with suppress(OSError):
        return [*readable(lines(folder))]
    return []


def _split(text: bytes) -> list[bytes]:
    return text.removesuffix(b"\n").split(b"\n") if text else []


def _digest_of_last(whole: bytes) -> str:
    return hashlib.sha256(_split(whole)[-1]).hexdigest() if whole else NO_LINE
