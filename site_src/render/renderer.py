"""Renders a `Site` to every published file, a mapping from path to bytes. Writes no disk and reads no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment

from site_src.cache import Memo
from site_src.quota.decision import LinkShown
from site_src.render.menus import Menus, menus_of
from site_src.render.quota_free import KnownPages, without_states
from site_src.render.surfaces import places
from site_src.render.surfaces.api import api_files, openapi_file
from site_src.render.surfaces.calendar import calendar_files
from site_src.render.surfaces.host_files import (
    SECURITY_TXT,
    headers_file,
    redirects_file,
    robots,
    security_txt,
    sitemap,
)
from site_src.render.surfaces.places import permanent_id
from site_src.render.surfaces.structured_data import structured_data
from site_src.render.templating import environment, name_asset, problems_told, read_design, static_files
from site_src.render.timeline import timeline
from site_src.site.model import Kind, MovedPage, Page, SecurityContact, Site
from site_src.states import STATES_WITH_LINK


class Renderer:
    """Renders sites. Remembers the pages that say nothing about the quota, and calendars by their contents."""

    def __init__(self, memo: Memo, design: Path | None = None) -> None:
        self._memo, self._known, self._design = memo, KnownPages(), design

    def render(self, site: Site) -> dict[str, bytes]:
        """Every file of the site by its path, such as `en/japan/index.html`; the same site gives the same bytes.

        Raises InputRefused for a template with an error.
        """
        with problems_told(self._design):
            return dict(sorted(_files(site, self._memo, self._known, self._design).items()))


def _files(site: Site, memo: Memo, known: KnownPages, design: Path | None) -> dict[str, bytes]:
    static = _static_files(site, design)
    base_path = urlsplit(site.base_url).path
    addresses = {logical: f"{base_path}/assets/{name}" for logical, (name, _) in static.items()}
    templates = _environment(site, base_path, addresses, design)
    files = {f"assets/{name}": data for name, data in static.values()} | dict(site.pictures)
    files |= _pages(site, templates, base_path)
    frame = without_states(site)
    known.begin((frame, base_path, addresses, read_design(design)))
    files |= _quota_free_pages(
        site, frame, _environment(frame, base_path, addresses, design), base_path, known
    )
    files |= _notices(site, templates)
    files |= api_files(site)
    files |= openapi_file(site)
    files |= calendar_files(site, memo)
    files |= _for_hosts_and_crawlers(site)
    return files | _named(site, templates, files)


def _static_files(site: Site, design: Path | None) -> Mapping[str, tuple[str, bytes]]:
    """The published name and bytes of each asset by its own name: the design's, and the logo."""
    files = static_files(design)
    if site.house_font:
        token = f':root {{ --house: "{site.house_font}",; }}\n'.encode()
        files |= {name: data + token for name, data in files.items() if name.endswith(".css")}
    if site.logo:
        files["logo.svg"] = site.logo.encode()
    return {name: (name_asset(name, data), data) for name, data in files.items()}


def _environment(
    site: Site, base_path: str, addresses: Mapping[str, str], design: Path | None
) -> Environment:
    """The templates, with every name that they may use."""
    templates = environment(design)
    templates.globals.update(
        site=site,
        base_path=base_path,
        assets=addresses,
        states_with_link=STATES_WITH_LINK,
        shown=lambda status: isinstance(status.link, LinkShown),
        places=places,
        permanent_id=permanent_id,
        structured_data=partial(structured_data, site),
    )
    return templates


def _named(site: Site, templates: Environment, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The choice of language and `release.json`. They come last: the release's name follows from all other files.

    The name is a digest of all files (SHA-256, 32 digits), so reading it back shows which site is served.
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
    """The pages that show a state."""
    files = {}
    by_kind = {kind: templates.get_template(f"{kind}.html") for kind in Kind if kind is not Kind.PAGE}
    for code, language in site.languages.items():
        menus = menus_of(site, code, base_path)
        drawn = timeline(site.programmes_for(code), language.formats.zone)
        for page in site.pages:
            if page.language == code and page.kind in by_kind:
                text = by_kind[page.kind].render(
                    page=page, language=language, menus=menus[page.slug], timeline=drawn
                )
                files[_file(page)] = text.encode()
    return files


def _quota_free_pages(
    site: Site, frame: Site, templates: Environment, base_path: str, known: KnownPages
) -> dict[str, bytes]:
    """All other pages. Their templates get nothing of the site but its frame."""
    files = {}
    for code, language in frame.languages.items():
        for path, template, context in _quota_free(site, code, menus_of(frame, code, base_path)):
            in_language = {**context, "language": language}
            files[path] = known.page(
                path, (template, context), partial(_text, templates, template, in_language)
            )
    # Hosts without a 404 page per folder serve this one for every address that does not exist.
    files["404.html"] = files[f"{frame.default_language}/404.html"]
    return files


def _quota_free(
    site: Site, code: str, menus: Mapping[str, Menus]
) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Path, template and context of pages, of the 404 page, and of pages at old addresses."""
    for page in site.pages:
        if page.language == code and page.kind is Kind.PAGE:
            yield _file(page), "page.html", {"page": page, "menus": menus[page.slug]}
    yield f"{code}/404.html", "404.html", {"page": None, "menus": menus[""]}
    for moved in site.moved:
        if moved.language == code:
            others = replace(menus[""], languages=menus[moved.slug].languages)
            target = site.page(code, moved.slug)
            yield _file(moved), "moved.html", {"page": None, "menus": others, "target": target}


def _text(templates: Environment, template: str, context: Mapping[str, object]) -> str:
    return templates.get_template(template).render(context)


def _file(page: Page | MovedPage) -> str:
    return f"{page.route.strip('/')}/index.html"


def _notices(site: Site, templates: Environment) -> dict[str, bytes]:
    """Each programme's notice for embedding in partners' pages, and its feed."""
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
