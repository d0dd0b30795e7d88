"""Finds addresses without https://, such as `name.nl/page`: people type them, and some programs turn them into links."""

from __future__ import annotations

import re
from functools import lru_cache

from site_src.scan.decoding import without_entities
from site_src.scan.folding import fold

_BARE = re.compile(r"(?<![\w@./%~-])((?:[a-z0-9-]+\.)+[a-z]{2,24})[/?#]+\w")
# Inline elements, which do not end a word.
_WITHIN_WORDS = "a|abbr|b|bdi|cite|code|em|i|kbd|mark|q|s|small|span|strong|sub|sup|time|u|wbr"
_INLINE = re.compile(rf"</?(?:{_WITHIN_WORDS})(?:\s[^<>]*)?>")
# A fast test: most dots end a sentence.
_CLUE = re.compile(rf"\.(?:[a-z]|</?(?:{_WITHIN_WORDS})[\s>])")
_TAG = re.compile(r"<[^<>]*>")


def bare_hosts(markup: str) -> frozenset[str]:
    """Returns the hosts of addresses without https:// in the text outside tags, in lower case, with look-alikes folded."""
    folded = fold(markup)
    if "&" not in folded and not _CLUE.search(folded):
        return frozenset()
    lines = (line for line in folded.split("\n") if "&" in line or _CLUE.search(line))
    return frozenset(host for line in lines for host in _in_known_line(line))


def _in_line(line: str) -> tuple[str, ...]:
    # Feeds contain HTML in their text.
    forms = (line, without_entities(line)) if "&" in line else (line,)
    return tuple(host for form in forms for host in _in_text(form))


def _in_text(text: str) -> list[str]:
    if not _CLUE.search(text):
        return []
    return _BARE.findall(_TAG.sub(" ", _INLINE.sub("", text)) if "<" in text else text)


# Most lines of a page also occur on other pages.
_in_known_line = lru_cache(maxsize=2048)(_in_line)
