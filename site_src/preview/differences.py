"""Compares two versions of a site page by page, by the lines of text that readers see. Never accesses the disk."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from html.parser import HTMLParser

_BLOCKS = frozenset(
    "article aside body caption dd details div dl dt figcaption footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section "
    "summary table tr ul".split()
)
_NOT_SHOWN = frozenset(["script", "style"])
# A Latin word, whitespace, or one character: Japanese and Korean lines are compared by character.
_TOKEN = re.compile(r"[a-zA-Z0-9À-ɏ]+|\s+|.", re.DOTALL)
# The time of a comparison grows with the product of the lengths. Above this product, the whole lines count as different.
_MAX_COMPARED = 4_000_000
Pieces = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line before and after the change, or None where the line does not exist. Each piece is marked True if it differs."""

    before: Pieces | None
    after: Pieces | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A page that differs. `path` is its path, such as `en/japan/index.html`, and `kind` is `changed`, `new` or `gone`.

    `rows` contains only the rows that differ.
    """

    path: str
    kind: str
    title: str
    rows: tuple[Row, ...]

    @property
    def language(self) -> str:
        """Returns the language of the page: the first folder of its path."""
        return self.path.partition("/")[0]


def compare_sites(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[Difference]:
    """Returns each page whose text, links or pictures differ, sorted by path. Leaves out pages that differ only in markup."""
    found = []
    for path in sorted(path for path in before.keys() | after.keys() if path.endswith("/index.html")):
        old, new = (extract_lines(site.get(path, b"").decode()) for site in (before, after))
        if old != new:
            kind = "changed" if old and new else "new" if new else "gone"
            found.append(Difference(path, kind, (new or old)[0], tuple(_compare(old, new))))
    return found


def extract_lines(page: str) -> list[str]:
    """Returns the lines that a reader sees on a page, with its title first.

    The destination follows each link, and the file's name follows the alternative text of each picture.
    """
    reader = _Lines()
    reader.feed(page)
    reader.close()
    reader.end_line()
    return reader.lines


class _Lines(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._line, self._links, self._hidden = "", list[str](), 0

    def end_line(self) -> None:
        """Ends the current line. Leaves it out if it has no words."""
        if line := " ".join(self._line.split()):
            self.lines.append(line)
        self._line = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begins a new line for a block element, and adds the text that represents the element, such as a bullet or a picture."""
        values = dict(attrs)
        self._hidden += tag in _NOT_SHOWN
        if tag in _BLOCKS or tag in ("title", "br"):
            self.end_line()
        if re.fullmatch("h[1-6]", tag):
            self._line = f"{'#' * int(tag[1])} "
        elif tag == "li":
            self._line = "- "
        elif tag in ("td", "th"):
            self._line += " | " if self._line else ""
        elif tag == "a":
            self._links.append(values.get("href") or "")
        elif tag == "img":
            file = (values.get("src") or "").rpartition("/")[2]
            self._line += f"[{values.get('alt') or 'decorative'}] ({file})"
        elif tag == "meta" and values.get("name") == "description":
            self.end_line()
            self.lines.append(values.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        """Ends the line of a block element, or adds the destination of a link."""
        self._hidden -= tag in _NOT_SHOWN
        if tag == "a" and self._links:
            self._line += f" ({self._links.pop()})"
        elif tag in _BLOCKS or tag == "title":
            self.end_line()

    def handle_data(self, data: str) -> None:
        """Adds text to the current line."""
        if not self._hidden:
            self._line += data


def _compare(before: list[str], after: list[str]) -> Iterator[Row]:
    for kind, begin, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        old, new = before[begin:end], after[first:last]
        for number in range(max(len(old), len(new))):
            yield _compare_lines(
                old[number] if number < len(old) else None, new[number] if number < len(new) else None
            )


def _compare_lines(before: str | None, after: str | None) -> Row:
    if before is None or after is None:
        return Row(None if before is None else ((before, True),), None if after is None else ((after, True),))
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) * len(new) > _MAX_COMPARED:
        return Row(((before, True),), ((after, True),))
    left, right = list[tuple[str, bool]](), list[tuple[str, bool]]()
    for kind, begin, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left.append(("".join(old[begin:end]), kind != "equal"))
        right.append(("".join(new[first:last]), kind != "equal"))
    return Row(tuple(left), tuple(right))
