"""Renders the page of a review: each page that a change affects, in which states, before and after, with its picture."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from site_src.preview.differences import Difference, Row, extract_lines
from site_src.preview.pages import render_template

# The site in the states of the log, besides the previews of each state.
AS_IT_IS = ""
# Pixels of a line of text in half of a picture, characters in such a line, and pixels of the width.
_LINE, _CHARACTERS, _WIDTH, _FRAME_HEIGHT, _MAX_HEIGHT = 22, 60, 700, 400, 6000
_SIZE = re.compile(r'<img [^>]*width="(\d+)" height="(\d+)"')


@dataclass(frozen=True, slots=True)
class Affected:
    """A page that differs: its difference in each state in which it differs, AS_IT_IS first, and the pictures by state."""

    path: str
    by_state: Mapping[str, Difference]
    pictures: Mapping[str, str]

    @property
    def first(self) -> Difference:
        """Returns the difference in the first of the states."""
        return next(iter(self.by_state.values()))

    @property
    def rows(self) -> list[tuple[list[str], tuple[Row, ...]]]:
        """Returns the rows that differ, once for all states with the same rows, with the names of these states."""
        found: dict[tuple[Row, ...], list[str]] = {}
        for state, difference in self.by_state.items():
            found.setdefault(difference.rows, []).append(name_state(state))
        return [(states, rows) for rows, states in found.items()]


def name_state(state: str) -> str:
    """Returns the state in words."""
    return state.replace("_", " ") or "as it is"


def group_pages(by_state: Mapping[str, Sequence[Difference]]) -> list[Affected]:
    """Returns each page that differs in at least one state, in the order of paths."""
    found: dict[str, dict[str, Difference]] = {}
    for state, differences in by_state.items():
        for difference in differences:
            found.setdefault(difference.path, {})[state] = difference
    return [Affected(path, states, {}) for path, states in sorted(found.items())]


def estimate_height(page: str) -> int:
    """Returns the height of a picture, in pixels, in which this page (HTML) fits."""
    shown = sum(1 + len(line) // _CHARACTERS for line in extract_lines(page))
    sizes = [(int(width), int(height)) for width, height in _SIZE.findall(page)]
    pictures = sum(height * min(width, _WIDTH) // width for width, height in sizes)
    return min(_FRAME_HEIGHT + _LINE * shown + pictures, _MAX_HEIGHT)


def summarize(pages: Sequence[Affected], states: Sequence[str]) -> list[str]:
    """Returns a line for each page: what happened to it, its path, and in which states, if not in all."""
    lines = []
    for page in pages:
        named = ", ".join(map(name_state, page.by_state))
        lines.append(
            f"{page.first.kind}: {page.path}{f' ({named})' if len(page.by_state) < len(states) else ''}"
        )
    return lines


def review_page(pages: Sequence[Affected], states: Sequence[str], about: Mapping[str, str]) -> bytes:
    """Returns the page that shows the differences of two versions side by side.

    `about` has the commit (`against`), the moment (`instant`) and a message about the pictures (`pictures`).
    """
    kinds = {kind: [page for page in pages if page.first.kind == kind] for kind in ("changed", "new", "gone")}
    return render_template(
        "review.html",
        pages=pages,
        kinds=kinds,
        states=[(state, name_state(state)) for state in states],
        **about,
    )
