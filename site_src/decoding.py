"""What a run of bytes could say to a browser or a person, under every encoding that we undo.

`readings` takes off one layer after another, to a fixed depth: text encodings, compression, percent, entities,
escapes of JSON, JavaScript and CSS, quoted-printable, base64 and hexadecimal. `views` then shows each reading
without what may stand in the middle of a word: blanks, folded lines, markup. Both err on the side of too much.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import unquote

DEPTH = 4
MAX_UNPACKED = 16 * 1024 * 1024

_PERCENT = re.compile(r"%[0-9a-fA-F]{2}|%u[0-9a-fA-F]{4}")
_PERCENT_U = re.compile(r"%u([0-9a-fA-F]{4})")
_ENTITY = re.compile(r"&(#|[A-Za-z])")
_LONG_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]{1,6})\}|\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\([0-7]{3})")
_CSS_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_QUOTED_PRINTABLE = re.compile(r"=([0-9A-Fa-f]{2})")
_RUN = re.compile(r"[A-Za-z0-9+/_-]{16,}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){12,}")
_PRINTABLE = bytes([0, *range(32, 127)])
_TAG = re.compile(r"<[^<>]*>")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def readings(data: bytes, blank: re.Pattern[str] | None = None) -> Iterator[str]:
    """Each different text that `data` can be read as, the plainest first.

    What `blank` matches is taken out of a text before anything is done with it.
    """
    seen: set[str] = set()
    level = list(_texts(data))
    for depth in range(DEPTH + 1):
        if blank:
            level = [blank.sub(" ", text) for text in level]
        fresh = [text for text in dict.fromkeys(level) if text not in seen]
        seen.update(fresh)
        yield from fresh
        if depth < DEPTH:
            level = [decoded for text in fresh for undo in _LAYERS for decoded in undo(text)]


def views(text: str) -> Iterator[str]:
    """The text folded; then without any white space; then without markup as well."""
    folded = fold(text)
    yield folded
    yield "".join(folded.split())
    if "<" in folded:
        bare = _TAG.sub("", folded)
        yield "".join((_TAG.sub("", bare) if "<" in bare else bare).split())


def fold(text: str) -> str:
    """The text in small letters, in its plainest Unicode form (NFKC), without invisible characters."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).replace("\u3002", ".")
    elif _CONTROL.search(text):
        text = _CONTROL.sub("", text)
    return text.replace("\\", "/").lower()


def _texts(data: bytes) -> Iterator[str]:
    """The bytes as text: UTF-8 always, UTF-16 and UTF-32 where NULs or a mark suggest it, and unpacked."""
    yield data.decode("utf-8", errors="replace")
    if data.startswith((b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")):
        yield from _unpacked(data)
    if b"\0" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
            for shift in (0, 1):
                yield data[shift:].decode(encoding, errors="replace")


def _unpacked(data: bytes) -> Iterator[str]:
    try:
        unpacked = zlib.decompressobj(wbits=47).decompress(data, MAX_UNPACKED)
    except zlib.error:
        return
    yield from _texts(unpacked)


def _percent(text: str) -> Iterator[str]:
    if _PERCENT.search(text):
        yield unquote(_PERCENT_U.sub(_character, text), errors="replace")


def _entities(text: str) -> Iterator[str]:
    if _ENTITY.search(text):
        yield html.unescape(text)


def _escapes(text: str) -> Iterator[str]:
    if "\\" in text:
        yield _LONG_ESCAPE.sub(_character, text.replace("\\/", "/"))
        yield _CSS_ESCAPE.sub(_character, text)
        yield re.sub(r"\\(\r?\n)?", "", text)


def _character(match: re.Match[str]) -> str:
    digits = next(group for group in match.groups() if group)
    base = 8 if match[0][1] in "0123" and len(digits) == 3 and match.re is _LONG_ESCAPE else 16
    code = int(digits, base)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""


def _quoted_printable(text: str) -> Iterator[str]:
    if _QUOTED_PRINTABLE.search(text):
        yield _QUOTED_PRINTABLE.sub(_character, text.replace("=\r\n", "").replace("=\n", ""))


def _base64_and_hexadecimal(text: str) -> Iterator[str]:
    for run in _RUN.findall(text.replace("\r", "").replace("\n", "")):
        for digits in _HEX.findall(run):
            yield from _printable(binascii.unhexlify(digits))
        # A run without a capital letter is a word or a path: base64 of an address always has some.
        if not run.islower():
            plain = run.replace("-", "+").replace("_", "/")
            for shift in range(4):
                yield from _printable(base64.b64decode(plain[shift : shift + (len(plain) - shift) // 4 * 4]))


def _printable(data: bytes) -> Iterator[str]:
    """What was unpacked from inside a text, unless it is noise: most of an address's bytes are ASCII."""
    if data.startswith(b"\x1f\x8b") or len(data.translate(None, _PRINTABLE)) < len(data) * 0.2:
        yield from _texts(data)


def _concatenation(text: str) -> Iterator[str]:
    if "+" in text:
        yield re.sub(r"[\"'`]\s*\+\s*[\"'`]", "", text)


_LAYERS: tuple[Callable[[str], Iterator[str]], ...] = (
    _percent,
    _entities,
    _escapes,
    _quoted_printable,
    _base64_and_hexadecimal,
    _concatenation,
)
