"""From a `Site` to every published file: a mapping from path to bytes. No disk is written, no clock is read."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from site_src.availability import LinkShown
from site_src.site import Kind, Page, SecurityContact, Site
from site_src.surfaces.crawlers import robots, sitemap
from site_src.surfaces.host_files import headers_file, redirects_file
from site_src.surfaces.security_txt import SECURITY_TXT, security_txt

_HERE = Path(__file__).parent


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


def render(site: Site) -> dict[str, bytes]:
    """Every file of the site by its path, `en/japan/index.html`; the same site gives the same bytes."""
    assets = _assets()
    files = {f"assets/{name}": data for name, data in assets.values()}
    base_path = urlsplit(site.base_url).path
    environment = _environment()
    environment.globals.update(
        site=site,
        base_path=base_path,
        assets={logical: f"{base_path}/assets/{name}" for logical, (name, _) in assets.items()},
        shown=lambda status: isinstance(status.link, LinkShown),
    )
    templates = {kind: environment.get_template(f"{kind}.html") for kind in Kind}
    not_found, moved_page = environment.get_template("404.html"), environment.get_template("moved.html")
    for code, language in site.languages.items():
        menus = _menus(site, code, base_path)
        for page in (page for page in site.pages if page.language == code):
            text = templates[page.kind].render(page=page, language=language, menus=menus[page.slug])
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
    choice = environment.get_template("languages.html")
    files["index.html"] = choice.render(page=None, language=site.languages[site.default_language]).encode()
    return dict(sorted({**files, **_for_hosts_and_crawlers(site)}.items()))


def _for_hosts_and_crawlers(site: Site) -> dict[str, bytes]:
    files = {"_headers": headers_file(site), "_redirects": redirects_file(site), "robots.txt": robots(site)}
    if not site.preview:
        files["sitemap.xml"] = sitemap(site)
    if isinstance(site.security, SecurityContact):
        files[SECURITY_TXT] = security_txt(site, site.security)
    return files


def _environment() -> Environment:
    """Escapes everything, and refuses a name that is not there instead of printing nothing."""
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        bytecode_cache=_bytecode_cache(),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["filled"] = _filled
    return environment


def _bytecode_cache() -> BytecodeCache | None:
    """Compiled templates beside Python's own compiled modules; Jinja compares their source before it uses one.

    Without it, half of the time that rendering takes goes into compiling. Where Python keeps none, nor do we.
    """
    folder = _HERE / "__pycache__"
    writable = not sys.dont_write_bytecode and os.access(folder, os.W_OK)
    return FileSystemBytecodeCache(str(folder)) if writable else None


def _filled(label: str, **values: object) -> Markup:
    """A label with its placeholders filled; what is filled in may be markup, the label itself never is."""
    return escape(label).format(**values)


def _assets() -> Mapping[str, tuple[str, bytes]]:
    """Each static file's published name and bytes; the name carries a hash of the bytes, so it can be kept for ever."""
    assets = {}
    for file in sorted((_HERE / "static").iterdir()):
        data = file.read_bytes()
        assets[file.name] = (f"{file.stem}.{hashlib.sha256(data).hexdigest()[:12]}{file.suffix}", data)
    return assets


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
