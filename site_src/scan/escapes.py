"""Decodes the escapes of scripts, JSON and style sheets, such as `\\x73`, and surrogate pairs."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Several backslashes count as one, because they double each time that JSON is put into JSON.
_SCRIPT_ESCAPE = re.compile(
    r"\\+(?:u\{0*([0-9a-fA-F]{1,6})\}|U([0-9a-fA-F]{8})|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})"
    r"|([0-3]?[0-7]{1,2})|([nrtbfv])|\r?\n|(.)|\Z)",
    re.DOTALL,
)
_STYLE_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\r\n\f])?|\r?\n|(.)|\Z)", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


def unescaped(text: str) -> Iterator[str]:
    """Yields the text with the escapes of scripts and JSON decoded, then with the escapes of style sheets decoded."""
    if "\\" in text:
        yield join_surrogates(_SCRIPT_ESCAPE.sub(_script_character, text))
        yield join_surrogates(_STYLE_ESCAPE.sub(_style_character, text))


def _script_character(match: re.Match[str]) -> str:
    *hexadecimal, octal, blank, other = match.groups()
    if octal:
        return chr(int(octal, 8))
    if digits := next(filter(None, hexadecimal), ""):
        return _character(digits)
    return " " if blank else other or ""


def _style_character(match: re.Match[str]) -> str:
    return _character(match[1]) if match[1] else match[2] or ""


def _character(digits: str) -> str:
    code = int(digits, 16)
    return chr(code) if code < 0x110000 else "\ufffd"


def join_surrogates(text: str) -> str:
    """Returns the text with each surrogate pair replaced by its character."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")
