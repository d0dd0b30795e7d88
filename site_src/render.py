"""From a `Site` to every published file: a mapping from path to bytes. No disk is written, no clock is read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from jinja2 import Environment

from site_src.availability import STATES_WITH_LINK, LinkShown
from site_src.site import Kind, Page, SecurityContact, Site
from site_src.surfaces import places
from site_src.surfaces.api import api_files
from site_src.surfaces.calendar import calendar_files
from site_src.surfaces.crawlers import robots, sitemap
from site_src.surfaces.host_files import headers_file, redirects_file
from site_src.surfaces.identity import permanent_id
from site_src.surfaces.openapi import openapi_file
from site_src.surfaces.recall import Recall, make_anew
from site_src.surfaces.security_txt import SECURITY_TXT, security_txt
from site_src.surfaces.structured_data import structured_data
from site_src.templating import assets, environment
from site_src.timeline import timeline


@dataclass(frozen=True, slots=True)
class MenuLink:
    """A link of a menu; `current` when it leads to the page on which it stands."""

    title: str
    address: str
    language: str
    current: bool


@dataclass(frozen=True, slots=True)
class Menus:
    """The ways from a page to the others."""

    main: tuple[MenuLink, ...]
    footer: tuple[MenuLink, ...]
    parents: tuple[MenuLink, ...]
    languages: tuple[MenuLink, ...]


def render(site: Site, recall: Recall = make_anew) -> dict[str, bytes]:
    """Every file of the site by its path, `en/japan/index.html`; the same site gives the same bytes."""
    static = assets({"logo.svg": site.logo.encode()} if site.logo else {})
    base_path = urlsplit(site.base_url).path
    templates = environment()
    templates.globals.update(
        site=site,
        base_path=base_path,
        assets={logical: f"{base_path}/assets/{name}" for logical, (name, _) in static.items()},
        states_with_link=STATES_WITH_LINK,
        shown=lambda status: isinstance(status.link, LinkShown),
        places=places,
        permanent_id=permanent_id,
        structured_data=partial(structured_data, site),
    )
    files = {f"assets/{name}": data for name, data in static.values()}
    files |= _pages(site, templates, base_path)
    files |= _notices(site, templates)
    files |= api_files(site)
    files |= openapi_file(site, recall)
    files |= calendar_files(site, recall)
    files |= _for_hosts_and_crawlers(site)
    files |= _named(site, templates, files)
    return dict(sorted(files.items()))


def _named(site: Site, templates: Environment, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The choice of language and `release.json`, last of all: the site's name for itself follows from every other byte.

    The name is a digest of all files (SHA-256, 32 digits): whoever reads it back knows which site is shown.
    """
    language = site.languages[site.default_language]
    choice = partial(templates.get_template("languages.html").render, page=None, language=language)
    digest = hashlib.sha256()
    for path, data in sorted({**files, "index.html": choice(release="").encode()}.items()):
        digest.update(f"{path} {len(data)}\n".encode() + data)
    name = digest.hexdigest()[:32]
    return {
        "index.html": choice(release=name).encode(),
        "release.json": f'{{"release": "{name}"}}\n'.encode(),
    }


def _for_hosts_and_crawlers(site: Site) -> dict[str, bytes]:
    files = {"_headers": headers_file(site), "_redirects": redirects_file(site), "robots.txt": robots(site)}
    if not site.preview:
        files["sitemap.xml"] = sitemap(site)
    if isinstance(site.security, SecurityContact):
        files[SECURITY_TXT] = security_txt(site, site.security)
    return files


def _pages(site: Site, templates: Environment, base_path: str) -> dict[str, bytes]:
    """The pages, the pages at old addresses, and the page of each language for what is not there."""
    files = {}
    by_kind = {kind: templates.get_template(f"{kind}.html") for kind in Kind}
    not_found, moved_page = templates.get_template("404.html"), templates.get_template("moved.html")
    drawn = timeline(site.programmes.values(), site.languages[site.default_language].forms.zone)
    for code, language in site.languages.items():
        menus = _menus(site, code, base_path)
        for page in (page for page in site.pages if page.language == code):
            text = by_kind[page.kind].render(
                page=page, language=language, menus=menus[page.slug], timeline=drawn
            )
            files[f"{page.route.strip('/')}/index.html"] = text.encode()
        text = not_found.render(page=None, language=language, menus=menus[""])
        files[f"{code}/404.html"] = text.encode()
        for moved in (moved for moved in site.moved if moved.language == code):
            target = site.page(code, moved.slug)
            others = replace(menus[""], languages=menus[moved.slug].languages)
            text = moved_page.render(page=None, target=target, language=language, menus=others)
            files[f"{moved.route.strip('/')}/index.html"] = text.encode()
    # Hosts that know no folders show this one for every address that is not there.
    files["404.html"] = files[f"{site.default_language}/404.html"]
    return files


def _notices(site: Site, templates: Environment) -> dict[str, bytes]:
    """Each programme's notice for partners' pages, and its feed."""
    files = {}
    by_place = {
        places.embed: templates.get_template("embed.html"),
        places.feed: templates.get_template("feed.xml"),
    }
    for code, language in site.languages.items():
        for status in site.programmes.values():
            page = site.page(code, status.id)
            for place, template in by_place.items():
                text = template.render(page=page, language=language, status=status)
                files[place(code, status.id).strip("/")] = text.encode()
    return files


def _menus(site: Site, language: str, base_path: str) -> Mapping[str, Menus]:
    """The menus of each page of the language, by slug."""
    pages = {page.slug: page for page in site.pages if page.language == language}
    home_label = site.languages[language].labels.home
    links = {
        page.slug: MenuLink(page.title, base_path + page.route, page.source_language, current=False)
        for page in pages.values()
    }
    in_order = sorted(pages.values(), key=lambda page: (page.order or 0, page.slug))
    main = [page.slug for page in in_order if page.slug and page.order is not None]
    footer = [page.slug for page in in_order if page.slug and page.order is None]

    def menus(page: Page) -> Menus:
        here = {**links, page.slug: replace(links[page.slug], current=True)}
        above = ["/".join(page.slug.split("/")[:depth]) for depth in range(1, page.slug.count("/") + 1)]
        home = replace(links[""], title=home_label, language=language)
        return Menus(
            main=tuple(here[slug] for slug in main),
            footer=tuple(here[slug] for slug in footer),
            parents=(home, *(links[slug] for slug in above if slug in links)) if page.slug else (),
            languages=_language_links(site, page, base_path),
        )

    return {slug: menus(page) for slug, page in pages.items()}


def _language_links(site: Site, page: Page, base_path: str) -> tuple[MenuLink, ...]:
    """The way to the same page in each language."""
    return tuple(
        MenuLink(
            other.labels.language_name,
            base_path + site.page(code, page.slug).route,
            code,
            current=code == page.language,
        )
        for code, other in site.languages.items()
    )
