"""Splits a Markdown text into headings, sentences and list items without markup, each with its line, for advice.

Advice about wording needs line numbers, which the converted page does not have. So this module reads the source again,
with the few rules of Markdown that prose needs. No page is made from its result.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from site_src.check.code import without_code
from site_src.read.content import TextSource

LIST_ITEM = re.compile(r"( *)(?:[-*+]|[0-9]{1,2}\.)[ \t]+(?=\S)")

_HEADING = re.compile(r" {0,3}(#{1,6})(.*?)#*\s*")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)\s*")
# The characters of a quotation, and the whole first line of a box.
_QUOTED = re.compile(r"^ {0,3}(?:> ?)+(?:\[!\w+\]\s*$)?")
_DEFINITION = re.compile(r":[ \t]+")
_FOOTNOTE = re.compile(r"\[\^[^\]]+\]:[ \t]*")
_REFERENCE = re.compile(r" {0,3}\[[^\]^]+\]:\s*\S+.*")
_TABLE_RULE = re.compile(r"[\s|:-]*-[\s|:-]*")
_MARKUP = [
    (re.compile(pattern), text)
    for pattern, text in (
        (
            r"!?\[((?:[^\[\]]|\[\[[^\[\]]*\]\])*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)",
            r"\1",
        ),
        (r"(?<!\[)\[([^\[\]^]+)\]\[[^\[\]]*\]", r"\1"),
        (r"(?<!\[)\[\^[^\]]+\]", ""),
        (r"\{:[^{}\n]*\}", ""),
        (r"<(https?://[^<>\s]+)>", r"\1"),
        (r"</?[a-zA-Z][^<>]*>", ""),
        (r"\*+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)", ""),
    )
]
_END = re.compile(r"(?<=[。！？])|(?<=[.!?])(?=\s+[^\sa-z])")


class PassageKind(StrEnum):
    """The kind of a passage on the page."""

    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"
    DEFINITION = "definition"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of prose. `level` is the level of a heading, or 0 for other passages.

    `text` contains no Markdown except tokens. It keeps the line breaks of the file, so `line_at` can find a line.
    """

    kind: PassageKind
    line: int
    text: str
    level: int = 0

    def line_at(self, offset: int) -> int:
        """Returns the line of the file that contains the character at `offset` in `text`."""
        return self.line + self.text.count("\n", 0, offset)

    def sentences(self) -> Iterator[tuple[int, str]]:
        """Yields each sentence with the line on which it begins."""
        start = 0
        for end in [*(match.start() for match in _END.finditer(self.text)), len(self.text)]:
            sentence = self.text[start:end]
            if sentence.strip():
                blank = len(sentence) - len(sentence.lstrip())
                yield self.line_at(start + blank), sentence.strip()
            start = end


def passages(source: TextSource) -> tuple[Passage, ...]:
    """Returns the prose of a page or notice, in order, without code, comments and link definitions."""
    return _passages(source.body, source.body_line)


# Cached, because several rules read each text, and the preview reads all texts again if one changes. Each rule goes
# through all texts in order, so a cache with fewer entries than texts would never hit.
@lru_cache(maxsize=16384)
def _passages(body: str, first_line: int) -> tuple[Passage, ...]:
    reader = _Reader()
    for number, line in enumerate(without_code(body).split("\n"), start=first_line):
        reader.take(number, line)
    reader.finish()
    return tuple(reader.passages)


_MARKERS = {LIST_ITEM: PassageKind.ITEM, _DEFINITION: PassageKind.DEFINITION, _FOOTNOTE: PassageKind.TEXT}


class _Reader:
    """Reads a text line by line, and collects lines that belong together into passages."""

    def __init__(self) -> None:
        self.passages: list[Passage] = []
        self._kind, self._begins, self._lines, self._in_list = PassageKind.TEXT, 0, list[str](), False

    def finish(self, level: int = 0) -> None:
        """Ends the current passage, if there is one. With a `level`, the passage is a heading."""
        text = _plain("\n".join(self._lines))
        self._lines.clear()
        if text.strip():
            kind = PassageKind.HEADING if level else self._kind
            self.passages.append(Passage(kind, self._begins, text, level))

    def take(self, number: int, line: str) -> None:
        """Reads one line of the file."""
        line = _QUOTED.sub("", line)
        if not line.strip():
            self.finish()
        elif not self._lines and line.startswith(("    ", "\t")) and not self._in_list:
            pass  # code
        elif heading := _HEADING.fullmatch(line):
            self.finish()
            self._in_list = False
            text = _plain(heading[2]).strip()
            self.passages.append(Passage(PassageKind.HEADING, number, text, level=len(heading[1])))
        elif self._lines and self._kind is PassageKind.TEXT and _UNDERLINE.fullmatch(line):
            self.finish(level=1 if line.lstrip().startswith("=") else 2)
        elif line.lstrip().startswith("|"):
            self.finish()
            cells = () if _TABLE_RULE.fullmatch(line) else line.split("|")
            self.passages += [
                Passage(PassageKind.CELL, number, _plain(cell)) for cell in cells if cell.strip()
            ]
        elif not _REFERENCE.fullmatch(line):
            self._take_text(number, line)

    def _take_text(self, number: int, line: str) -> None:
        begin = _begin(line)
        if begin:
            self.finish()
        if not self._lines:
            in_list = self._in_list and line.startswith((" ", "\t"))
            self._kind, self._begins, self._in_list = PassageKind.TEXT, number, in_list
        if begin:
            self._kind, self._in_list = begin[0], True
        self._lines.append(line[begin[1] :] if begin else line)


def _begin(line: str) -> tuple[PassageKind, int] | None:
    """Returns the kind of passage that begins on this line and the length of its marker, or None if the line continues a text."""
    matches = ((pattern.match(line), kind) for pattern, kind in _MARKERS.items())
    return next(((kind, match.end()) for match, kind in matches if match), None)


def _plain(text: str) -> str:
    for pattern, instead in _MARKUP:
        text = pattern.sub(instead, text)
    return html.unescape(text) if "&" in text else text


def shorten(text: str) -> str:
    """Returns the text on one line, cut after 45 characters if it is longer than 48."""
    line = " ".join(text.split())
    return line if len(line) <= 48 else f"{line[:45].rstrip()}…"
