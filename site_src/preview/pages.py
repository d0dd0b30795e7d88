"""Renders the preview's own pages: the bar below each page, the contact sheet, and the page of problems."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import asdict, replace
from functools import cache
from html import unescape
from pathlib import Path
from unicodedata import normalize
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from site_src.builder import Built
from site_src.frozen import dataclass
from site_src.instants import local_text
from site_src.preview.choices import Choice
from site_src.preview.sites import PreviewContents, PreviewSites, digest
from site_src.problems import group_problems
from site_src.read.settings import PROGRAMMES
from site_src.read.text import to_plain
from site_src.site.model import Page
from site_src.states import State

ADDRESS = "/__preview/"
FRAME = "frame"
_HERE = Path(__file__).parent


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
    path: str
    digest: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A choice that the bar or the sheet offers. `current` is True for the choice that is shown now."""

    name: str
    address: str
    current: bool


def with_bar(page: bytes, view: PreviewContents, choice: Choice, path: str, built: Built) -> bytes:
    """Returns the page as it would be published, with the preview's bar added at the end."""
    head, end, tail = page.rpartition(b"</body>")
    bar = _template("bar.html").render(
        view=view,
        choice=choice,
        path=path,
        digest=digest(page),
        programmes={
            id: (status.names[built.site.default_language], status.state, state_ways(choice, id, path))
            for id, status in built.site.programmes.items()
        },
        moments=moment_ways(choice, built, path),
        **_frame(view, _sources(built, path)),
    )
    return head + bar.encode() + end + tail


def _sources(built: Built, path: str) -> frozenset[str]:
    """Returns the source files of the page at the path: its text, its programme's file, and the notice on it."""
    page = next((page for page in built.site.pages if page.route == path), None)
    if page is None:
        return frozenset()
    manuscript = built.inputs.manuscript
    found = {manuscript.pages[page.source_language, page.slug].path}
    if page.programme:
        state = built.site.programmes[page.programme].state
        found |= {
            f"{PROGRAMMES}/{page.programme}.yaml",
            manuscript.content.notices[page.language, state].path,
        }
    return frozenset(found)


def state_ways(choice: Choice, programme: str, path: str) -> list[Way]:
    """Returns the links to the same page in the programme's real state, and in each possible state."""
    chosen = choice.states.get(programme)
    return [
        Way(
            state.replace("_", " ") if state else "as it is",
            f"{choice.with_state(programme, state).folder}{path}",
            state == chosen,
        )
        for state in (None, *State)
    ]


def moment_ways(choice: Choice, built: Built, path: str) -> list[Way]:
    """Returns the links to the same page at each moment at which texts or facts change by themselves."""
    manuscript = built.inputs.manuscript
    zone = manuscript.content.settings.zone
    moments = [local_text(moment, zone) for moment, _ in manuscript.later]
    return [
        Way(moment, f"{replace(choice, moment=moment).folder}{path}", moment == choice.moment)
        for moment in moments
    ]


def broken(view: PreviewContents, sentence: str = "") -> bytes:
    """Returns the page of problems, for a request that no other page can answer."""
    return _template("broken.html").render(view=view, sentence=sentence, **_frame(view)).encode()


def contact_sheet(sites: PreviewSites, chosen: Filter) -> bytes:
    """Returns the page with a small live frame for each page, state and language that matches the filter."""
    view = sites.view
    if view.inputs is None:
        return broken(view)
    languages = view.inputs.manuscript.content.settings.languages
    programmes = sorted(view.inputs.logs)
    compared = sites.has_release
    cells: list[Cell] = []
    for state in State:
        if chosen.state in ("", state):
            cells += _cells(sites, Choice(dict.fromkeys(programmes, state)), state, compared)
    shown = [
        cell
        for cell in cells
        if chosen.language in ("", cell.page.language)
        and chosen.programme in ("", cell.page.programme)
        and (cell.differs or not chosen.only)
        and _has_words(cell.page, chosen.words)
    ]
    return (
        _template("sheet.html")
        .render(
            view=view,
            cells=sorted(shown, key=lambda cell: (cell.page.slug, languages.index(cell.page.language))),
            compared=compared,
            chosen=chosen,
            kept={name: value for name, value in asdict(chosen).items() if value and name != "words"},
            filters={
                "programme": _filter_ways(chosen, "programme", programmes),
                "language": _filter_ways(chosen, "language", languages),
                "state": _filter_ways(chosen, "state", State),
                "only": _filter_ways(chosen, "only", ["differs"] if compared else []),
            },
            **_frame(view),
        )
        .encode()
    )


def _has_words(page: Page, words: str) -> bool:
    """Returns True if the page's slug, title, description or text contains each of the words. Ignores case."""
    text = unescape(re.sub(r"<[^<>]*>", " ", " ".join(page.body)))
    shown = _fold(f"{page.slug} {page.title} {page.description} {text}")
    return all(word in shown for word in _fold(words).split())


def _fold(text: str) -> str:
    """Returns the text without differences that a search ignores: capitals, full-width forms, no-break hyphens."""
    return to_plain(normalize("NFKC", text)).casefold()


def _cells(sites: PreviewSites, choice: Choice, state: State, compared: bool) -> list[Cell]:
    built = sites.built(choice)
    cells = []
    for page in built.site.pages:
        path = f"{page.route.strip('/')}/index.html"
        cells.append(
            Cell(
                page=page,
                state=state,
                address=f"{choice.folder}{page.route}",
                path=f"{choice.folder}{page.route}",
                digest=digest(built.files[path]),
                differs=compared and sites.differs(path),
            )
        )
    return cells


def _filter_ways(chosen: Filter, name: str, values: Iterable[str]) -> list[Way]:
    ways = []
    for value in ("", *values):
        query = urlencode({key: word for key, word in {**asdict(chosen), name: value}.items() if word})
        text = str(value).replace("_", " ") or "all"
        ways.append(Way(text, f"{ADDRESS}?{query}" if query else ADDRESS, getattr(chosen, name) == value))
    return ways


def render_template(name: str, **values: object) -> bytes:
    """Renders a template of the preview with these values."""
    return _template(name).render(**values).encode()


def policy_sources() -> dict[str, str]:
    """Maps two directives of Content-Security-Policy to the hashes of the preview's own style and script."""
    return {
        name: f"'sha256-{base64.b64encode(hashlib.sha256(_text(file).encode()).digest()).decode()}'"
        for name, file in (("style-src", "preview.css"), ("script-src", "preview.js"))
    }


def _frame(view: PreviewContents, own: frozenset[str] = frozenset()) -> dict[str, object]:
    return {
        "groups": group_problems(view.problems, own),
        "style": _text("preview.css"),
        "script": _text("preview.js"),
        "sheet_address": ADDRESS,
        "frame": FRAME,
    }


@cache
def _text(name: str) -> str:
    return (_HERE / "templates" / name).read_text(encoding="utf-8")


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
