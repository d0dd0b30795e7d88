"""Explains YAML syntax errors to editors: look-alikes of spaces, colons and dashes, missing quotes, brackets, git conflicts.

The messages depend on the text where the parser stopped, not on the parser's message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from site_src.read.text import BLANKS, CONFLICT, PLAIN, describe, name_blank

# A blank other than a space in the indentation, after a dash or after the colon of a key.
_FALSE_BLANK = re.compile(rf"\s*+(?:-[ \t]++)*+(?:(?<=[{BLANKS}])|(?:-|[\w-]++:)[ \t]*+[{BLANKS}])")
_COLONS, _DASHES = ("".join(chr(code) for code in PLAIN if chr(PLAIN[code]) == plain) for plain in ":-")
# A look-alike of the colon after a key, and of the dash before an item. Keys of input files have only these letters.
_FALSE_COLON = re.compile(rf"\s*+(?:-[ \t]++)?+([a-z][a-z0-9_-]*+)[ \t]*+([{_COLONS}])")
_FALSE_DASH = re.compile(rf"\s*+([{_DASHES}])(?=\s*+\w)")
_SECOND_COLON = re.compile(r"\s*+(?:- )?[\w-]++:\s++(?!- )[^\"'\[{|>#].*:(?:\s|$)")
# A value that begins with a word processor's quotation mark, with a character that YAML reserves, or with a dash.
_FALSE_QUOTE = re.compile(r"\s*+(?:- )?[\w-]++:\s++([“”„«»〝〞])")
_SPECIAL = re.compile(r"\s*+(?:- )?[\w-]++:\s++([*&%@`!?]|[\[{](?=[^\]}]*[\]}]\s*[^\s#,\]}]))")
_LIST_BESIDE_KEY = re.compile(r"\s*+(?:- )?[\w-]++:\s++-\s")
_QUOTE_INSIDE = re.compile(r"\s*+(?:- )?[\w-]++:\s++'[^']*'(?!')\w")
_DOUBLE_INSIDE = re.compile(r'\s*+(?:- )?[\w-]++:\s++"[^"\\]*+"\s*+[^\s#]')
_BACKSLASH_INSIDE = re.compile(r'\s*+(?:- )?[\w-]++:\s++"(?:[^"\\]|\\[\\"/abefnrtv0NLP_xuU ])*+\\')
_NO_COLON = re.compile(r"(?! *-)\s*+[^\s:#\[\]{}\"'][^:#\[\]{}\"']*+$")
_INDENTED_KEY = re.compile(r" +[\w-]+:")

_COLON = 'has a second ": " in its value. Put the value in quotes: key: "text: more text".'
_QUOTE = 'opens a quote here and does not close it on this line. Write the value like this: key: "text".'
_BACKSLASH = (
    'has a "\\" in a value in double quotes, where it begins an escape. Type "\\\\" for the character.'
)
_BRACKET = 'has a bracket that is not closed, or has no comma between its items. Write each item on a line of its own below the key: "- one".'
_NOT_CLOSED = {'"': _QUOTE, "'": _QUOTE, "[": _BRACKET, "{": _BRACKET}


def explain_syntax(
    stop: Any, start: Any, source: Sequence[str], run_on: tuple[int, int] | None
) -> tuple[int, str] | None:
    """Returns the line (from 0) of the mistake and the message about it, or None if the cause is unknown.

    The parser stopped at the mark `stop` while it read what began at `start`; either may be None. `run_on` is the first
    and last line of a value over several lines that the parser read up to `stop`.
    """
    if joined := [number for number, line in enumerate(source) if line.startswith("<<<<<<< ")]:
        return joined[0], CONFLICT
    if not stop:
        return None
    text, opened = _line(source, stop.line), _character(source, start)
    first = min([stop.line, *([start.line] if start else []), *(run_on or [])])
    if false := false_character(source, first, stop.line):
        return false
    if about := _explain_line(text):
        return stop.line, about
    if opened in _NOT_CLOSED and _character(source, stop) != "\\":
        return start.line, _NOT_CLOSED[opened]
    for number in (stop.line, stop.line - 1):
        if number >= 0 and _NO_COLON.match(_line(source, number)):
            return (
                number,
                'has no colon after a key. Write "key: value"; a value stays on the line of its key.',
            )
    if _INDENTED_KEY.match(source[0]) and text[:1].strip():
        return 0, "begins with a space, but the keys below it do not. Begin the line with the key."
    if run_on and re.search(r":\s+[\"']", _line(source, run_on[0])):
        return run_on[0], _QUOTE
    return None


def _explain_line(text: str) -> str | None:
    """Explains what is wrong with the line at which the parser stopped. Returns None if the line alone does not show it."""
    if "\t" in text[: len(text) - len(text.lstrip())]:
        return "is indented with a tab. Use spaces."
    if quote := _FALSE_QUOTE.match(text):
        return f'has {describe(quote[1])}, which is not a quotation mark in YAML. Write the value like this: key: "text".'
    if _SECOND_COLON.match(text):
        return _COLON
    if _LIST_BESIDE_KEY.match(text):
        return 'has an item of a list on the line of its key. Begin it on the next line; if "-" belongs to the text, put the text in quotes.'
    if special := _SPECIAL.match(text):
        return f'has a value that begins with "{special[1]}", which means something else in YAML. Put the value in quotes: key: "text".'
    if _QUOTE_INSIDE.match(text):
        return 'has a \' inside a value in single quotes. Put the value in double quotes: key: "text".'
    if _DOUBLE_INSIDE.match(text):
        return "has text after the second \". Put the whole value in single quotes: key: 'text'."
    if _BACKSLASH_INSIDE.match(text):
        return _BACKSLASH
    return None


def false_character(source: Sequence[str], first: int, last: int) -> tuple[int, str] | None:
    """Finds a look-alike of a space, colon or dash in the lines `first` to `last` (from 0). Returns its line and the message."""
    return false_blank(source, first, last) or next(iter(false_characters(source, first, last)), None)


def false_characters(source: Sequence[str], first: int, last: int) -> list[tuple[int, str]]:
    """Finds each line from `first` to `last` (from 0) with a look-alike of the colon after a key or of the dash before an item.

    Returns each line and its message.
    """
    found = []
    for number, line in enumerate(source[first : last + 1], start=first):
        if colon := _FALSE_COLON.match(line):
            message = f'has {describe(colon[2])} after "{colon[1]}", which is not a colon in YAML. Type "{colon[1]}: ".'
            found.append((number, message))
        elif dash := _FALSE_DASH.match(line):
            message = (
                f'begins with {describe(dash[1])}, which does not begin an item of a list in YAML. Type "- ".'
            )
            found.append((number, message))
    return found


def false_blank(source: Sequence[str], first: int, last: int) -> tuple[int, str] | None:
    """Finds the first line from `first` to `last` (from 0) that has a different blank where YAML needs a space.

    Returns the line and the message.
    """
    for number in range(first, min(last + 1, len(source))):
        if match := _FALSE_BLANK.match(source[number]):
            return number, name_blank(match[0])
    return None


def _line(source: Sequence[str], number: int) -> str:
    return source[number] if number < len(source) else ""


def _character(source: Sequence[str], mark: Any) -> str:
    return _line(source, mark.line)[mark.column : mark.column + 1] if mark else ""
