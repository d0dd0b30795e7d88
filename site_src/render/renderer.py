"""Renders a `Site` to every published file, and decides which template makes which path. Does not use the clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment

from site_src.cache import Memo
from site_src.quota.decision import LinkShown
from site_src.render.page_memo import PageMemo, View, part_of
from site_src.render.surfaces import paths
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
from site_src.render.surfaces.paths import permanent_id
from site_src.render.surfaces.structured_data import structured_data
from site_src.render.templating import (
    environment,
    name_asset,
    read_design,
    report_template_errors,
    static_files,
)
from site_src.render.timeline import timeline
from site_src.render.year_archives import RECENT, archive_files, archived_years, year_pages
from site_src.site.model import Kind, MovedPage, Page, SecurityContact, Site
from site_src.states import STATES_WITH_LINK


class Renderer:
    """Renders sites. Caches pages by the parts of the site on which they depend, and calendars by their contents."""

    def __init__(self, memo: Memo, design: Path | None = None) -> None:
        self._memo, self._pages, self._design = memo, PageMemo(memo), design

    def render(self, site: Site) -> dict[str, bytes]:
        """Returns every file of the site by its path, such as `en/japan/index.html`. The same site gives the same bytes.

        Raises InputRefused if a template has an error.
        """
        with report_template_errors(self._design):
            return dict(sorted(self._files(site).items()))

    def _files(self, site: Site) -> dict[str, bytes]:
        static = _static_files(site, self._design)
        base_path = urlsplit(site.base_url).path
        assets = {logical: f"{base_path}/assets/{name}" for logical, (name, _) in static.items()}
        files = {f"assets/{name}": data for name, data in static.values()} | dict(site.pictures)
        frame = self._pages.frame(site)
        around = self._pages.surround(frame, base_path, (assets, read_design(self._design)))

        def view(part: Site) -> View:
            return View(part, around, partial(_environment, part, base_path, assets, self._design))

        overview = view(part_of(site, frame, *site.programmes))
        files |= _overviews(site, overview, self._pages)
        around_texts = view(frame)
        files |= _quota_free_pages(site, around_texts, self._pages)
        files |= archive_files(site, around_texts, self._pages)
        for id in site.programmes:
            files |= _programme_files(site, id, view(part_of(site, frame, id)), self._pages)
        files |= api_files(site)
        files |= openapi_file(site)
        files |= calendar_files(site, self._memo)
        files |= _for_hosts_and_crawlers(site)
        return files | _named(overview, self._pages, files)


def _static_files(site: Site, design: Path | None) -> Mapping[str, tuple[str, bytes]]:
    """Maps the name of each asset (the files of the design and the logo) to its published name and its bytes."""
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
    """Returns the templates, with every name that they may use."""
    templates = environment(design)
    templates.globals.update(
        site=site,
        base_path=base_path,
        assets=addresses,
        states_with_link=STATES_WITH_LINK,
        shown=lambda status: isinstance(status.link, LinkShown),
        paths=paths,
        permanent_id=permanent_id,
        structured_data=partial(structured_data, site),
    )
    return templates


def _named(view: View, memo: PageMemo, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Returns the page for the choice of language, and `release.json`. Both contain the name of the release.

    The name is a digest of all other files (SHA-256, 32 digits), so reading the name back shows which site is served.
    """

    def choice(release: str) -> bytes:
        path = "index.html" if release else "index.html without a name"
        return memo.page(
            path, view, "languages.html", view.site.default_language, "", page=None, release=release
        )

    digest = hashlib.sha256()
    for path, data in sorted({**files, "index.html": choice("")}.items()):
        digest.update(f"{path} {len(data)}\n".encode() + data)
    name = digest.hexdigest()[:32]
    return {
        "index.html": choice(name),
        "release.json": f'{{"release": "{name}"}}\n'.encode(),
    }


def _for_hosts_and_crawlers(site: Site) -> dict[str, bytes]:
    files = {"_headers": headers_file(site), "_redirects": redirects_file(site), "robots.txt": robots(site)}
    if not site.preview:
        files["sitemap.xml"] = sitemap(site, year_pages(site).values())
    if isinstance(site.security, SecurityContact):
        files[SECURITY_TXT] = security_txt(site, site.security)
    return files


def _overviews(site: Site, view: View, memo: PageMemo) -> dict[str, bytes]:
    """Returns the pages that show all programmes."""
    files = {}
    for page in site.pages:
        if page.kind in (Kind.HOME, Kind.STATUS):
            zone = site.languages[page.language].formats.zone
            drawn = timeline(site.programmes_for(page.language), zone)
            years = {id: archived_years(status, zone) for id, status in site.programmes.items()}
            path, template = _file(page), f"{page.kind}.html"
            files[path] = memo.page(
                path, view, template, page.language, page.slug,
                page=page, timeline=drawn, recent=RECENT, years=years,
            )  # fmt: skip
    return files


def _quota_free_pages(site: Site, view: View, memo: PageMemo) -> dict[str, bytes]:
    """Returns the pages that show no quota state, the 404 pages, and the pages at old addresses."""
    files = {}
    for page in site.pages:
        if page.kind is Kind.PAGE:
            files[_file(page)] = memo.page(
                _file(page), view, "page.html", page.language, page.slug, page=page
            )
    for code in site.languages:
        path = f"{code}/404.html"
        files[path] = memo.page(path, view, "404.html", code, "", page=None)
    for moved in site.moved:
        target = site.page(moved.language, moved.slug)
        files[_file(moved)] = memo.page(
            _file(moved), view, "moved.html", moved.language, moved.slug, page=None, target=target
        )
    # Some hosts cannot serve a 404 page for each folder. They serve this page for every missing address.
    files["404.html"] = files[f"{site.default_language}/404.html"]
    return files


def _programme_files(site: Site, id: str, view: View, memo: PageMemo) -> dict[str, bytes]:
    """Returns the pages of the programme, its notice for partners' pages, and its feed."""
    files = {}
    for page in site.pages:
        if page.kind is Kind.PROGRAMME and page.programme == id:
            files[_file(page)] = memo.page(
                _file(page), view, "programme.html", page.language, page.slug, page=page
            )
    for code in site.languages:
        # These files contain the day of the page's last change, but no text of the page.
        page = replace(site.page(code, id), body=())
        status = view.site.programmes[id]
        embed, feed = paths.embed(code, id).strip("/"), paths.feed(code, id).strip("/")
        files[embed] = memo.page(embed, view, "embed.html", code, id, page=page, status=status)
        earlier = next(iter(archived_years(status, ZoneInfo(site.time_zone))), None)
        files[feed] = memo.page(
            feed, view, "feed.xml", code, id,
            page=page, status=status, changes=status.changes[:RECENT], year=None, earlier=earlier,
        )  # fmt: skip
    return files


def _file(page: Page | MovedPage) -> str:
    return f"{page.route.strip('/')}/index.html"
