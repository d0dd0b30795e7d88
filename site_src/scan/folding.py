"""A text in its plainest form: small letters, none that only looks like another, and nothing in the middle of a word.

`views` shows a text without what may stand inside an address and go unseen: invisible characters, blanks and markup.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from site_src.scan.lookalikes import LOOKALIKES

_CDATA = re.compile(r"<!\[cdata\[|\]\]>")
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))", re.DOTALL)
_TAG = re.compile(r"<[^<>\"']*(?:(?:\"[^\"]*\"|'[^']*')[^<>\"']*)*>")
_PLAIN_TAG = re.compile(r"<[^<>]*>")
# Text in ASCII, of which most files are made, is folded in one step; nothing else is quick enough for every byte.
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in b"\t\n\r")
_FOLDED = bytes(range(256)).lower().replace(b"\\", b"/")
_BLANKS = bytes(code for code in range(0x80) if chr(code).isspace())
_SIMILAR = bytes.maketrans(b"01i", b"oll")
# Markup leaves this blank, which folded text has not: a word ends there, or goes on.
_GAP = "\x1f"
# Of these categories no character is seen by itself: marks over another one, formats, controls, and what has no meaning.
_UNSEEN = frozenset(["Cc", "Cf", "Cn", "Co", "Cs", "Me", "Mn", "Zl", "Zp"])
# Fillers, the blank of Braille, and the place of an object that is not there.
_DRAWS_NOTHING = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")
# The scan of addresses leaves its marks here.
_MARKS = range(0xF0000, 0xFFFFE)
_LETTER = re.compile(
    r"(?:LATIN (?:CAPITAL |SMALL )?LETTER (?:SMALL CAPITAL |DOTLESS )?|SYMBOL LETTER )([A-Z])(?: WITH .*)?$"
)
# Pages have most of their lines in common, and a line, or a short text, is read in the same way wherever it stands.
_LONGEST_KNOWN_LINE = 500


# A text with its blanks, and without.
View = tuple[str, str]


def views(text: str) -> tuple[View, ...]:
    """The text folded; then the same with a blank for each piece of markup, as browsers and as people see it."""
    return _known_views(text) if len(text) <= _LONGEST_KNOWN_LINE else _views(text)


def _views(text: str) -> tuple[View, ...]:
    folded = fold(text)
    seen = dict.fromkeys((folded, *_without_markup(folded)))
    return tuple((view, _without_blanks(view)) for view in seen)


def _without_blanks(text: str) -> str:
    """The text without whitespace; the blanks of ASCII, which are nearly all, go in one step."""
    plain = text.encode(errors="surrogatepass").translate(None, _BLANKS).decode(errors="surrogatepass")
    return plain if plain.isascii() else "".join(plain.split())


_known_views = lru_cache(maxsize=8192)(_views)


def fold(text: str) -> str:
    """The text in small letters, each character as the plainest one that it looks like, without invisible ones."""
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
    return fold(text) if text.isascii() else text.translate(_PLAIN)


_folded_known = lru_cache(maxsize=32768)(_folded)


class _PlainCharacters(dict[int, str]):
    """The plain form of each character that was met, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        plain = self[code] = _plain(chr(code))
        return plain


_PLAIN = _PlainCharacters()


def _plain(character: str) -> str:
    """What people see in the character: letters without their accents and strokes, and nothing for what draws nothing."""
    if character.isascii():
        return character if character in "\t\n\r" else fold(character)
    if character in _DRAWS_NOTHING or unicodedata.category(character) in _UNSEEN:
        return character if ord(character) in _MARKS else ""
    for form in (character, character.upper(), character.lower()):
        if alike := LOOKALIKES.get(form):
            return alike
    if letter := _LETTER.search(unicodedata.name(character, "")):
        return letter[1].lower()
    if (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKD", character)
    if plain == character:
        return character.lower()
    folded = "".join(map(_plain, plain))
    # A syllable of Hangul stays in one piece: its parts look like no letter of an address.
    return folded if any(map(str.isascii, folded)) else character.lower()


def similar(folded: str) -> str:
    """The folded text, of the same length, with one character for those of ASCII that people take for each other."""
    if folded.isascii():
        return folded.encode().translate(_SIMILAR).decode()
    return folded.replace("0", "o").replace("1", "l").replace("i", "l")


def _without_markup(text: str) -> Iterator[str]:
    if "<" in text:
        plain = _COMMENT.sub(_GAP, _CDATA.sub(_GAP, text)) if "<!" in text else text
        bare, tags = _TAG.subn(_GAP, plain)
        yield bare
        # Where each bracket opens or closes a tag of its own, the simple reading is the same.
        if not text.count("<") == text.count(">") == tags:
            yield _PLAIN_TAG.sub(_GAP, _PLAIN_TAG.sub(_GAP, text))
