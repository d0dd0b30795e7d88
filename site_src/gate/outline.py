"""Finds the elements in a text by name or class, and the text that a reader sees in an element."""

from __future__ import annotations

import html
from bisect import bisect_left
from collections.abc import Mapping
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from site_src.convert.markup import letters
from site_src.gate.markup_reader import Tags

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_NAMES = frozenset([*_HEADINGS, "entry", "script", "td", "time", "title", "tr", "updated"])

# The number of a start tag among all tags, and its attributes.
_Start = tuple[int, Mapping[str, str]]


class Element(NamedTuple):
    """An element: its attributes, and the numbers of the texts in it, from `start` to `end` (exclusive)."""

    attributes: Mapping[str, str]
    start: int
    end: int


class Outline:
    """The elements of a text, by name and by class, in the order of their start tags."""

    def __init__(self, tags: Tags) -> None:
        self._texts = tags.texts
        self._opened, self._closed = tags.pieces[1::4], tags.pieces[3::4]
        self._names: dict[str, list[_Start]] = {}
        self._classes: dict[str, list[_Start]] = {}
        numbers = (number for number, name in enumerate(self._opened) if name)
        for number, (name, attributes) in zip(numbers, tags.found, strict=True):
            if name in _NAMES:
                self._names.setdefault(name, []).append((number, attributes))
            if "class" in attributes:
                for one in attributes["class"].split():
                    self._classes.setdefault(one, []).append((number, attributes))

    def of_class(self, name: str, inside: Element | None = None) -> list[Element]:
        """Returns the elements with this class, or with `inside`, only those within that element."""
        return self._elements(self._classes.get(name, []), inside)

    def named(self, name: str, inside: Element | None = None) -> list[Element]:
        """Returns the elements with this name, or with `inside`, only those within that element. `name` must be in `_NAMES`."""
        return self._elements(self._names.get(name, []), inside)

    def headings(self, inside: Element) -> list[Element]:
        """Returns the headings of all levels within the element."""
        starts = [start for name in _HEADINGS for start in self._names.get(name, [])]
        return self._elements(sorted(starts, key=itemgetter(0)), inside)

    def text(self, element: Element) -> str:
        """Returns all text in the element, as typed."""
        return "".join(self._texts[element.start : element.end])

    def letters(self, element: Element, begin: int | None = None) -> str:
        """Returns the letters and digits that a reader sees in the element. `begin` is the number of the first text to include."""
        return letters(html.unescape("".join(self._texts[begin or element.start : element.end])))

    def _elements(self, starts: list[_Start], inside: Element | None) -> list[Element]:
        if inside is not None:
            # A binary search, because a page may have thousands of elements with this name, in thousands of other elements.
            first = bisect_left(starts, inside.start, key=itemgetter(0))
            starts = starts[first : bisect_left(starts, inside.end - 1, key=itemgetter(0))]
        ends, end = self._ends, len(self._texts)
        return [Element(attributes, number + 1, ends.get(number, end)) for number, attributes in starts]

    @cached_property
    def _ends(self) -> Mapping[int, int]:
        """Maps the number of each start tag to the number of the text after its element. Leaves out elements that no tag closes."""
        ends: dict[int, int] = {}
        begun: dict[str, list[int]] = {}
        for number, (opened, closed) in enumerate(zip(self._opened, self._closed, strict=True)):
            if opened:
                begun.setdefault(opened.lower(), []).append(number)
            elif closed and (open_elements := begun.get(closed.lower())):
                ends[open_elements.pop()] = number + 1
        return ends
