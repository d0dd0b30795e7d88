"""Rules for every page of a whole site, read as a browser reads it: the small site, a nested one, and the real one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.html_pages import dead_links, language_of, text
from tests.whole_sites import SITES, Site, whole_site


@pytest.fixture(scope="module", params=SITES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Each of the sites in turn."""
    return whole_site(request.param, tmp_path_factory.mktemp("sites"))


def test_every_link_leads_somewhere(site: Site) -> None:
    """Each address of this site, in any page, is that of a file, and each fragment that of an id in it."""
    links = [link for page in site.pages.values() for link in page.elements("a")]
    assert len(links) > 50
    assert dead_links(site.files, site.base) == []


def test_every_page_has_one_heading_of_the_first_level(site: Site) -> None:
    """Each page has a title and exactly one h1, and below it no level of heading is skipped."""
    for page in site.pages.values():
        levels = [
            int(str(e.tag)[1]) for e in page.elements() if e.tag in ("h1", "h2", "h3", "h4", "h5", "h6")
        ]
        assert levels.count(1) == 1, page.path
        assert levels[0] == 1, page.path
        assert all(after <= before + 1 for before, after in pairwise(levels)), page.path
        assert page.title


def test_every_page_names_its_language(site: Site) -> None:
    """A page below /nl/ says that it is Dutch, and the choice of language says which language each line has."""
    for page in site.pages.values():
        assert page.language == (page.path.split("/")[0] if "/" in page.path else "en"), page.path
    lines = list(site.pages["index.html"].elements("li"))
    codes = {page.path.split("/")[0] for page in site.routed}
    assert {line.get("lang") for line in lines} == {
        link.get("hreflang") for line in lines for link in line.iter("a")
    }
    assert {line.get("lang") for line in lines} == codes


def test_a_page_without_a_translation_says_so(site: Site) -> None:
    """Where a language has no file for a page, its text is marked as the default language's, and a line says why."""
    missing = [page for page in site.routed if not site.has_own_text(page)]
    assert missing
    for page in site.routed:
        (article,) = page.elements("article")
        messages = [text(line) for line in page.with_class("fallback")]
        if page in missing:
            (message,) = messages
            assert message
            assert language_of(page.one("fallback")) == page.language
            assert language_of(article) == "en"
            assert text(article.findall("h1")[0]) == text(
                site.pages[f"{site.original(page).strip('/')}/index.html"].root.findall(".//h1")[0]
            )
        else:
            assert messages == []
            assert language_of(article) == page.language


def test_ids_are_unique_and_references_are_kept(site: Site) -> None:
    """No id stands twice on a page, and what labels or describes an element is there."""
    references = 0
    for page in site.pages.values():
        ids = page.ids
        assert len(ids) == len(set(ids)), page.path
        for element in page.elements():
            for name in ("aria-labelledby", "aria-describedby", "aria-controls", "for", "headers"):
                wanted = element.get(name, "").split()
                references += len(wanted)
                assert set(wanted) <= set(ids), page.path
    assert references


def test_nothing_active_is_published(site: Site) -> None:
    """No page runs, embeds, submits or loads anything; all it asks for is the site's own style sheet and icon."""
    for page in (*site.pages.values(), *site.embeds.values()):
        tags = {str(element.tag) for element in page.elements()}
        scripts = [element.get("type") for element in page.elements("script")]
        assert set(scripts) <= {"application/ld+json"}  # data, which no browser runs
        assert not tags & {
            "style",
            "iframe",
            "img",
            "form",
            "input",
            "button",
            "object",
            "embed",
            "base",
        }
        assert not [
            name for e in page.elements() for name in e.attrib if name.startswith("on") or name == "style"
        ]
        loaded = [link.get("href", "") for rel in ("stylesheet", "icon") for link in page.head_links(rel)]
        assert len(loaded) == (2 if page in site.pages.values() else 1)
        assert all(address.startswith(f"{site.base}/assets/") for address in loaded)
