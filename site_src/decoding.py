"""What a run of bytes could say to a browser or a person, under every encoding that we undo.

`readings` takes off one layer after another, to a fixed depth: text encodings, compression, percent, entities,
escapes of JSON, JavaScript and CSS, quoted-printable, folded lines, base64 and hexadecimal. It errs on the side of
too much, and takes time in proportion to what it reads, whatever that is.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import unquote

DEPTH = 4
MAX_UNPACKED = 16 * 1024 * 1024

_BREAK_IN_PERCENT = re.compile(r"(?:(?<=%)|(?<=%[0-9a-fA-F]))[\t\r\n]+")
_BREAK_AFTER_PERCENT = re.compile(r"(?<=%[0-9a-fA-F]{2})[\t\r\n]+(?=%)")
_NESTED_PERCENT = re.compile(r"%(?:25)+(?=[0-9a-fA-F]{2}|u[0-9a-fA-F]{4})")
_PERCENT_U = re.compile(r"%u([0-9a-fA-F]{4})")
_ENTITY = re.compile(r"&(#|[A-Za-z])")
_NESTED_ENTITY = re.compile(r"&(?:(?:amp|#38|#[xX]26);)+(?=[#A-Za-z])", re.IGNORECASE)
_LEADING_ZEROS = re.compile(r"(?<=&#)([xX]?)0++(?=[0-9a-fA-F])")
_NO_CHARACTER = re.compile(r"&#[0-9]{8,}")
# Backslashes are counted as one: each time that JSON is put into JSON, they double.
_SCRIPT_ESCAPE = re.compile(
    r"(?<!\\)\\++(?:u\{0*([0-9a-fA-F]{1,6})\}|U([0-9a-fA-F]{8})|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})"
    r"|([0-3]?[0-7]{1,2})|([nrtbfv])|\r?\n|(.)|\Z)",
    re.DOTALL,
)
_STYLE_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[ \t\r\n\f])?|\r?\n|(.)|\Z)", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_QUOTED_BYTES = re.compile(r"(?:=[0-9A-Fa-f]{2})+")
# How quoted-printable, calendars and scripts cut a line in two: what stands on both sides belongs together.
_BREAKS = (re.compile(r"=[ \t]*\r?\n"), re.compile(r"\r?\n[ \t]"), re.compile(r"\\\r?\n"))
_BLANKS_IN_DATA = re.compile(r"(?<=base64,)[A-Za-z0-9+/_\-\s]+")
_RUN = re.compile(r"[A-Za-z0-9+/_-]{16,}")
_HEX = re.compile(r"[0-9a-fA-F]{24,}")
_READABLE = re.compile(rb"[\0\t\n\r\x20-\x7e]{10}")
_CONCATENATION = re.compile(r"[\"'`]\s*\+\s*[\"'`]")


class Unsearchable(Exception):
    """Raised for packed data that grows too large to be read."""


def readings(data: bytes, hide: Callable[[str], str] | None = None) -> Iterator[str]:
    """Each different text that `data` can be read as, the plainest first; raises Unsearchable.

    `hide` is applied to each text before anything is done with it.
    """
    seen: set[str] = set()
    level = list(_texts(data))
    for depth in range(DEPTH + 1):
        if hide:
            level = [hide(text) for text in level]
        fresh = [text for text in dict.fromkeys(level) if text not in seen]
        seen.update(fresh)
        yield from fresh
        if depth < DEPTH:
            level = [decoded for text in fresh for decoded in (*_plainer(text), *_unpacked_runs(text))]


def unescaped(text: str) -> Iterator[str]:
    """The text with the escapes of scripts and JSON undone, then with those of style sheets."""
    if "\\" in text:
        yield _joined(_SCRIPT_ESCAPE.sub(_script_character, text))
        yield _joined(_STYLE_ESCAPE.sub(_style_character, text))


def without_entities(text: str) -> str:
    """The text with its character references undone, however often they were made."""
    text = _LEADING_ZEROS.sub(r"\1", _NESTED_ENTITY.sub("&", text))
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text))


def _texts(data: bytes, depth: int = 0) -> Iterator[str]:
    """The bytes as text: UTF-8 always, UTF-16 and UTF-32 where something suggests it, and unpacked."""
    text = data.decode("utf-8", errors="replace")
    yield text
    if "\0" in text or "\ufffd" in text:
        for encoding, width in (("utf-16-le", 2), ("utf-16-be", 2), ("utf-32-le", 4), ("utf-32-be", 4)):
            for shift in range(width):
                yield data[shift:].decode(encoding, errors="replace")
    if depth < DEPTH and _is_packed(data) and (unpacked := _unpacked(data)):
        yield from _texts(unpacked, depth + 1)


def _is_packed(data: bytes) -> bool:
    """True for the first bytes of gzip, and of zlib with any window."""
    return data.startswith(b"\x1f\x8b") or (
        len(data) > 2 and data[0] & 15 == 8 and int.from_bytes(data[:2]) % 31 == 0
    )


def _unpacked(data: bytes) -> bytes:
    """What is packed in there, part after part, as far as it can be unpacked."""
    unpacked = bytearray()
    at = 0
    while _is_packed(data[at : at + 3]):
        stream, step = zlib.decompressobj(wbits=47), 1024
        while at < len(data) and not stream.eof and step:
            before = stream.copy()
            try:
                unpacked += stream.decompress(data[at : at + step], MAX_UNPACKED + 1 - len(unpacked))
                at += step
            except zlib.error:
                # Up to the mistake, byte by byte, for browsers show that much.
                stream, step = before, step // 1024
            if len(unpacked) > MAX_UNPACKED:
                raise Unsearchable
        at = min(at, len(data)) - len(stream.unused_data)
        if not step:
            break
    return bytes(unpacked)


def _plainer(text: str) -> Iterator[str]:
    """The text with one layer less: codes that do not hinder each other together, then what may cut through them."""
    yield _without_codes(text)
    if "\n" in text:
        yield from (line_break.sub("", text) for line_break in _BREAKS)
    yield from unescaped(text)


def _without_codes(text: str) -> str:
    if "%" in text:
        text = _without_percent(text)
    if _ENTITY.search(text):
        text = without_entities(text)
    if _QUOTED_BYTES.search(text):
        text = _QUOTED_BYTES.sub(_quoted_text, text)
    if "+" in text:
        text = _CONCATENATION.sub("", text)
    return text


def _without_percent(text: str) -> str:
    text = _BREAK_AFTER_PERCENT.sub("", _BREAK_IN_PERCENT.sub("", text))
    text = _PERCENT_U.sub(lambda found: chr(int(found[1], 16)), _NESTED_PERCENT.sub("%", text))
    return unquote(_joined(text), errors="replace")


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


def _joined(text: str) -> str:
    """The text with each pair of surrogates made into the character that they stand for."""
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")


def _quoted_text(match: re.Match[str]) -> str:
    """The bytes as text; as they stand where they are no text at all (`width=device-width` has such)."""
    data = bytes.fromhex(match[0].replace("=", ""))
    text = data.decode("utf-8", errors="replace")
    return text if min(data) < 0x80 or "\ufffd" not in text else match[0]


def _unpacked_runs(text: str) -> Iterator[str]:
    """What stands in base64 or hexadecimal digits inside the text."""
    if "base64," in text:
        text = _BLANKS_IN_DATA.sub(lambda found: "".join(found[0].split()), text)
    runs = _RUN.findall(text)
    if runs and "\n" in text:
        runs += _RUN.findall(text.replace("\n", "").replace("\r", "").replace("\t", ""))
    for run in dict.fromkeys(runs):
        for digits in _HEX.findall(run) if len(run) >= 24 else ():
            for shift in (0, 1):
                yield from _sensible(
                    binascii.unhexlify(digits[shift : len(digits) - (len(digits) - shift) % 2])
                )
        # A run without a capital letter is a word or a path: base64 of an address always has some.
        if not run.islower():
            plain = run.replace("-", "+").replace("_", "/")
            for shift in range(4):
                yield from _sensible(base64.b64decode(plain[shift:] + "A" * (-(len(plain) - shift) % 4)))


def _sensible(data: bytes) -> Iterator[str]:
    """What was unpacked from inside a text, unless it is noise."""
    text = data.decode("utf-8", errors="replace")
    if _is_packed(data) or data.count(0) * 8 > len(data):
        yield from _texts(data)
    elif _READABLE.search(data) or text.count("\ufffd") * 5 < len(text):
        yield text
