"""Adds and removes the lines of an event in the text of `quota_state.yaml`, and formats times and events for that file.

All other lines stay the same, byte for byte, with their comments, order, quotes, alignment and line endings. The YAML
parser's marks give the position of an event, and its lines are inserted or removed there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from site_src.instants import local_text
from site_src.quota.log import Event


@dataclass(frozen=True, slots=True)
class _Item:
    """The place of an event in the text: the indexes `start` and `end` (exclusive), and the column `indent` of its keys."""

    start: int
    end: int
    indent: int


def with_event(text: str, programme: str, event: Event, zone: ZoneInfo, number: int | None = None) -> str:
    """Returns the text with the event inserted as the programme's event `number` (from 0), or appended if `number` is None.

    The event's time is written as local time in `zone`. A comment above an existing event stays above that event.
    """
    items, dash = _find_events(text, programme)
    number = len(items) if number is None else number
    last = items[max(number - 1, 0)]
    end_of_line = _line_end(text, last.start)
    at = _next_line(text, last.end) if number else _dash_line(text, last.start, dash)
    block = _block(event, zone, dash, last.indent, end_of_line)
    if at == len(text) and not text.endswith(("\n", "\r")):
        return text + end_of_line + block.removesuffix(end_of_line)
    return text[:at] + block + text[at:]


def without_event(text: str, programme: str, number: int) -> str:
    """Returns the text without the programme's event `number` (from 0). The programme must have other events."""
    items, dash = _find_events(text, programme)
    item = items[number]
    return text[: _dash_line(text, item.start, dash)] + text[_next_line(text, item.end) :]


def with_only_event(text: str, programme: str, event: Event, zone: ZoneInfo) -> str:
    """Returns the text with the programme's only event replaced by `event`."""
    return without_event(with_event(text, programme, event, zone), programme, 0)


def split_events(text: str, programme: str) -> tuple[str, list[str], int, str]:
    """Returns the text above the programme's first event, the lines of each event (with the comments above it), the column of
    the dashes, and the text below the last event.
    """
    items, dash = _find_events(text, programme)
    first = _dash_line(text, items[0].start, dash)
    cuts = [first, *(_next_line(text, item.end) for item in items)]
    return text[:first], [text[start:end] for start, end in pairwise(cuts)], dash, text[cuts[-1] :]


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
    """Returns the start of the line with the dash of the item at `index`: its first line, or a line above with only the dash."""
    line = _line_start(text, index)
    while line and (text[line : line + dash].strip() or text[line + dash : line + dash + 1] != "-"):
        line = _line_start(text, line - 1)
    return line


def _next_line(text: str, index: int) -> int:
    """Returns the start of the line after an item that ends at `index` (exclusive), which may be after its line ending."""
    if index and text[index - 1] == "\n":
        return index
    newline = text.find("\n", index)
    return len(text) if newline < 0 else newline + 1


def _find_events(text: str, programme: str) -> tuple[list[_Item], int]:
    """Returns the places of the programme's events in a valid quota log, and the column of their dashes."""
    import yaml  # imported here because only a change needs it

    # The parser skips a byte-order mark and counts from the next character.
    offset = 1 if text.startswith("\ufeff") else 0
    root: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    events = next(value for key, value in root.value if key.value == programme)
    marks = [(node.start_mark, node.value[-1][1].end_mark) for node in events.value]
    items = [_Item(start.index + offset, end.index + offset, start.column) for start, end in marks]
    return items, events.start_mark.column
