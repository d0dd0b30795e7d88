"""Folds text for comparison: makes it lower case, replaces look-alikes, and removes invisible characters.

`views` also removes the blanks and the markup that may be inside an address without being visible.
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
# ASCII text (most files) is folded in one step, because this runs over every byte.
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code not in b"\t\n\r")
_FOLDED = bytes(range(256)).lower().replace(b"\\", b"/")
_BLANKS = bytes(code for code in range(0x80) if chr(code).isspace())
_SIMILAR = bytes.maketrans(b"01i", b"oll")
# This character replaces markup, and folded text contains it nowhere else. A word may end or continue there.
_GAP = "\x1f"
# Characters of these categories are not visible by themselves: combining marks, formats, controls, unassigned ones.
_UNSEEN = frozenset(["Cc", "Cf", "Cn", "Co", "Cs", "Me", "Mn", "Zl", "Zp"])
# Fillers, the Braille blank, and the object replacement character.
_DRAWS_NOTHING = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")
# The marks of `addresses`, which folding keeps.
_MARKS = range(0xF0000, 0xFFFFE)
_LETTER = re.compile(
    r"(?:LATIN (?:CAPITAL |SMALL )?LETTER (?:SMALL CAPITAL |DOTLESS )?|SYMBOL LETTER )([A-Z])(?: WITH .*)?$"
)
# Pages share most of their lines, so the views of lines and short texts are cached.
_LONGEST_KNOWN_LINE = 500


# A text with its blanks, and the same text without them.
View = tuple[str, str]


def views(text: str) -> tuple[View, ...]:
    """Returns views of the folded text, then of the text without its markup, as browsers and as people read it."""
    return _known_views(text) if len(text) <= _LONGEST_KNOWN_LINE else _views(text)


def _views(text: str) -> tuple[View, ...]:
    folded = fold(text)
    seen = dict.fromkeys((folded, *_without_markup(folded)))
    return tuple((view, without_blanks(view)) for view in seen)


def without_blanks(text: str) -> str:
    """Returns the text without whitespace. Removes ASCII whitespace, the most common, in one step."""
    plain = text.encode(errors="surrogatepass").translate(None, _BLANKS).decode(errors="surrogatepass")
    return plain if plain.isascii() else "".join(plain.split())


_known_views = lru_cache(maxsize=2048)(_views)


def fold(text: str) -> str:
    """Returns the text in lower case, with plain characters for their look-alikes, and without invisible characters."""
    if text.isascii():
        return _folded_ascii(text)
    # Characters do not combine across line ends, so each line is folded separately.
    return "\n".join(map(_folded_line, text.split("\n")))


def _folded_ascii(text: str) -> str:
    return text.encode().translate(_FOLDED, _CONTROLS).decode()


def _folded_line(line: str) -> str:
    if line.isascii():
        return _folded_ascii(line)
    return _folded_known(line) if len(line) <= _LONGEST_KNOWN_LINE else _folded(line)


def _folded(text: str) -> str:
    return fold(text) if text.isascii() else text.translate(_PLAIN)


_folded_known = lru_cache(maxsize=4096)(_folded)


class _PlainCharacters(dict[int, str]):
    """A cache of the plain form of each character, for `str.translate`."""

    def __missing__(self, code: int) -> str:
        plain = self[code] = _plain(chr(code))
        return plain


_PLAIN = _PlainCharacters()


def _plain(character: str) -> str:
    """Returns the character as people see it, a letter without accents and strokes, or "" for an invisible character."""
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
    # A syllable of Hangul is not split, because its parts do not look like letters of an address.
    return folded if any(map(str.isascii, folded)) else character.lower()


def similar(folded: str) -> str:
    """Returns the text. ASCII characters that look alike become the same character. The length stays the same."""
    if folded.isascii():
        return folded.encode().translate(_SIMILAR).decode()
    return folded.replace("0", "o").replace("1", "l").replace("i", "l")


def _without_markup(text: str) -> Iterator[str]:
    if "<" in text:
        plain = _COMMENT.sub(_GAP, _CDATA.sub(_GAP, text)) if "<!" in text else text
        bare, tags = _TAG.subn(_GAP, plain)
        yield bare
        # If each bracket opens or closes its own tag, the simple pattern gives the same result.
        if not text.count("<") == text.count(">") == tags:
            yield _PLAIN_TAG.sub(_GAP, _PLAIN_TAG.sub(_GAP, text))
