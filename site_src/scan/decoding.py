"""Decodes text in every notation that a browser or person could read: percent, entities, base64, hexadecimal, escapes.

`readings` removes one layer after another, to a fixed depth: percent, entities, escapes of JSON, JavaScript and CSS,
quoted-printable, folded lines, base64 and hexadecimal (see also `unpacking`). It decodes too much rather than too little,
and takes time in proportion to the input.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from site_src.scan.escapes import join_surrogates, unescaped
from site_src.scan.unpacking import texts_inside, texts_of

DEPTH = 4
SHORTEST_RUN = 12
_LONGEST_KNOWN = 200

_BREAK_IN_PERCENT = re.compile(r"(?:(?<=%)|(?<=%[0-9a-fA-F]))[\t\r\n]+")
_BREAK_AFTER_PERCENT = re.compile(r"(?<=%[0-9a-fA-F]{2})[\t\r\n]+(?=%)")
_NESTED_PERCENT = re.compile(r"%(?:25)+(?=[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})")
_PERCENT_U = re.compile(r"%u([0-9a-fA-F]{4})")
_ENTITY = re.compile(r"&(#|[A-Za-z])")
_NESTED_ENTITY = re.compile(r"&(?:(?:amp|#38|#[xX]26);)+(?=[#A-Za-z])", re.IGNORECASE)
_LEADING_ZEROS = re.compile(r"(?<=&#)([xX]?)0++(?=[0-9a-fA-F])")
_NO_CHARACTER = re.compile(r"&#[0-9]{8,};?")
_PERCENT_BYTES = re.compile(r"%[0-9a-fA-F]{2}(?:%[0-9a-fA-F]{2})*")
_QUOTED_BYTES = re.compile(r"=[0-9A-Fa-f]{2}(?:=[0-9A-Fa-f]{2})*")
# How quoted-printable, calendars and scripts split a line. The text on both sides is joined.
_BREAKS = {
    ("=\n", "=\r", "= ", "=\t"): re.compile(r"=[ \t]*\r?\n"),
    ("\n ", "\n\t"): re.compile(r"\r?\n[ \t]"),
    ("\\\n", "\\\r"): re.compile(r"\\\r?\n"),
}
_BLANKS_IN_DATA = re.compile(r"base64,([A-Za-z0-9+/_\-\s]+)")
_RUN = re.compile(r"[A-Za-z0-9+/_\t\r\n-]{12,}")
_HEX = re.compile(r"[0-9a-fA-F]{16,}")
_CONCATENATION = re.compile(r"[\"'`]\s*\+\s*[\"'`]")


def readings(data: bytes, hide: Callable[[str], str] | None = None) -> Iterator[str]:
    """Yields each different text that `data` can be read as, the least decoded first. Raises Unsearchable.

    Applies `hide` to each text before it yields the text or decodes it further.
    """
    seen: set[str] = set()
    level = list(texts_of(data))
    for depth in range(DEPTH + 1):
        if hide:
            level = [hide(text) for text in level]
        fresh = [text for text in dict.fromkeys(level) if text not in seen]
        seen.update(fresh)
        yield from fresh
        if depth < DEPTH:
            level = [plainer for text in fresh for plainer in _one_layer_less(text)]


def as_browsers_read(attribute: str) -> str:
    """Returns the value of an attribute with its character references decoded once."""
    return html.unescape(_NO_CHARACTER.sub("\ufffd", attribute))


def without_entities(text: str) -> str:
    """Returns the text with its character references decoded, including nested references."""
    text = _LEADING_ZEROS.sub(r"\1", _NESTED_ENTITY.sub("&", text))
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text))


def _one_layer_less(text: str) -> tuple[str, ...]:
    """Returns all texts that result if one layer is removed. Short texts are cached, because most of them repeat."""
    return _layer_of_known(text) if len(text) <= _LONGEST_KNOWN else _layer(text)


def _layer(text: str) -> tuple[str, ...]:
    return *_plainer(text), *_unpacked_runs(text)


_layer_of_known = lru_cache(maxsize=2048)(_layer)


def _plainer(text: str) -> Iterator[str]:
    """Yields the text with all independent encodings decoded, then with each encoding that may split others."""
    yield _without_codes(text)
    for endings, line_break in _BREAKS.items():
        if any(ending in text for ending in endings):
            yield line_break.sub("", text)
    yield from unescaped(text)


def _without_codes(text: str) -> str:
    if "%" in text:
        text = _without_percent(text)
    if _ENTITY.search(text):
        text = without_entities(text)
    if _QUOTED_BYTES.search(text):
        text = _QUOTED_BYTES.sub(_decoded, text)
    if "+" in text:
        text = _CONCATENATION.sub("", text)
    return text


def _without_percent(text: str) -> str:
    text = _BREAK_AFTER_PERCENT.sub("", _BREAK_IN_PERCENT.sub("", text))
    text = _PERCENT_U.sub(lambda found: chr(int(found[1], 16)), _NESTED_PERCENT.sub("%", text))
    return join_surrogates(_PERCENT_BYTES.sub(_decoded, text))


def _decoded(match: re.Match[str]) -> str:
    """Returns the encoded bytes (%73 or =73) as text, or unchanged if they are not text, as in `width=device-width`."""
    data = bytes.fromhex(match[0].replace(match[0][0], ""))
    text = data.decode("utf-8", errors="replace")
    return text if min(data) < 0x80 or "\ufffd" not in text else match[0]


def _unpacked_runs(text: str) -> Iterator[str]:
    """Yields the texts that base64 or hexadecimal digits in the text encode."""
    runs = ["".join(found.split()) for found in _BLANKS_IN_DATA.findall(text)]
    for run in _RUN.findall(text):
        lines = run.split()
        runs += lines if len(lines) < 2 else [*lines, "".join(lines)]
    for run in dict.fromkeys(runs):
        if len(run) >= SHORTEST_RUN:
            yield from _inside_known(run) if len(run) <= _LONGEST_KNOWN else _inside(run)


@lru_cache(maxsize=2048)
def _inside_known(run: str) -> tuple[str, ...]:
    """Returns `_inside(run)`, cached: most short runs are names of assets, paths or classes, which occur in many files."""
    return tuple(_inside(run))


def _inside(run: str) -> Iterator[str]:
    """Yields the texts that one run of digits could encode."""
    for digits in _HEX.findall(run) if len(run) >= 16 else ():
        for shift in (0, 1):
            yield from texts_inside(
                binascii.unhexlify(digits[shift : len(digits) - (len(digits) - shift) % 2])
            )
    # A run without a capital letter is a word or a path: base64 of an address always has capitals.
    if not run.islower():
        plain = run.replace("-", "+").replace("_", "/")
        for shift in range(4):
            digits = plain[shift:]
            yield from texts_inside(
                base64.b64decode(f"{digits}AAA"[: -(-len(digits) // 4) * 4])[: len(digits) * 3 // 4]
            )
