"""A build gives the same bytes or problems as a first build, whatever was built before it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from site_src import cache
from site_src.builder import Builder
from site_src.gate.gate import GateRefused
from site_src.instants import Moment
from site_src.memo_file import load_memo
from site_src.problems import InputRefused
from site_src.read.tree import STATE_FILE, Tree, load_tree
from site_src.site import cldr
from tests.support.project import NOON, REPOSITORY, SITES, at

SOURCES = REPOSITORY / "site_src"

FRONT = "---\ntitle: {title}\ndescription: About {title}.\nupdated: 2026-09-01\n---\n\n"
STATES = ("open", "quota_reached", "places_available", "suspended")
NAMES = ("about", "guides", "guides/money", "guides/money/banks", "loose/leaf")
TEXTS = (
    "Plain words.\n",
    "## A heading\n\nMore words.\n",
    "[[conversation-starter]]\n",
    "Read https://start.request.test/japan/en now.\n",
    "- one\n- two\n",
)
# A text in each of these templates and style sheets. A "template" step writes more text after it.
DESIGN = (
    "templates/base.html </title>",
    "templates/page.html </article>",
    "templates/programme.html {% block above %}",
    "templates/parts.html </h2>",
    "templates/embed.html </title>",
    "static/style.css }",
)
Files = Mapping[str, bytes]

pages = st.builds("content/{}/{}.md".format, st.sampled_from(["en", "nl"]), st.sampled_from(NAMES))
steps = st.one_of(
    st.tuples(st.just("write"), pages, st.sampled_from(TEXTS)),
    st.tuples(st.just("remove"), pages, st.just("")),
    st.tuples(st.just("rename"), pages, st.sampled_from(NAMES)),
    st.tuples(st.just("edit"), st.sampled_from(["en/japan.md", "nl/index.md"]), st.sampled_from(TEXTS[:2])),
    st.tuples(st.just("rename title"), st.just("en/_labels.yaml"), st.sampled_from(["Menu", "All pages"])),
    st.tuples(st.just("flip"), st.sampled_from(["japan", "south-korea"]), st.sampled_from(STATES)),
    st.tuples(st.just("template"), st.sampled_from(DESIGN), st.sampled_from(["one", "two"])),
    st.tuples(st.just("library"), st.just(""), st.sampled_from(["1", "2"])),
)


@settings(max_examples=6, deadline=None, derandomize=True)
@example(
    [("flip", "japan", "suspended"), *(("template", what, "one") for what in DESIGN), ("library", "", "2")]
)
@given(st.lists(steps, min_size=3, max_size=6))
def test_a_walk_of_changes_gives_what_a_first_build_gives(walk: list[tuple[str, str, str]]) -> None:
    """A builder that saw all earlier changes, and one with their memo, agree with a new builder after each change."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        walk_through(walk, Path(folder), patch)


def walk_through(walk: list[tuple[str, str, str]], folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Makes each change, and then compares a resident builder and one with a cache to a new builder."""
    forget_fingerprints()  # the walk before may have used a different version
    kept, design = folder / "memo", folder / "design"
    for name in ("templates", "static"):
        shutil.copytree(SOURCES / "render" / name, design / name)
    resident = Builder(design=design)
    files: dict[str, bytes] = dict(load_tree(SITES / "small").files)
    states = {"japan": "open", "south-korea": "quota_reached"}
    for kind, what, value in walk:
        if kind == "template":
            redesign(design, what, value)
        elif kind == "library":
            use_version(value, patch)
            resident = Builder(load_memo(kept), design)  # a new version of a library needs a new process
        else:
            files = change(files, states, kind, what, value)
        once = Builder(load_memo(kept), design, once=True)
        cold = outcome(Builder(design=design), files)
        assert outcome(resident, files) == cold
        assert outcome(once, files) == cold
        once.memo.save()


def redesign(design: Path, what: str, value: str) -> None:
    """Writes a text into a template or a style sheet."""
    name, behind = what.split(" ", 1)
    file = design / name
    new = f"{behind}\n/* {value} */" if name.endswith(".css") else f"{behind}<!-- {value} -->"
    text = file.read_text(encoding="utf-8")
    assert behind in text
    file.write_text(text.replace(behind, new, 1), encoding="utf-8")


def use_version(version: str, patch: pytest.MonkeyPatch) -> None:
    """Makes this process use a different version of Babel, which formats dates and languages differently."""
    for name in ("full_day", "long_day", "language_name"):
        real = getattr(cldr, name)
        original = getattr(real, "original", real)

        def other(locale: str, about: str, original: Callable[[str, str], str] = original) -> str:
            return f"{original(locale, about)} {version}"

        other.original = original  # type: ignore[attr-defined]
        patch.setattr(cldr, name, other)
    patch.setattr(cache, "list_libraries", lambda: [f"babel {version}"])
    patch.setattr(cache, "_version", lambda library: f"{library} {version}")
    forget_fingerprints()


def forget_fingerprints() -> None:
    """Clears the cached fingerprints, so that they are computed for the present version of the library."""
    cache.fingerprint.cache_clear()
    cache.fingerprint_all.cache_clear()


@pytest.fixture(autouse=True)
def fingerprints() -> Iterator[None]:
    """Clears the cached fingerprints after a test."""
    yield
    forget_fingerprints()


def change(files: Files, states: dict[str, str], kind: str, what: str, value: str) -> dict[str, bytes]:
    """Returns a copy of the files with one change from a random walk, and the log of `states`.

    A "flip" changes `states` first.
    """
    changed = dict(files)
    match kind:
        case "write":
            changed[what] = (FRONT.format(title=what.rpartition("/")[2]) + value).encode()
        case "remove":
            changed.pop(what, None)
        case "rename":
            if what in changed:
                changed[f"{'/'.join(what.split('/')[:2])}/{value}.md"] = changed.pop(what)
        case "edit":
            changed[f"content/{what}"] = changed[f"content/{what}"] + f"\n{value}".encode()
        case "rename title":
            lines = changed[f"content/{what}"].decode().splitlines(keepends=True)
            named = [f"main_menu: {value}\n" if line.startswith("main_menu:") else line for line in lines]
            changed[f"content/{what}"] = "".join(named).encode()
        case "flip":
            states[what] = value
    log = "".join(f"{id}:\n  - state: {state}\n    from: 2026-01-01 00:00\n" for id, state in states.items())
    changed[STATE_FILE] = log.encode()
    return changed


def outcome(builder: Builder, files: Files) -> object:
    """Returns every published file and every warning or, if the build is refused, its problems."""
    folders = {"/".join(path.split("/")[:depth]) for path in files for depth in range(1, path.count("/") + 1)}
    try:
        inputs = builder.read(Tree(files, {}, frozenset(folders))).inputs()
        built = builder.build(replace(inputs, content_judged=True), Moment(at(NOON)))
        return dict(built.files), built.inputs.warnings
    except (InputRefused, GateRefused) as error:
        return str(error)
