"""Rules for a whole site's navigation: menus, languages, breadcrumbs, and the links for search engines."""

from __future__ import annotations

import pytest

from tests.support.html_pages import HtmlPage, text
from tests.support.whole_sites import SITES, Site, whole_site


@pytest.fixture(scope="module", params=SITES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Each of the sites in turn."""
    return whole_site(request.param, tmp_path_factory.mktemp("sites"))


def test_every_page_can_be_reached(site: Site) -> None:
    """From the choice of language, links lead to every page."""
    seen: set[str] = set()
    waiting = ["index.html"]
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            hrefs = [link.get("href", "").split("#")[0] for link in site.pages[path].elements("a")]
            local = [href.removeprefix(f"{site.base}/") for href in hrefs if href.startswith(f"{site.base}/")]
            waiting += [f"{href}index.html" for href in local if not href.endswith((".xml", ".ics"))]
    assert {page.path for page in site.routed} <= seen


def test_canonical_and_hreflang_tell_where_the_text_truly_is(site: Site) -> None:
    """A page's canonical address is its own, and its alternates are its translations.

    An untranslated page has only the canonical address of the original.
    """
    own = {page.route: page for page in site.routed if site.has_own_text(page)}
    for page in site.routed:
        (canonical,) = page.head_links("canonical")
        alternates = {
            link.get("hreflang"): link.get("href", "")
            for link in page.head_links("alternate")
            if not link.get("type")
        }
        route = page.route if page.route in own else site.original(page)
        assert canonical.get("href") == site.base_url + route
        expected = {}
        if page.route in own:
            rest = page.route.removeprefix(f"/{page.language}/")
            expected = {
                code: f"{site.base_url}/{code}/{rest}"
                for code in {other.language for other in own.values()}
                if f"/{code}/{rest}" in own
            }
            assert page.language in expected
            expected |= {} if rest else {"x-default": f"{site.base_url}/"}
        assert alternates == expected


def test_menus_mark_the_page_on_which_they_stand(site: Site) -> None:
    """Main menu and footer together list each top-level page once, and mark only the page that is open."""
    for page in site.pages.values():
        menus = [
            nav
            for nav in page.elements("nav")
            if not {"languages", "breadcrumbs"} & set(nav.get("class", "").split())
        ]
        links = [link for nav in menus for link in nav.iter("a")]
        if page.path == "index.html":
            assert links == []
            continue
        home = f"/{page.language}/"
        in_menus = [link.get("href", "").removeprefix(site.base) for link in links]
        others = [
            other.route
            for other in site.routed
            if other.language == page.language and other.route != home and not above(site, other)
        ]
        assert sorted(in_menus) == sorted(others)
        current = [link.get("href", "") for link in links if link.get("aria-current")]
        assert current == [site.base + page.route for route in others if route == page.route]


def test_a_page_lists_its_section(site: Site) -> None:
    """A page ends with a list of the pages directly below it, if there are any such pages."""
    for page in site.routed:
        below = [
            other.route
            for other in site.routed
            if other.language == page.language and above(site, other)[-1:] == [page.route]
        ]
        lists = page.with_class("section")
        links = [link.get("href", "").removeprefix(site.base) for found in lists for link in found.iter("a")]
        assert len(lists) == bool(below)
        assert links == sorted(below)


def above(site: Site, page: HtmlPage) -> list[str]:
    """Returns the routes of the pages above this one, outermost first. Home is not above any page."""
    parts = page.route.strip("/").split("/")
    routes = [f"/{'/'.join(parts[:depth])}/" for depth in range(2, len(parts))]
    return [route for route in routes if f"{route[1:]}index.html" in site.pages]


def test_the_language_menu_leads_to_the_same_page(site: Site) -> None:
    """Each link of the language menu leads to the same page in that language, and the page's own language is marked."""
    codes = list(dict.fromkeys(page.language for page in site.routed))
    for page in site.routed:
        rest = page.route.removeprefix(f"/{page.language}/")
        links = list(page.one("languages").iter("a"))
        assert sorted(link.get("href", "") for link in links) == sorted(
            f"{site.base}/{code}/{rest}" for code in codes
        )
        for link in links:
            assert (
                link.get("lang") == link.get("hreflang") == link.get("href", "").removeprefix(site.base)[1:3]
            )
            assert (link.get("aria-current") == "true") == (link.get("lang") == page.language)


def test_breadcrumbs_lead_from_home_to_the_page(site: Site) -> None:
    """The breadcrumbs of a page are home, each page above it, and the page itself, marked as the current one."""
    for page in site.routed:
        slug = page.route.removeprefix(f"/{page.language}/").strip("/")
        found = page.with_class("breadcrumbs")
        assert len(found) == (1 if slug else 0)
        for crumbs in found:
            parts = slug.split("/")
            above = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
            addresses = [link.get("href", "") for link in crumbs.iter("a")]
            routes = [
                f"/{page.language}/{folder}/" if folder else f"/{page.language}/" for folder in ("", *above)
            ]
            assert addresses == [
                site.base + route for route in routes if f"{route[1:]}index.html" in site.pages
            ]
            (present,) = crumbs.iter("span")
            assert present.get("aria-current") == "page"
            current = {text(link) for link in page.root.iter("a") if link.get("aria-current") == "page"}
            assert {text(present)} == current or text(present) == text(page.root.findall(".//h1")[0])
