"""What the gate demands follows from the inputs: whatever assembly loses or mixes up on the way is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from site_src.builder import Inputs, build_site, read_inputs
from site_src.gate.expectation import Expectation
from site_src.gate.gate import GateRefused, Refusal, verify
from site_src.render.renderer import render
from site_src.site.assemble import assemble
from site_src.site.model import Kind, Page, Site
from site_src.states import State
from tests.support.project import NOON, at, make_project

FISHING = (
    "---\ntitle: Fishing\ndescription: For fishers.\nprogramme: japan\nupdated: 2026-11-22\n---\nText.\n"
)
PLAIN = (
    "---\ntitle: About\ndescription: About us.\nupdated: 2026-11-22\nmoved_from: [old-about]\n---\nText.\n"
)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """The small site with a second page about Japan (closed at NOON) and a plain page, both in English only."""
    project = make_project(tmp_path_factory.mktemp("expected") / "project")
    project.write("content/en/guides/fishing.md", FISHING)
    project.write("content/en/about.md", PLAIN)
    return read_inputs(project.root)


def refusals(inputs: Inputs, plant: Callable[[Site], Site]) -> tuple[Refusal, ...]:
    """Why the gate refuses the site once a fault is planted in what assembly made."""
    site = plant(assemble(inputs.manuscript, inputs.logs, at(NOON)))
    with pytest.raises(GateRefused) as refused:
        verify(render(site), Expectation.of(inputs, at(NOON)))
    return refused.value.refusals


def with_pages(change: Callable[[Page], Page | None]) -> Callable[[Site], Site]:
    """A fault that changes pages, or loses those for which there is None."""
    return lambda site: replace(site, pages=tuple(new for page in site.pages if (new := change(page))))


def at_slug(slug: str, change: Callable[[Page], Page | None]) -> Callable[[Site], Site]:
    """A fault in the page with that slug, in each language."""
    return with_pages(lambda page: change(page) if page.slug == slug else page)


def plain(page: Page) -> Page:
    """The page as one that belongs to no programme."""
    return replace(page, kind=Kind.PAGE, programme=None, body=("".join(page.body),))


def without_language(site: Site) -> Site:
    """The site without Dutch."""
    languages = {code: language for code, language in site.languages.items() if code != "nl"}
    pages = tuple(
        replace(page, translations=tuple(code for code in page.translations if code != "nl"))
        for page in site.pages
        if page.language != "nl"
    )
    moved = tuple(page for page in site.moved if page.language != "nl")
    return replace(site, languages=MappingProxyType(languages), pages=pages, moved=moved)


def without_programme(site: Site) -> Site:
    """The site without Japan, its pages and its notices."""
    programmes = {id: status for id, status in site.programmes.items() if id != "japan"}
    pages = tuple(page for page in site.pages if page.programme != "japan")
    return replace(site, programmes=MappingProxyType(programmes), pages=pages, moved=())


def in_state(state: State) -> Callable[[Site], Site]:
    """A fault that takes Japan to be in the state, and still shows the notice of the true one."""

    def plant(site: Site) -> Site:
        japan = replace(site.programmes["japan"], state=state)
        return replace(site, programmes=MappingProxyType({**site.programmes, "japan": japan}))

    return plant


def with_notices_mixed_up(site: Site) -> Site:
    """The site with each programme's notice in the place of the other's."""
    languages = {
        code: replace(language, notices=MappingProxyType(dict(zip(language.notices, reversed(list(language.notices.values())), strict=True))))
        for code, language in site.languages.items()
    }  # fmt: skip
    return replace(site, languages=MappingProxyType(languages))


BOTH = {"en/japan/index.html", "nl/japan/index.html"}
MISSING = "is missing among the files."
PLANTED: dict[str, tuple[Callable[[Site], Site], set[str], str]] = {
    "programme of a page lost": (
        at_slug("guides/fishing", plain),
        {"en/guides/fishing/index.html", "nl/guides/fishing/index.html"},
        "must have exactly one quota notice, quota_reached, and has none.",
    ),
    "open programme's page made plain": (
        at_slug("south-korea", plain),
        {"en/south-korea/index.html", "nl/south-korea/index.html"},
        "lacks the conversation starter, which must be shown while the state is open.",
    ),
    "closed programme's page made plain": (
        at_slug("japan", plain),
        BOTH,
        "must have exactly one quota notice, quota_reached, and has none.",
    ),
    "page of a programme lost": (
        at_slug("guides/fishing", lambda _: None),
        {"en/guides/fishing/index.html", "nl/guides/fishing/index.html"},
        MISSING,
    ),
    "stub lost": (
        lambda site: replace(site, moved=()),
        {"en/old-about/index.html", "nl/old-about/index.html"},
        MISSING,
    ),
    "language lost": (
        without_language,
        {"nl/index.html", "nl/404.html", "nl/japan/index.html", "embed/nl/japan.html", "nl/japan/feed.xml", "nl/japan/calendar.ics"},
        MISSING,
    ),
    "programme lost": (
        without_programme,
        {"en/japan/index.html", "embed/en/japan.html", "api/v1/programmes/japan.json", "en/japan/feed.xml"},
        MISSING,
    ),
    "notice of another programme": (
        at_slug("japan", lambda page: replace(page, programme="south-korea")),
        BOTH,
        "must have exactly one quota notice, quota_reached, and has [('section', 'south-korea', 'open')].",
    ),
    "state of another day": (
        in_state(State.SUSPENDED),
        BOTH,
        "must have exactly one quota notice, quota_reached, and has [('section', 'japan', 'suspended')].",
    ),
    "words of another state": (
        with_notices_mixed_up,
        {*BOTH, "embed/en/japan.html", "embed/nl/japan.html", "en/south-korea/index.html"},
        "the notice's heading",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_what_assembly_loses_or_mixes_up_is_refused(inputs: Inputs, name: str) -> None:
    """Each file that a fault of assembly spoils is named, although the site's value has no trace of what it should be."""
    plant, paths, sentence = PLANTED[name]

    found = {refusal.path for refusal in refusals(inputs, plant) if sentence in refusal.message}

    assert found >= paths


