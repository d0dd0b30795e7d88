"""A text in its plainest form: small letters, no disguised ones, and nothing in the middle of a word.

`views` shows a text without what may stand inside an address and go unseen: invisible characters, blanks and markup.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_CDATA = re.compile(r"<!\[cdata\[|\]\]>")
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
_TAG = re.compile(r"<[^<>\"']*(?:(?:\"[^\"]*\"|'[^']*')[^<>\"']*)*>")
_PLAIN_TAG = re.compile(r"<[^<>]*>")
# Text in ASCII, of which most files are made, is folded in one step; nothing else is quick enough for every byte.
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in b"\t\n\r")
_FOLDED = bytes(range(256)).lower().replace(b"\\", b"/")
_BLANKS = bytes(code for code in range(0x80) if chr(code).isspace())
_ASCII_TEXT = bytes(range(0x20, 0x7F)) + b"\t\n\r"
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]"
)
# Normal forms are made piece by piece: a long row of accents takes the library the square of its length.
_PIECE = 1000
# Pages have most of their lines in common, and a line, or a short text, is read in the same way wherever it stands.
_LONGEST_KNOWN_LINE = 500


def views(text: str) -> tuple[str, ...]:
    """The text folded, with and without its blanks; then the same without markup, as browsers and as people see it."""
    return _known_views(text) if len(text) <= _LONGEST_KNOWN_LINE else _views(text)


def _views(text: str) -> tuple[str, ...]:
    folded = fold(text)
    seen = dict.fromkeys((folded, *_without_markup(folded)))
    return tuple(dict.fromkeys(form for view in seen for form in (view, _without_blanks(view))))


def _without_blanks(text: str) -> str:
    """The text without whitespace; the blanks of ASCII, which are nearly all, go in one step."""
    plain = text.encode(errors="surrogatepass").translate(None, _BLANKS).decode(errors="surrogatepass")
    return plain if plain.isascii() else "".join(plain.split())


_known_views = lru_cache(maxsize=8192)(_views)


def fold(text: str) -> str:
    """The text in small letters, in its plainest Unicode form (NFKC), without invisible characters."""
    if text.isascii():
        return _folded_ascii(text)
    # No character is composed with one on the other side of a line's end.
    return "\n".join(map(_folded_line, text.split("\n")))


def _folded_ascii(text: str) -> str:
    return text.encode().translate(_FOLDED, _CONTROLS).decode()


def _folded_line(line: str) -> str:
    if line.isascii():
        return _folded_ascii(line)
    return _folded_known(line) if len(line) <= _LONGEST_KNOWN_LINE else _folded(line)


def _folded(text: str) -> str:
    beyond = text.encode(errors="surrogatepass").translate(None, _ASCII_TEXT).decode(errors="surrogatepass")
    if _INVISIBLE.search(beyond):
        text = _INVISIBLE.sub("", text)
    pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
    text = "".join(unicodedata.normalize("NFKC", piece) for piece in pieces).replace("\u3002", ".")
    return text.replace("\\", "/").lower()


_folded_known = lru_cache(maxsize=32768)(_folded)


def _without_markup(text: str) -> Iterator[str]:
    if "<" in text:
        plain = text
        if "<!" in text and ("<![cdata[" in text or "]]>" in text):
            plain = _CDATA.sub("", text)
        if "<!--" in plain:
            plain = _COMMENT.sub("", plain)
        bare, tags = _TAG.subn("", plain)
        yield bare
        # Where each bracket opens or closes a tag of its own, the simple reading is the same.
        if not text.count("<") == text.count(">") == tags:
            yield _PLAIN_TAG.sub("", _PLAIN_TAG.sub("", text))
