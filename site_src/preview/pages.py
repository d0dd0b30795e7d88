"""Renders the bar below each page of the preview, and the page of problems; renders the preview's templates."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from site_src.builder import Built
from site_src.instants import local_text
from site_src.preview.choices import Choice
from site_src.preview.sites import PreviewContents
from site_src.problems import group_problems
from site_src.read.settings import PROGRAMMES
from site_src.states import State

ADDRESS = "/__preview/"
FRAME = "frame"
_TIMES = re.compile(rb"<time\b.*?</time>", re.DOTALL)
_FOLDER = Path(__file__).parent / "templates"
_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Way:
    """A choice that the bar or the sheet offers. `current` is True for the choice that is shown now."""

    name: str
    address: str
    current: bool


def with_bar(page: bytes, view: PreviewContents, choice: Choice, path: str, built: Built) -> bytes:
    """Returns the page as it would be published, with the preview's bar added at the end."""
    head, end, tail = page.rpartition(b"</body>")
    bar = render_template(
        "bar.html",
        view=view,
        choice=choice,
        path=path,
        digest=digest(page),
        programmes={
            id: (status.names[built.site.default_language], status.state, _state_ways(choice, id, path))
            for id, status in built.site.programmes.items()
        },
        moments=_moment_ways(choice, built, path),
        **describe_frame(view, _sources(built, path)),
    )
    return head + bar + end + tail


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


def _state_ways(choice: Choice, programme: str, path: str) -> list[Way]:
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


def _moment_ways(choice: Choice, built: Built, path: str) -> list[Way]:
    """Returns the links to the same page at each moment at which texts or facts change by themselves."""
    manuscript = built.inputs.manuscript
    moments = [local_text(moment, manuscript.content.settings.zone) for moment, _ in manuscript.later]
    return [
        Way(moment, f"{replace(choice, moment=moment).folder}{path}", moment == choice.moment)
        for moment in moments
    ]


def broken(view: PreviewContents, sentence: str = "") -> bytes:
    """Returns the page of problems, for a request that no other page can answer."""
    return render_template("broken.html", view=view, sentence=sentence, **describe_frame(view))


def render_template(name: str, **values: object) -> bytes:
    """Renders a template of the preview with these values."""
    return _TEMPLATES.get_template(name).render(**values).encode()


def describe_frame(view: PreviewContents, own: frozenset[str] = frozenset()) -> dict[str, object]:
    """Returns the values that each of the preview's templates needs. Problems of the files `own` come first."""
    return {
        "groups": group_problems(view.problems, own),
        "style": read_asset("preview.css"),
        "script": read_asset("preview.js"),
        "sheet_address": ADDRESS,
        "frame": FRAME,
    }


def digest(page: bytes) -> str:
    """Returns a digest of the page (SHA-256, 12 hexadecimal digits), without its moments, which change as time passes."""
    return hashlib.sha256(_TIMES.sub(b"", page)).hexdigest()[:12]


@cache
def read_asset(name: str) -> str:
    """Returns the text of the preview's own style or script."""
    return (_FOLDER / name).read_text(encoding="utf-8")
