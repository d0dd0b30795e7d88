"""Renders the page of a review, which shows each page that a change affects, before and after, in each state that differs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from site_src.preview.differences import Difference, Row, extract_lines
from site_src.preview.pages import render_template

# The key of the site in the states of the log. The other keys are states, each of which has its own preview.
AS_IT_IS = ""
# For a picture of one version of a page, in pixels: the height of a line of text, the characters in a line (not pixels), the
# width, the height of everything around the text, and the maximum height.
_LINE, _CHARACTERS, _WIDTH, _FRAME_HEIGHT, _MAX_HEIGHT = 22, 60, 700, 400, 6000
_SIZE = re.compile(r'<img [^>]*width="(\d+)" height="(\d+)"')


@dataclass(frozen=True, slots=True)
class Affected:
    """A page that differs. `by_state` maps each state in which the page differs, AS_IT_IS first, to the difference.

    `pictures` maps states to pictures of the page.
    """

    path: str
    by_state: Mapping[str, Difference]
    pictures: Mapping[str, str]

    @property
    def first(self) -> Difference:
        """Returns the difference in the first state."""
        return next(iter(self.by_state.values()))

    @property
    def rows(self) -> list[tuple[list[str], tuple[Row, ...]]]:
        """Returns each different set of rows, with the names of the states that have these rows."""
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
    """Returns an estimate of the height, in pixels, of a picture of this page (HTML)."""
    shown = sum(1 + len(line) // _CHARACTERS for line in extract_lines(page))
    sizes = [(int(width), int(height)) for width, height in _SIZE.findall(page)]
    pictures = sum(height * min(width, _WIDTH) // width for width, height in sizes)
    return min(_FRAME_HEIGHT + _LINE * shown + pictures, _MAX_HEIGHT)


def summarize(pages: Sequence[Affected], states: Sequence[str]) -> list[str]:
    """Returns a line for each page: `changed`, `new` or `gone`, and its path. Adds the states in which it differs, unless it
    differs in all.
    """
    lines = []
    for page in pages:
        named = ", ".join(map(name_state, page.by_state))
        lines.append(
            f"{page.first.kind}: {page.path}{f' ({named})' if len(page.by_state) < len(states) else ''}"
        )
    return lines


def review_page(pages: Sequence[Affected], states: Sequence[str], about: Mapping[str, str]) -> bytes:
    """Returns the page that shows the differences of two versions side by side.

    `about` contains the commit (`against`), the moment (`instant`) and a message about the pictures (`pictures`).
    """
    kinds = {kind: [page for page in pages if page.first.kind == kind] for kind in ("changed", "new", "gone")}
    return render_template(
        "review.html",
        pages=pages,
        kinds=kinds,
        states=[(state, name_state(state)) for state in states],
        **about,
    )
