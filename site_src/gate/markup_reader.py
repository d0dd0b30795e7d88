"""Reads the tags, attributes and addresses of a text for the gate, and finds its elements and the text that a reader sees in them.

The gate has its own reader, so it does not depend on the templates that it judges. The reader knows only tags that every
browser reads in the same way. `doubtful_markup` reports all other tags.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple, cast

from site_src.convert.markup import letters
from site_src.scan.decoding import as_browsers_read

_TAG = re.compile(
    r"<(?:([a-zA-Z][\w:.-]*)((?:[ \t\r\n\f]+[\w:.-]+(?:=\"[^\"]*\")?)*)[ \t\r\n\f]*/?>"
    r"|/([a-zA-Z][\w:.-]*)[ \t\r\n\f]*>|![dD][oO][cC][tT][yY][pP][eE] html>"
    r"|\?xml [^<>]*\?>|!--(?!-?>)(?:(?!--)[^<>])*-->)",
    re.ASCII,
)
_ATTRIBUTE = re.compile(r"[ \t\r\n\f]([\w:.-]+)(?:=\"([^\"]*)\")?", re.ASCII)
_ADDRESSES = frozenset(
    "action background cite codebase data formaction href longdesc manifest poster src".split()
)
# Browsers ignore these characters inside an address, and all control characters at its ends.
_PASSED_OVER = re.compile(r"[\t\r\n]|^[\0- ]+|[\0- ]+$")
_LOCAL = re.compile(r"#|/(?![/\\\t\r\n])")
_AUTHORITY = re.compile(r"(?:https?:[/\\]*|[/\\]{2,})([^/\\?#]*)", re.IGNORECASE)
# Link relations that name an address without loading it (HTML, section 4.6.7; RFC 4287, section 4.2.7.2).
_NAMES_ONLY = frozenset("alternate canonical license self".split())

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ELEMENTS = frozenset([*_HEADINGS, "entry", "script", "td", "time", "title", "tr", "updated"])
# The number of a start tag among all tags, and its attributes.
_Start = tuple[int, Mapping[str, str]]

Tag = tuple[str, Mapping[str, str]]


@dataclass(frozen=True)
class Tags:
    """The start tags of a text in lower case, each with its attributes unescaped.

    `names` are the names of all attributes. `addresses` are the addresses in the tags, as a browser reads them, except
    addresses relative to this site. `loaded` are the addresses that a browser may fetch without a click. `pieces` is the
    whole text in groups of four: the text before a tag, the name and the attributes of a start tag, and the name of an end
    tag. The last group has only the text.
    """

    found: tuple[Tag, ...]
    names: frozenset[str]
    addresses: tuple[str, ...]
    loaded: tuple[str, ...]
    pieces: Sequence[str | None]

    @property
    def beside(self) -> str:
        """Returns the text without its tags."""
        return "".join(self.texts)

    @property
    def texts(self) -> Sequence[str]:
        """Returns the texts before, between and after the tags."""
        return cast("Sequence[str]", self.pieces[::4])

    @cached_property
    def outline(self) -> Outline:
        """Returns the elements of the text."""
        return Outline(self)


def tags_of(text: str) -> Tags:
    """Returns the tags of the text."""
    pieces = _TAG.split(text)
    found: list[Tag] = []
    addresses: list[str] = []
    loaded: list[str] = []
    for name, inside in zip(pieces[1::4], pieces[2::4], strict=True):
        if name:
            attributes, elsewhere = _attributes(inside)
            tag = name.lower(), attributes
            found.append(tag)
            if elsewhere:
                addresses += elsewhere
                loaded += elsewhere if _loads(tag) else ()
    names = frozenset().union(*{id(attributes): attributes for _, attributes in found}.values())
    return Tags(tuple(found), names, tuple(addresses), tuple(loaded), pieces)


def hosts_of(addresses: tuple[str, ...]) -> Iterator[str]:
    """Yields the host of each address that has one."""
    return (authority[1].lower() for address in addresses if (authority := _AUTHORITY.match(address)))


def local_name(name: str) -> str:
    """Returns the name without its XML prefix, because <s:script> is a script if `s` is the prefix of that namespace."""
    return name.rpartition(":")[2]


def _loads(tag: Tag) -> bool:
    """Returns True if a browser may fetch the tag's addresses without a click."""
    name, attributes = tag
    if local_name(name) == "link":
        return not _NAMES_ONLY.issuperset(attributes.get("rel", "").lower().split())
    return local_name(name) != "a"


# Most tags of a page also occur on every other page.
@lru_cache(maxsize=8192)
def _attributes(inside: str) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Returns the attributes of a tag, and the addresses in them except addresses relative to this site."""
    attributes: dict[str, str] = {}
    for key, value in _ATTRIBUTE.findall(inside):
        attributes.setdefault(key.lower(), as_browsers_read(value) if "&" in value else value)
    leads = [value for name, value in attributes.items() if local_name(name) in _ADDRESSES]
    elsewhere = tuple(_PASSED_OVER.sub("", address) for address in leads if not _LOCAL.match(address))
    return MappingProxyType(attributes), elsewhere


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
            if name in _ELEMENTS:
                self._names.setdefault(name, []).append((number, attributes))
            if "class" in attributes:
                for one in attributes["class"].split():
                    self._classes.setdefault(one, []).append((number, attributes))

    def of_class(self, name: str, inside: Element | None = None) -> list[Element]:
        """Returns the elements with this class. With `inside`, returns only those within that element."""
        return self._elements(self._classes.get(name, []), inside)

    def named(self, name: str, inside: Element | None = None) -> list[Element]:
        """Returns the elements with this name. With `inside`, returns only those within that element. `name` must be in `_NAMES`."""
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