def test_the_site_without_a_fault_passes(inputs: Inputs) -> None:
    """What assembly makes of the same inputs is accepted, so that the refusals above have their cause in the fault."""
    site = assemble(inputs.manuscript, inputs.logs, at(NOON))

    verify(render(site), Expectation.of(inputs, at(NOON)))


@pytest.mark.parametrize("preview", [{}, {"japan": State.OPEN}], ids=["true", "preview"])
def test_every_file_but_the_assets_is_demanded(inputs: Inputs, preview: dict[str, State]) -> None:
    """Each page in each language, also those shown from another one, and each file for machines must be there."""
    expected = Expectation.of(inputs, at(NOON), preview=preview)
    files = build_site(inputs, at(NOON), preview=preview).files

    assert expected.needed == {path for path in files if not path.startswith("assets/")}
    assert {
        "nl/about/index.html",
        "nl/old-about/index.html",
        "nl/guides/fishing/index.html",
    } <= expected.needed
    with pytest.raises(GateRefused) as refused:
        verify({}, expected)
    assert {str(refusal) for refusal in refused.value.refusals} == {
        f"{path}: {MISSING}" for path in expected.needed
    }


def test_words_that_markup_escapes_and_numbers_of_each_language_pass(tmp_path: Path) -> None:
    """Whatever editors may type in a title, a label, a name or a notice is on the page as the gate expects it, in every state."""
    project = make_project(tmp_path / "project")
    project.replace("content/site.yaml", "value: 14", "value: 14000")
    project.replace("content/programmes/japan.yaml", "en: Japan", 'en: "Japan & <Co> ’26"')
    for number, (code, state) in enumerate((code, state) for code in ("en", "nl") for state in State):
        title = f"\"Q&A <b> &amp; 'x' – 日本 {number}\""
        body = f"Within **[[answer_within_days]]** days, *no* &copy; `<i>`, [home](index.md) {number}.\n\n- One & two > 3\n"
        project.write(
            f"content/{code}/_notices/{state}.md",
            f'---\nlabel: "R&D <{number}>"\ntitle: {title}\n---\n{body}',
        )
    inputs = read_inputs(project.root)

    for state in State:
        files = build_site(inputs, at(NOON), preview={"japan": state, "south-korea": state}).files
        assert b"14,000" in files["en/japan/index.html"]
        assert b"14.000" in files["nl/japan/index.html"]


@pytest.mark.parametrize("path", ["en/more/index.html", "embed/de/japan.html", "notice.html"])
def test_a_notice_on_a_page_that_nobody_asked_for_is_refused(inputs: Inputs, path: str) -> None:
    """A copy of a programme's page at an address that does not follow from the inputs would stay as it is for ever."""
    files = build_site(inputs, at(NOON)).files

    with pytest.raises(GateRefused) as refused:
        verify({**files, path: files["en/japan/index.html"]}, Expectation.of(inputs, at(NOON)))

    assert (
        str(refused.value)
        == f"{path}: has a quota notice or a conversation starter, but belongs to no programme."
    )
