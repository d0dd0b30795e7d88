"""What is wrong with YAML that the parser refuses, in words for an editor.

The answers rest on where the parser stopped and on the text that stands there, not on the parser's own words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_SECOND_COLON = re.compile(r"^\s*(?:- )?[\w-]+:\s+(?!- )[^\"'\[{|>#].*:(\s|$)")
_NO_BLANK = re.compile(r"^\s*(?:- )?([\w-]+):[^\s:/]")
_BEHIND_QUOTE = re.compile(r"^\s*(?:- )?(?:[\w-]+:\s+)?(\"[^\"]*\"|'[^']*')\s*[^\s#:,\]}]")

_BLANK = 'needs a blank after the colon: "{key}: …".'
_COLON = 'has no colon. Write a key, a colon and the value: "key: text".'
_QUOTE = 'opens a quote here and does not close it on this line. Write the value so: key: "text".'

_CONFLICT = (
    "begins two versions that git could not join. Keep the right lines of both, and delete the lines that begin "
    'with "<<<<<<<", "=======" and ">>>>>>>".'
)
_BRACKET = "has a bracket that is not closed, or lacks a comma in it. Write it so: [one, two]."
_NOT_CLOSED = {'"': _QUOTE, "'": _QUOTE, "[": _BRACKET, "{": _BRACKET}


def explain_syntax(
    stop: Any, start: Any, source: Sequence[str], run_on: tuple[int, int] | None
) -> tuple[int, str] | None:
    """The line (from 0) to blame and the sentence about it, or None where nothing better is known.

    The parser stopped at the mark `stop` (None at times) while it read what began at `start` (None at times).
    `run_on` are the first and last line of a value that the parser took over several lines up to `stop`.
    """
    if joined := [number for number, line in enumerate(source) if line.startswith("<<<<<<< ")]:
        return joined[0], _CONFLICT
    return _explain_stop(stop, start, source, run_on) if stop else None


def _explain_stop(
    stop: Any, start: Any, source: Sequence[str], run_on: tuple[int, int] | None
) -> tuple[int, str] | None:
    text, found, opened = _line(source, stop.line), _character(source, stop), _character(source, start)
    if "\t" in text[: len(text) - len(text.lstrip())]:
        return stop.line, "is indented with a tab. Use spaces."
    if _SECOND_COLON.match(text):
        return stop.line, 'has a second ": " in its value. Put the value in quotes: key: "text: more text".'
    if opened == '"' and found == "\\":
        return stop.line, "has a backslash in double quotes. Write it twice, or use single quotes."
    if opened in _NOT_CLOSED:
        return start.line, _NOT_CLOSED[opened]
    if run_on and (about := _explain_run_on(source, *run_on)):
        return about
    if _BEHIND_QUOTE.match(text):
        return stop.line, "has text behind a closing quote. Put one pair of quotes round the whole value."
    for sign in (found, opened):
        if sign and sign in "@`%*&|>]},":
            return stop.line, f'has a value that begins with "{sign}". Put the value in quotes: key: "text".'
    return _explain_place(stop, start, source)


def _explain_place(stop: Any, start: Any, source: Sequence[str]) -> tuple[int, str] | None:
    text, found = _line(source, stop.line), _character(source, stop)
    before = text[: stop.column].strip()
    if found == "-" and before:
        return stop.line, 'begins a list on the line of its key. Put "- …" on the next line, indented.'
    begun = _line(source, start.line) if start else ""
    if match := _NO_BLANK.match(begun):
        return start.line, _BLANK.format(key=match[1])
    if begun.strip() and ":" not in begun:
        return start.line, _COLON
    if found and (found.isalnum() or found in "-_") and not before:
        return stop.line, "does not line up with the lines above it. Indent the keys of one group alike."
    return None


def _explain_run_on(source: Sequence[str], first: int, last: int) -> tuple[int, str] | None:
    text, below = _line(source, first), _line(source, last)
    if match := _NO_BLANK.match(text):
        return first, _BLANK.format(key=match[1])
    if ":" not in text:
        return first, _COLON
    if re.search(r":\s+[\"']", text):
        return first, _QUOTE
    if len(below) - len(below.lstrip()) > len(text) - len(text.lstrip()):
        return last, "is indented more than the line above it. Indent the keys of one group alike."
    return None


def _line(source: Sequence[str], number: int) -> str:
    return source[number] if number < len(source) else ""


def _character(source: Sequence[str], mark: Any) -> str:
    return _line(source, mark.line)[mark.column : mark.column + 1] if mark else ""
