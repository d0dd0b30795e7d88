"""The elements of a text and what a reader sees in them, found by name and class."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from site_src.markup import letters
from site_src.markup_reader import Tags

_HEADING = re.compile(r"h[1-6]")


@dataclass(frozen=True, slots=True)
class Element:
    """An element: its attributes, and the numbers of the texts in it, from `start` up to `end`."""

    attributes: Mapping[str, str]
    start: int
    end: int


class Outline:
    """The elements of a text, by name and by class, in the order of their start tags."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags
        self._names: dict[str, list[int]] = {}
        self._classes: dict[str, list[int]] = {}
        self._attributes: dict[int, Mapping[str, str]] = {}
        numbers = (number for number, name in enumerate(tags.opened) if name)
        for number, (name, attributes) in zip(numbers, tags.found, strict=True):
            self._attributes[number] = attributes
            self._names.setdefault(name, []).append(number)
            if "class" in attributes:
                for one in attributes["class"].split():
                    self._classes.setdefault(one, []).append(number)

    def of_class(self, name: str, inside: Element | None = None) -> list[Element]:
        """The elements of that class, or those of them inside an element."""
        return self._elements(self._classes.get(name, []), inside)

    def named(self, name: str, inside: Element | None = None) -> list[Element]:
        """The elements of that name, in small letters, or those of them inside an element."""
        return self._elements(self._names.get(name, []), inside)

    def headings(self, inside: Element) -> list[Element]:
        """The headings of any level inside an element."""
        numbers = [
            number for name, found in self._names.items() if _HEADING.fullmatch(name) for number in found
        ]
        return self._elements(sorted(numbers), inside)

    def text(self, element: Element) -> str:
        """All text in the element, as typed."""
        return "".join(self._tags.texts[element.start : element.end])

    def letters(self, element: Element, begin: int | None = None) -> str:
        """`markup.letters` of what a reader sees in the element, or of that from the text with the number `begin` on."""
        return letters(html.unescape("".join(self._tags.texts[begin or element.start : element.end])))

    def _elements(self, numbers: list[int], inside: Element | None) -> list[Element]:
        return [
            Element(self._attributes[number], number + 1, self._end(number))
            for number in numbers
            if inside is None or inside.start <= number < inside.end - 1
        ]

    def _end(self, number: int) -> int:
        """The number of the text behind the element that the tag begins; all of the rest if nothing closes it."""
        opened, closed = self._tags.opened, self._tags.closed
        name = str(opened[number]).lower()
        depth = 1
        for later in range(number + 1, len(opened)):
            if (other := opened[later] or closed[later]) and other.lower() == name:
                depth += 1 if opened[later] else -1
                if not depth:
                    return later + 1
        return len(self._tags.texts)
