"""The gate derives from the inputs what must be published, and refuses a site from which assembly has lost something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import pytest

from site_src.cache import Memo
from site_src.check.inputs import Inputs
from site_src.gate.demands import expect
from site_src.gate.gate import GateRefused
from site_src.gate.judge import Refusal
from site_src.quota.log import assumed
from site_src.render.renderer import Renderer
from site_src.site.assemble import Assembler
from site_src.site.model import Kind, Look, Page, Site
from site_src.states import State
from tests.support.building import draft_site, read_inputs, verify
from tests.support.project import NOON, at, make_project

FISHING = (
    "---\ntitle: Fishing\ndescription: For fishers.\nprogramme: japan\nupdated: 2026-11-22\n---\nText.\n"
)
PLAIN = (
    "---\ntitle: About\ndescription: About us.\nupdated: 2026-11-22\nmoved_from: [old-about]\n---\nText.\n"
)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """The small site with a second page about Japan (closed at NOON) and a page without a programme, both only in English."""
    project = make_project(tmp_path_factory.mktemp("expected") / "project")
    project.write("content/en/guides/fishing.md", FISHING)
    project.write("content/en/about.md", PLAIN)
    return read_inputs(project.root)


def refusals(inputs: Inputs, plant: Callable[[Site], Site]) -> tuple[Refusal, ...]:
    """Returns the gate's refusals of the site after the fault was planted into the assembled site."""
    site = plant(Assembler(Memo()).assemble(inputs.manuscript, inputs.logs, at(NOON), Look()))
    with pytest.raises(GateRefused) as refused:
        verify(Renderer(Memo()).render(site), expect(inputs, at(NOON)))
    return refused.value.refusals


def with_pages(change: Callable[[Page], Page | None]) -> Callable[[Site], Site]:
    """Returns a fault that changes the pages, and removes each page for which `change` returns None."""
    return lambda site: replace(site, pages=tuple(new for page in site.pages if (new := change(page))))


def at_slug(slug: str, change: Callable[[Page], Page | None]) -> Callable[[Site], Site]:
    """Returns a fault in the page with this slug, in every language."""
    return with_pages(lambda page: change(page) if page.slug == slug else page)


def plain(page: Page) -> Page:
    """Returns the page without its programme."""
    return replace(page, kind=Kind.PAGE, programme=None, body=("".join(page.body),))


def without_language(site: Site) -> Site:
    """Returns the site without its Dutch pages."""
    languages = {code: language for code, language in site.languages.items() if code != "nl"}
    pages = tuple(
        replace(page, translations=tuple(code for code in page.translations if code != "nl"))
        for page in site.pages
        if page.language != "nl"
    )
    moved = tuple(page for page in site.moved if page.language != "nl")
    return replace(site, languages=MappingProxyType(languages), pages=pages, moved=moved)


def without_programme(site: Site) -> Site:
    """Returns the site without Japan, its pages and its notices."""
    programmes = {id: status for id, status in site.programmes.items() if id != "japan"}
    pages = tuple(page for page in site.pages if page.programme != "japan")
    return replace(site, programmes=MappingProxyType(programmes), pages=pages, moved=())


def in_state(state: State) -> Callable[[Site], Site]:
    """Returns a fault that gives Japan a wrong state, while its notice still has the true one."""

    def plant(site: Site) -> Site:
        japan = replace(site.programmes["japan"], state=state)
        return replace(site, programmes=MappingProxyType({**site.programmes, "japan": japan}))

    return plant


def with_notices_mixed_up(site: Site) -> Site:
    """Returns the site with the notices of the two programmes swapped."""
    languages = {
        code: replace(language, notices=MappingProxyType(dict(zip(language.notices, reversed([*language.notices.values()]), strict=True))))
        for code, language in site.languages.items()
    }  # fmt: skip
    return replace(site, languages=MappingProxyType(languages))


BOTH = {"en/japan/index.html", "nl/japan/index.html"}
MISSING = "is missing from the files."
PLANTED: dict[str, tuple[Callable[[Site], Site], set[str], str]] = {
    "programme of a page lost": (
        at_slug("guides/fishing", plain),
        {"en/guides/fishing/index.html", "nl/guides/fishing/index.html"},
        "must have exactly one quota notice, quota_reached, but has none.",
    ),
    "open programme's page made plain": (
        at_slug("south-korea", plain),
        {"en/south-korea/index.html", "nl/south-korea/index.html"},
        "does not have the conversation starter, which must be shown while the state is open.",
    ),
    "closed programme's page made plain": (
        at_slug("japan", plain),
        BOTH,
        "must have exactly one quota notice, quota_reached, but has none.",
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
        "must have exactly one quota notice, quota_reached, but has [('section', 'south-korea', 'open')].",
    ),
    "state of another day": (
        in_state(State.SUSPENDED),
        BOTH,
        "must have exactly one quota notice, quota_reached, but has [('section', 'japan', 'suspended')].",
    ),
    "words of another state": (
        with_notices_mixed_up,
        {*BOTH, "embed/en/japan.html", "embed/nl/japan.html", "en/south-korea/index.html"},
        "the notice's heading",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_what_assembly_loses_or_mixes_up_is_refused(inputs: Inputs, name: str) -> None:
    """The gate names each file that a fault in the assembly spoils, because it takes what must be shown from the inputs."""
    plant, paths, sentence = PLANTED[name]

    found = {refusal.path for refusal in refusals(inputs, plant) if sentence in refusal.message}

    assert found >= paths


def test_the_site_without_a_fault_passes(inputs: Inputs) -> None:
    """The gate accepts the site without a planted fault, so the refusals in these tests are caused by the faults."""
    site = Assembler(Memo()).assemble(inputs.manuscript, inputs.logs, at(NOON), Look())

    verify(Renderer(Memo()).render(site), expect(inputs, at(NOON)))


@pytest.mark.parametrize("preview", [{}, {"japan": State.OPEN}], ids=["true", "preview"])
def test_every_file_but_the_assets_is_demanded(inputs: Inputs, preview: dict[str, State]) -> None:
    """The gate demands every page in every language, even if it is not translated, and every file for machines."""
    draft = draft_site(inputs, at(NOON), preview)
    expected, files = draft.expected, draft.files

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


@pytest.mark.parametrize("state", State)
def test_each_state_hides_the_address_or_demands_it(inputs: Inputs, state: State) -> None:
    """The gate demands a programme's address in the states `open` and `places_available`, and forbids it in all others."""
    if state is State.UNCONFIRMED:
        expected = expect(inputs, at(NOON), unconfirmed=frozenset({"japan"}))
    else:
        log = assumed(inputs.logs["japan"], state, at(NOON))
        expected = expect(replace(inputs, logs={**inputs.logs, "japan": log}), at(NOON))

    shown = state in (State.OPEN, State.PLACES_AVAILABLE)
    assert ("japan" in expected.open, "japan" in expected.closed) == (shown, not shown)
    addresses = expected.open["japan"].values() if shown else expected.closed["japan"]
    assert set(addresses) == {f"https://start.request.test/japan/{code}" for code in ("en", "nl")}
