"""Renders the contact sheet: a small live frame for each page, state and language that matches a filter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from html import unescape
from unicodedata import normalize
from urllib.parse import urlencode

from site_src.preview.choices import Choice
from site_src.preview.pages import ADDRESS, Way, broken, describe_frame, digest, render_template
from site_src.preview.sites import PreviewSites
from site_src.read.text import to_plain
from site_src.site.model import Page
from site_src.states import State


@dataclass(frozen=True, slots=True)
class Filter:
    """The choice of cells on the contact sheet. "" in a field means that the field excludes no cell."""

    programme: str = ""
    language: str = ""
    state: str = ""
    only: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A page in a language and a state. `differs` is True if the page differs from the published release."""

    page: Page
    state: State
    address: str
    digest: str
    differs: bool

    def matches(self, chosen: Filter) -> bool:
        """Returns True if the filter does not exclude the cell."""
        return (
            chosen.language in ("", self.page.language)
            and chosen.programme in ("", self.page.programme)
            and (self.differs or not chosen.only)
            and _has_words(self.page, chosen.words)
        )


def contact_sheet(sites: PreviewSites, chosen: Filter) -> bytes:
    """Returns the page with a frame for each page, state and language that matches the filter."""
    view = sites.view
    if view.inputs is None:
        return broken(view)
    languages, programmes = view.inputs.manuscript.content.settings.languages, sorted(view.inputs.logs)
    states = [state for state in State if chosen.state in ("", state)]
    cells = [cell for state in states for cell in _cells(sites, programmes, state) if cell.matches(chosen)]
    return render_template(
        "sheet.html",
        view=view,
        cells=sorted(cells, key=lambda cell: (cell.page.slug, languages.index(cell.page.language))),
        compared=sites.has_release,
        chosen=chosen,
        kept={name: value for name, value in asdict(chosen).items() if value and name != "words"},
        filters={
            "programme": _filter_ways(chosen, "programme", programmes),
            "language": _filter_ways(chosen, "language", languages),
            "state": _filter_ways(chosen, "state", State),
            "only": _filter_ways(chosen, "only", ["differs"] if sites.has_release else []),
        },
        **describe_frame(view),
    )


def _cells(sites: PreviewSites, programmes: Iterable[str], state: State) -> Iterator[Cell]:
    """Yields each page as it is if every programme is in this state."""
    choice, compared = Choice(dict.fromkeys(programmes, state)), sites.has_release
    built = sites.built(choice)
    for page in built.site.pages:
        path = f"{page.route.strip('/')}/index.html"
        differs = compared and sites.differs(path)
        yield Cell(page, state, f"{choice.folder}{page.route}", digest(built.files[path]), differs)


def _has_words(page: Page, words: str) -> bool:
    """Returns True if the page's slug, title, description or text contains each of the words. Ignores case."""
    text = unescape(re.sub(r"<[^<>]*>", " ", " ".join(page.body)))
    shown = _fold(f"{page.slug} {page.title} {page.description} {text}")
    return all(word in shown for word in _fold(words).split())


def _fold(text: str) -> str:
    """Returns the text without differences that a search ignores: capitals, full-width forms, no-break hyphens."""
    return to_plain(normalize("NFKC", text)).casefold()


def _filter_ways(chosen: Filter, name: str, values: Iterable[str]) -> list[Way]:
    ways = []
    for value in ("", *values):
        query = urlencode({key: word for key, word in {**asdict(chosen), name: value}.items() if word})
        text = str(value).replace("_", " ") or "all"
        ways.append(Way(text, f"{ADDRESS}?{query}" if query else ADDRESS, getattr(chosen, name) == value))
    return ways
