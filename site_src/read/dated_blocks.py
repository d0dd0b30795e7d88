"""Parses blocks of text that are shown from a moment on, or until a moment: `:::from 2027-01-01 00:00` … `:::`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from site_src.instants import parse_day, parse_instant
from site_src.problems import Report, nearest
from site_src.read.text import explain_lookalikes, to_plain

_END = ":::"
_KINDS = ("from", "until")
_OPENING = re.compile(r":::(from|until) (\S.*)")
# A line that is intended to open or close a block, even inside a list or a quotation.
_INTENDED = re.compile(r"[\s>*+-]*:{2,}[\s:]*([a-z]*)[\s:]*(.*)", re.IGNORECASE)
_DAYS = re.compile(r"\d{4}-\d{2}-\d{2}")
# Boxes of other programs begin with `::: note`. `check.structure` reports them.
BOXES_OF_OTHERS = ("note", "tip", "info", "hint", "important", "warning", "caution", "danger")


@dataclass(frozen=True, slots=True)
class DatedBlock:
    """A dated block of a body. `opened` and `closed` are the indexes of its first and last line; `typed` is the first line.

    The block is shown from `moment` (aware, UTC) on. If `is_until` is True, it is shown before `moment` instead.
    """

    typed: str
    is_until: bool
    moment: datetime
    opened: int
    closed: int

    def is_shown(self, instant: datetime) -> bool:
        """Returns True if visitors see the block at `instant` (aware)."""
        return (instant >= self.moment) != self.is_until


def find_blocks(
    path: str, body: str, body_line: int, zone: ZoneInfo, report: Report
) -> tuple[DatedBlock, ...]:
    """Returns the dated blocks of the body, which begins on line `body_line`, and adds a problem for each wrong line."""
    return _Finder(path, body, body_line, zone, report).find() if "::" in to_plain(body) else ()


def hide_blocks(body: str, blocks: Sequence[DatedBlock], instant: datetime) -> str:
    """Returns the body without the blocks that are hidden at `instant` (aware). The number of lines stays the same."""
    lines = body.split("\n")
    for block in blocks:
        whole = range(block.opened, block.closed + 1)
        for number in (block.opened, block.closed) if block.is_shown(instant) else whole:
            lines[number] = ""
    return "\n".join(lines)


class _Finder:
    """Finds the blocks of one body. `_opened` is the index of the line that opens the current block."""

    def __init__(self, path: str, body: str, body_line: int, zone: ZoneInfo, report: Report) -> None:
        self._path, self._lines, self._body_line = path, body.split("\n"), body_line
        self._zone, self._report = zone, report
        self._opened: int | None = None
        self._nested = 0

    def find(self) -> tuple[DatedBlock, ...]:
        """Returns the blocks that have no problems."""
        blocks = []
        for number, line in enumerate(self._lines):
            intended = _INTENDED.fullmatch(to_plain(line))
            if intended and "".join(intended.groups()):
                self._open(number)
            elif intended and (block := self._close(number)):
                blocks.append(block)
        if self._opened is not None and not self._is_box(self._opened):
            self._refuse(self._opened, 'is not closed. Put a line ":::" below the last line of the block.')
        return tuple(blocks)

    def _open(self, number: int) -> None:
        if self._opened is None:
            self._opened = number
        else:
            self._nested += 1
            line = self._body_line + self._opened
            message = (
                f'is in the block that begins on line {line}. Close that block first, with a line ":::".'
            )
            self._refuse(number, message)

    def _close(self, number: int) -> DatedBlock | None:
        if self._lines[number].rstrip() != _END:
            message = 'does not close a dated block. Put ":::" alone on the line, at its beginning.'
            self._refuse(number, message + explain_lookalikes(self._lines[number]))
        elif self._opened is None:
            self._refuse(number, "closes no block. Delete it, or open a block above it.")
        opened, self._nested = self._opened, self._nested - 1
        if self._nested >= 0 or opened is None:
            return None
        self._opened, self._nested = None, 0
        if self._is_box(opened):
            return None
        if not "".join(self._lines[opened + 1 : number]).strip():
            self._refuse(opened, "opens a block without text. Delete the block.")
        return self._block(opened, number)

    def _block(self, opened: int, closed: int) -> DatedBlock | None:
        typed = self._lines[opened].rstrip()
        try:
            kind, moment = _parse_opening(typed, self._zone)
        except ValueError as error:
            self._refuse(opened, str(error))
            return None
        return DatedBlock(typed, kind == "until", moment, opened, closed)

    def _is_box(self, opened: int) -> bool:
        intended = _INTENDED.fullmatch(to_plain(self._lines[opened]))
        return intended is not None and intended[1].lower() in BOXES_OF_OTHERS

    def _refuse(self, number: int, message: str) -> None:
        typed = self._lines[number].strip()
        about = f'"{typed}"' if typed == _END else f"{typed}:"
        self._report.error(self._path, self._body_line + number, "dated", f"{about} {message}")


def _parse_opening(typed: str, zone: ZoneInfo) -> tuple[str, datetime]:
    """Returns the kind and moment of the block that this line opens. Raises ValueError with a message for the editor."""
    found = _OPENING.fullmatch(typed)
    if not found:
        word, moment = _INTENDED.fullmatch(to_plain(typed)).groups()  # type: ignore[union-attr]
        kind = nearest(word, _KINDS) or "from"
        cure = f'"{_END}{kind} {moment or "2027-01-01 00:00"}"'
        if word.lower() not in _KINDS:
            cure += f" (or {_END}until)" if kind == "from" else f" (or {_END}from)"
        raise ValueError(
            f"does not open a dated block.{explain_lookalikes(typed)} Write {cure}, at the beginning of the line."
        )
    kind, moment = found.groups()
    if len(_DAYS.findall(moment)) > 1:
        raise ValueError(
            "has two moments, but a block can have only one. Write only the first, and delete the block when the second has passed."
        )
    try:
        parse_day(moment)
    except ValueError:
        return kind, parse_instant(moment, zone)
    raise ValueError(f'has no time of day. Write "{_END}{kind} {moment} 00:00".')
