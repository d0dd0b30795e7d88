"""Writes `quota_state.yaml`: locks and replaces the file, and adds or removes the lines of an event.

All other lines stay the same, byte for byte, with their comments, order, quotes, alignment and line endings. The YAML
parser's marks give the position of an event, and its lines are inserted or removed there.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from site_src.file_lock import Wait, lock_file, open_own
from site_src.frozen import dataclass
from site_src.instants import local_text
from site_src.quota.log import Event
from site_src.read.tree import STATE_FILE

LOCK_FILE = f".{STATE_FILE}.lock"
NEW_FILE = f".{STATE_FILE}.new"


@dataclass(frozen=True, slots=True)
class _Item:
    """The place of an event in the text: the indexes `start` and `end` (exclusive), and the column `indent` of its keys."""

    start: int
    end: int
    indent: int


@dataclass(frozen=True, slots=True)
class _List:
    """The places of a programme's events in the text, and the column `dash` of their dashes."""

    items: tuple[_Item, ...]
    dash: int


class LogChanged(Exception):
    """Raised if the file has been changed since a change to it was planned."""


Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LogFile:
    """`quota_state.yaml` in the folder `root`. Only this class writes the file."""

    root: Path

    @contextmanager
    def lock(self, wait: Wait) -> Iterator[None]:
        """Locks the file for one command; other commands wait. See `lock_file`.

        Raises OSError: LockHeld at the deadline, PermissionError for a lock file of another user.
        """
        with lock_file(self.root / LOCK_FILE, wait):
            yield

    def read(self) -> bytes:
        """Returns the file's bytes, or b"" if the file cannot be read. The functions that parse the bytes report this."""
        with suppress(OSError):
            return (self.root / STATE_FILE).read_bytes()
        return b""

    def version(self) -> Version:
        """Returns a value that changes whenever the file is written or replaced; () if there is no file."""
        try:
            status = os.stat(self.root / STATE_FILE)
        except OSError:
            return ()
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns

    def replace(self, text: str, before: Version, aside: str = NEW_FILE) -> None:
        """Replaces the file in one step: readers get the complete old text or the complete new text.

        The new file has the old mode and, if permitted, the old owner. Raises LogChanged if the version is no longer
        `before`, because a command that hides a link can write without the lock. Raises OSError. After an error, the old
        text is unchanged.
        """
        file, new_file = self.root / STATE_FILE, self.root / aside
        status = os.stat(file)
        # A read-only file is not replaced, even if the permissions of the folder allow it.
        if not os.access(file, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
        try:
            new_file.unlink(missing_ok=True)
            with open(open_own(new_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
                os.fchmod(new.fileno(), stat.S_IMODE(status.st_mode))
                for user, group in ((-1, status.st_gid), (status.st_uid, -1)):
                    with suppress(PermissionError):
                        os.fchown(new.fileno(), user, group)
                new.write(text.encode("utf-8"))
                new.flush()
                os.fsync(new.fileno())
            self._check_version(before)
            os.replace(new_file, file)
        except BaseException:
            new_file.unlink(missing_ok=True)
            raise
        # The file is already replaced, and not every file system can sync a folder.
        with suppress(OSError):
            folder = os.open(self.root, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _check_version(self, before: Version) -> None:
        if self.version() != before:
            raise LogChanged


def with_event(text: str, programme: str, event: Event, zone: ZoneInfo, number: int | None = None) -> str:
    """Returns the text with the event inserted as the programme's event `number` (from 0), or appended if `number` is None.

    The event's time is written as local time in `zone`. A comment above an existing event stays above that event.
    """
    events = _events_of(text, programme)
    number = len(events.items) if number is None else number
    last = events.items[max(number - 1, 0)]
    end_of_line = _line_end(text, last.start)
    at = _next_line(text, last.end) if number else _dash_line(text, last.start, events.dash)
    block = _block(event, zone, events.dash, last.indent, end_of_line)
    if at == len(text) and not text.endswith(("\n", "\r")):
        return text + end_of_line + block.removesuffix(end_of_line)
    return text[:at] + block + text[at:]


def without_event(text: str, programme: str, number: int) -> str:
    """Returns the text without the programme's event `number` (from 0). The programme must have other events."""
    events = _events_of(text, programme)
    item = events.items[number]
    return text[: _dash_line(text, item.start, events.dash)] + text[_next_line(text, item.end) :]


def with_only_event(text: str, programme: str, event: Event, zone: ZoneInfo) -> str:
    """Returns the text with the programme's only event replaced by `event`."""
    return without_event(with_event(text, programme, event, zone), programme, 0)


def split_events(text: str, programme: str) -> tuple[str, list[str], int, str]:
    """Splits the text at the programme's events. Returns four parts.

    These are the text above the first event, the lines of each event (with the comments above it), the column of the
    dashes, and the text below the last event.
    """
    events = _events_of(text, programme)
    first = _dash_line(text, events.items[0].start, events.dash)
    cuts = [first, *(_next_line(text, item.end) for item in events.items)]
    return text[:first], [text[start:end] for start, end in pairwise(cuts)], events.dash, text[cuts[-1] :]


def write_event(event: Event, zone: ZoneInfo, dash: int) -> str:
    """Returns the event's lines in the file, with local times in `zone`, and with the dash in column `dash`."""
    return _block(event, zone, dash, dash + 2, "\n")


def zoned_text(instant: datetime, zones: Iterable[ZoneInfo]) -> str:
    """Returns the instant in each time zone, each with the zone's name, joined by " = "."""
    return " = ".join(f"{local_text(instant, zone)} {zone.key}" for zone in zones)


def _lines(event: Event, zone: ZoneInfo) -> list[str]:
    lines = [f"state: {event.state}", f"from: {local_text(event.starts, zone)}"]
    if event.places is not None:
        lines.append(f"places: {event.places}")
    if event.mistake:
        lines.append("mistake: true")
    # Every JSON string is a valid YAML string.
    texts = {"by": event.by, "note": event.note}
    lines += [f"{key}: {json.dumps(text, ensure_ascii=False)}" for key, text in texts.items() if text]
    return [*lines, "placeholder: true"] if event.placeholder else lines


def _block(event: Event, zone: ZoneInfo, dash: int, indent: int, end_of_line: str) -> str:
    first, *more = _lines(event, zone)
    lines = [f"{' ' * dash}-{' ' * (indent - dash - 1)}{first}", *(f"{' ' * indent}{line}" for line in more)]
    return "".join(f"{line}{end_of_line}" for line in lines)


def _line_end(text: str, index: int) -> str:
    """Returns the line ending of the line at `index`, or of the line above if this line has none."""
    newline = text.find("\n", index)
    newline = text.rfind("\n") if newline < 0 else newline
    return "\r\n" if newline > 0 and text[newline - 1] == "\r" else "\n"


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _dash_line(text: str, index: int, dash: int) -> int:
    """Returns the start of the line that contains the dash of the item at `index`.

    This is the item's first line, or a line above it that contains only the dash.
    """
    line = _line_start(text, index)
    while line and (text[line : line + dash].strip() or text[line + dash : line + dash + 1] != "-"):
        line = _line_start(text, line - 1)
    return line


def _next_line(text: str, index: int) -> int:
    """Returns the start of the line after an item that ends at `index` (exclusive).

    If the item ends with a line ending, as a block of text does, this is `index` itself.
    """
    if index and text[index - 1] == "\n":
        return index
    newline = text.find("\n", index)
    return len(text) if newline < 0 else newline + 1


def _events_of(text: str, programme: str) -> _List:
    """Returns the places of the programme's events in `text`. The text must be a valid quota log."""
    import yaml  # imported here because only a change needs it

    # The parser skips a byte-order mark and counts from the next character.
    offset = 1 if text.startswith("\ufeff") else 0
    root: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    events = next(value for key, value in root.value if key.value == programme)
    items = tuple(_item(node, offset) for node in events.value)
    return _List(items, events.start_mark.column)


def _item(node: Any, offset: int) -> _Item:
    start, end = node.start_mark, node.value[-1][1].end_mark
    return _Item(start.index + offset, end.index + offset, start.column)
