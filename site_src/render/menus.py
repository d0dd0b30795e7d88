"""Lists the links from each page to other pages: main menu, footer, breadcrumbs, pages of the section, languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from site_src.site.model import Language, Page, Site


@dataclass(frozen=True, slots=True)
class MenuLink:
    """A link in a menu. `current` is True if the link leads to the page that contains the link.

    `language` is the language of the title, and `page_language` is the language of the page.
    """

    title: str
    address: str
    language: str
    page_language: str
    current: bool


@dataclass(frozen=True, slots=True)
class Menus:
    """The links from a page to other pages. `parents` are the pages above it, and `below` are the pages in its section.

    `here` is the link to the page itself.
    """

    main: tuple[MenuLink, ...]
    footer: tuple[MenuLink, ...]
    parents: tuple[MenuLink, ...]
    below: tuple[MenuLink, ...]
    languages: tuple[MenuLink, ...]
    here: MenuLink


def menus_of(site: Site, language: str, base_path: str) -> Callable[[str], Menus]:
    """Returns a function that returns the menus of one page in the language. Its argument is the page's slug.

    The main menu lists the pages with an `order`. Of the pages without an `order`, the footer lists those with no page
    above them, and each page lists those directly below it. So the menus of a page grow with its section, not with the
    whole site. Menus are made only on request, because most pages are cached.
    """
    pages = {page.slug: page for page in site.pages if page.language == language}
    home_label = site.languages[language].labels.home
    links = {page.slug: _link(site, page, base_path) for page in pages.values()}
    # Pages that are not in the reader's language come last.
    in_order = sorted(
        pages.values(), key=lambda page: (page.source_language != language, page.order or 0, page.slug)
    )
    main = [page.slug for page in in_order if page.slug and page.order is not None]
    unordered = [page.slug for page in in_order if page.slug and page.order is None]
    above = {slug: [parent for parent in _folders(slug) if parent in pages] for slug in pages}
    footer = [slug for slug in unordered if not above[slug]]
    below: dict[str, list[MenuLink]] = {}
    for slug in unordered:
        for parent in above[slug][-1:]:
            below.setdefault(parent, []).append(links[slug])
    home = replace(links[""], title=home_label, language=language)

    def menus(slug: str) -> Menus:
        page, here = pages[slug], {slug: replace(links[slug], current=True)}
        return Menus(
            main=tuple(here.get(other, links[other]) for other in main),
            footer=tuple(here.get(other, links[other]) for other in footer),
            parents=(home, *(links[parent] for parent in above[slug])) if slug else (),
            below=tuple(below.get(slug, ())),
            languages=_language_links(site, page, base_path),
            here=here[slug],
        )

    return menus


def below_status(language: Language, status: Menus, slug: str) -> Menus:
    """Returns the menus of an archive page, such as `status/2025`. In each language, the page is below the status page."""
    year = slug.rpartition("/")[2]
    title = language.labels.changes_in_year.format(year=year)

    def elsewhere(links: tuple[MenuLink, ...]) -> tuple[MenuLink, ...]:
        return tuple(replace(link, current=False) for link in links)

    return replace(
        status,
        main=elsewhere(status.main),
        footer=elsewhere(status.footer),
        parents=(*status.parents, replace(status.here, current=False)),
        below=(),
        languages=tuple(replace(link, address=f"{link.address}{year}/") for link in status.languages),
        here=MenuLink(title, f"{status.here.address}{year}/", language.code, language.code, current=True),
    )


def _link(site: Site, page: Page, base_path: str) -> MenuLink:
    """Returns the link to a page. If a programme's page is not translated, the title says so in the reader's language."""
    reader, source = site.languages[page.language], page.source_language
    if source == page.language or page.slug not in site.names:
        return MenuLink(page.menu_title, base_path + page.route, source, source, current=False)
    title = reader.labels.programme_in_other_language.format(
        programme=site.names[page.slug][page.language], language=reader.formats.language_name(source)
    )
    return MenuLink(title, base_path + page.route, page.language, source, current=False)


def _folders(slug: str) -> list[str]:
    """Returns the slugs above `slug`, the outermost first: `a` and `a/b` for `a/b/c`."""
    parts = slug.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _language_links(site: Site, page: Page, base_path: str) -> tuple[MenuLink, ...]:
    """Returns the links to the same page in each language."""
    return tuple(
        MenuLink(
            other.labels.language_name,
            base_path + site.page(code, page.slug).route,
            code,
            code,
            current=code == page.language,
        )
        for code, other in site.languages.items()
    )
