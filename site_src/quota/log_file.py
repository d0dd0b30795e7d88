"""Changing `quota_state.yaml` by the lines of one event, and nothing else.

The operator's comments, order, quotes, alignment and line ends stay as they are, byte for byte: the place of an
event is taken from the parser's marks, and text is put in or taken out there.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from site_src.file_lock import Wait, lock_file, open_own
from site_src.quota.log import Event
from site_src.read.tree import STATE_FILE

LOCK_FILE = f".{STATE_FILE}.lock"
NEW_FILE = f".{STATE_FILE}.new"

_COMMA_BEHIND = re.compile(r"(?:\s|#[^\n]*\n)*,")
_REST_OF_LINE = re.compile(r"[ \t]*(?:#[^\n]*|\r)?(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class _Item:
    """Where one event stands: from its first to behind its last character; `indent` is the column of its keys."""

    start: int
    end: int
    indent: int


@dataclass(frozen=True, slots=True)
class _List:
    """Where a programme's events stand; `dash` is the column of their dashes, or None in `[…]`, which closes at `end`."""

    items: tuple[_Item, ...]
    dash: int | None
    end: int


@contextmanager
def state_lock(root: Path, wait: Wait) -> Iterator[None]:
    """Holds the state file for one command at a time; another one waits here. See `lock_file`.

    Raises OSError (LockHeld at the deadline, PermissionError for another user's lock), and then nothing is held.
    """
    with lock_file(root / LOCK_FILE, wait):
        yield


def read_text(root: Path) -> str:
    """The file's text as it is, with its own line ends and byte-order mark."""
    return (root / STATE_FILE).read_bytes().decode("utf-8")


def read_now(root: Path) -> bytes:
    """The file's bytes; none where it cannot be read, which its readers report."""
    with suppress(OSError):
        return (root / STATE_FILE).read_bytes()
    return b""


class LogChanged(Exception):
    """Raised when the log is not what it was when a change of it was planned."""


