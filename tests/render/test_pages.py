"""Rules for every page of the small site, a site with folders, and the real site, read as a browser reads them."""

from __future__ import annotations

import pytest

from tests.support.html_pages import language_of, text
from tests.support.page_faults import RULES
from tests.support.whole_sites import SITES, Site, whole_site


@pytest.fixture(scope="module", params=SITES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Each of the sites in turn."""
    return whole_site(request.param, tmp_path_factory.mktemp("sites"))


@pytest.mark.parametrize("rule", RULES)
def test_every_page_keeps_the_rule(site: Site, rule: str) -> None:
    """Every page of the site keeps the rule, whose docstring in tests/support/page_faults.py says what it demands."""
    assert len([link for page in site.pages.values() for link in page.elements("a")]) > 50
    assert list(RULES[rule](site.files)) == []


def test_every_page_names_its_language(site: Site) -> None:
    """A page below /nl/ is marked as Dutch. The choice of language marks each of its lines with the line's language."""
    for page in site.pages.values():
        assert page.language == (page.path.split("/")[0] if "/" in page.path else "en"), page.path
    lines = list(site.pages["index.html"].elements("li"))
    codes = {page.path.split("/")[0] for page in site.routed}
    assert {line.get("lang") for line in lines} == {
        link.get("hreflang") for line in lines for link in line.iter("a")
    }
    assert {line.get("lang") for line in lines} == codes


def test_a_page_without_a_translation_says_so(site: Site) -> None:
    """An untranslated page marks its text with the default language, and a line says that there is no translation."""
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