def replace_text(root: Path, text: str, before: bytes, aside: str = NEW_FILE) -> None:
    """Puts the text in the place of the file, which has `before`, in one step: readers get the old one or the new one, whole.

    The file keeps its mode and, as far as the user may give it, its owner. Raises OSError, and LogChanged where the file has
    another text by now (a command that hides a link writes without the lock if need be); then nothing has changed.
    """
    file, new_file = root / STATE_FILE, root / aside
    # A file that may not be written stays as it is, also where its folder would allow another one in its place.
    with open(file, "r+b") as old:
        status = os.fstat(old.fileno())
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
        _check_unchanged(root, before)
        os.replace(new_file, file)
    except BaseException:
        new_file.unlink(missing_ok=True)
        raise
    # The change is made; not every file system can be told to remember it at once.
    with suppress(OSError):
        folder = os.open(root, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _check_unchanged(root: Path, before: bytes) -> None:
    if read_now(root) != before:
        raise LogChanged


def with_event(text: str, programme: str, event: Event, zone: ZoneInfo) -> str:
    """The text with the event behind the programme's last one, its time local in `zone`."""
    events = _events_of(text, programme)
    last = events.items[-1]
    end_of_line = _line_end(text, last.start)
    if events.dash is None:
        return _with_item(text, events, _item_text(event, zone, last.indent, end_of_line), end_of_line)
    at = _next_line(text, last.end)
    block = _block(event, zone, events.dash, last.indent, end_of_line)
    if at == len(text) and not text.endswith(("\n", "\r")):
        return text + end_of_line + block.removesuffix(end_of_line)
    return text[:at] + block + text[at:]


def without_event(text: str, programme: str, number: int) -> str:
    """The text without the programme's event of that number, counted from 0; there are others."""
    events = _events_of(text, programme)
    item = events.items[number]
    if events.dash is None:
        return _without_item(text, events, number)
    return text[: _dash_line(text, item.start, events.dash)] + text[_next_line(text, item.end) :]


def with_only_event(text: str, programme: str, event: Event, zone: ZoneInfo) -> str:
    """The text with the event in the place of the programme's only one."""
    return without_event(with_event(text, programme, event, zone), programme, 0)


def _with_item(text: str, events: _List, item: str, end_of_line: str) -> str:
    """The text with an item at the end of `[…]`: on lines of its own, below a comment that is another event's."""
    end, comma = events.items[-1].end, ","
    if match := _COMMA_BEHIND.match(text, end, events.end):
        end, comma = match.end(), ""
    if not _REST_OF_LINE.match(text, end):  # the bracket closes on this line
        return text[:end] + comma + end_of_line + item + text[end:]
    at = _next_line(text, end)
    return text[:end] + comma + text[end:at] + item + end_of_line + text[at:]


def _without_item(text: str, events: _List, number: int) -> str:
    """The text without an item of `[…]`: its whole lines where nothing else stands on them; other comments stay."""
    start, end = events.items[number].start, events.items[number].end
    before = events.items[number - 1].end if number else start
    comma = re.compile(r"[ \t]*,").match(text, end)
    line, behind = _line_start(text, start), comma.end() if comma else end
    if not text[line:start].strip() and _REST_OF_LINE.match(text, behind):
        return text[:line] + text[_next_line(text, behind) :]
    if number and not text[before:start].strip(", \t\r\n"):
        return text[:before] + text[end:]
    return text[:start] + text[behind:]


def local_text(instant: datetime, zone: ZoneInfo) -> str:
    """The instant as the file has it: local time in `zone`, with the offset where the clock changes around it."""
    local = instant.astimezone(zone)
    text = local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return text + (local.isoformat()[-6:] if twice else "")


def _lines(event: Event, zone: ZoneInfo) -> list[str]:
    lines = [f"state: {event.state}", f"from: {local_text(event.starts, zone)}"]
    if event.places is not None:
        lines.append(f"places: {event.places}")
    # A string of JSON is a string of YAML, whatever stands in it.
    texts = {"by": event.by, "note": event.note}
    return lines + [f"{key}: {json.dumps(text, ensure_ascii=False)}" for key, text in texts.items() if text]


def _item_text(event: Event, zone: ZoneInfo, indent: int, end_of_line: str) -> str:
    blank = " " * indent
    return blank + "{" + f",{end_of_line}{blank} ".join(_lines(event, zone)) + "}"


def _block(event: Event, zone: ZoneInfo, dash: int, indent: int, end_of_line: str) -> str:
    first, *more = _lines(event, zone)
    lines = [f"{' ' * dash}-{' ' * (indent - dash - 1)}{first}", *(f"{' ' * indent}{line}" for line in more)]
    return "".join(f"{line}{end_of_line}" for line in lines)


def _line_end(text: str, index: int) -> str:
    """How the line at `index` ends, or else the one above it."""
    newline = text.find("\n", index)
    newline = text.rfind("\n") if newline < 0 else newline
    return "\r\n" if newline > 0 and text[newline - 1] == "\r" else "\n"


def _line_start(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _dash_line(text: str, index: int, dash: int) -> int:
    """The start of the line with the dash of the item at `index`: its own, or one above with the dash alone."""
    line = _line_start(text, index)
    while line and (text[line : line + dash].strip() or text[line + dash : line + dash + 1] != "-"):
        line = _line_start(text, line - 1)
    return line


def _next_line(text: str, index: int) -> int:
    """The start of the line after the one with the character before `index` (a block of text ends on a new line)."""
    if index and text[index - 1] == "\n":
        return index
    newline = text.find("\n", index)
    return len(text) if newline < 0 else newline + 1


def _events_of(text: str, programme: str) -> _List:
    """The place of the programme's events in a text that the production reader accepts."""
    # The parser leaves out a byte-order mark, and counts from behind it.
    offset = 1 if text.startswith("\ufeff") else 0
    root: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    events = next(value for key, value in root.value if key.value == programme)
    items = tuple(_item(node, offset) for node in events.value)
    dash = None if events.flow_style else events.start_mark.column
    return _List(items, dash, events.end_mark.index + offset)


def _item(node: Any, offset: int) -> _Item:
    last = node.value[-1][1]
    end = node.end_mark if node.flow_style else last.end_mark
    return _Item(node.start_mark.index + offset, end.index + offset, node.start_mark.column)
