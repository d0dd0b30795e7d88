"""Assembles the `Site` from a manuscript without errors, the quota logs and an instant. Fills in tokens and links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from site_src.cache import Memo
from site_src.convert.links import Outside, SamePage, anchors_of, resolve
from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import Markup, fill
from site_src.quota.log import Log
from site_src.quota.status import ProgrammeStatus, programme_status, withdraw
from site_src.read.content import HOME, STATUS, PageSource
from site_src.read.input_keys import PageMeta
from site_src.read.labels import Labels
from site_src.site.formats import LocaleFormats
from site_src.site.model import (
    Kind,
    Language,
    Look,
    MovedPage,
    Notice,
    Page,
    Site,
    route,
)
from site_src.site.picture_html import picture_files, picture_html
from site_src.site.security_contact import security_contact
from site_src.states import State


class Assembler:
    """Assembles sites. Caches the results of CLDR lookups, and the texts of pages, which do not depend on the state."""

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._formats: dict[str, LocaleFormats] = {}
        self._pages: dict[tuple[Manuscript, str], tuple[Page, ...]] = {}
        self._around: object = None
        self._filled: dict[tuple[str, str], tuple[tuple[str, PageMeta], Markup, Page]] = {}

    def assemble(
        self, manuscript: Manuscript, logs: Mapping[str, Log], instant: datetime, look: Look
    ) -> Site:
        """Returns the site at `instant` (aware).

        `logs` must already contain the states that `look` assumes. The assumed states mark each page as a preview.
        """
        manuscript = manuscript.at(instant)
        settings = manuscript.content.settings
        base_url = look.base_url or settings.base_url
        base_path = urlsplit(base_url).path
        programmes = {
            id: programme_status(id, programme, settings.languages, logs[id], instant, settings.zone)
            for id, programme in sorted(manuscript.content.programmes.items())
        }
        programmes = {
            id: status if look.confirms(id) else withdraw(status) for id, status in programmes.items()
        }
        formats = {
            code: self._format(code, labels, settings.zone)
            for code, labels in manuscript.content.labels.items()
        }
        languages = {
            code: _language(manuscript, code, formats[code], programmes, base_path)
            for code in settings.languages
        }
        return Site(
            base_url=base_url,
            time_zone=settings.time_zone,
            languages=MappingProxyType(languages),
            programmes=MappingProxyType(programmes),
            names=MappingProxyType({id: status.names for id, status in programmes.items()}),
            pages=self._fill_pages(manuscript, formats, base_path),
            preview=tuple(f"{programme}={state}" for programme, state in sorted(look.states.items())),
            moved=tuple(_moved(manuscript)),
            security=security_contact(manuscript, base_url),
            logo=manuscript.content.logo,
            house_font=settings.house_font,
            pictures=picture_files(manuscript),
            is_example=settings.example,
        )

    def _fill_pages(
        self, manuscript: Manuscript, formats: Mapping[str, LocaleFormats], base_path: str
    ) -> tuple[Page, ...]:
        """Returns the pages of the site. Caches the pages for the last two pairs of manuscript and base path."""
        key = manuscript, base_path
        if key not in self._pages:
            around = _around(manuscript, formats, base_path)
            if around != self._around:
                self._around, self._filled = around, {}
            slugs = sorted({page.slug for page in manuscript.content.pages})
            pages = tuple(
                self._fill_page(manuscript, code, slug, formats, base_path)
                for code in manuscript.content.settings.languages
                for slug in slugs
            )
            self._pages = dict([*self._pages.items(), (key, pages)][-2:])
        return self._pages[key]

    def _fill_page(
        self,
        manuscript: Manuscript,
        code: str,
        slug: str,
        formats: Mapping[str, LocaleFormats],
        base_path: str,
    ) -> Page:
        """Returns the page. If its keys, its text and everything in `_around` are the same, it is the same object as before."""
        source = manuscript.displayed(code, slug)
        if source is None:
            raise KeyError(f"{code}/{slug}: the checks let a page without an original pass")
        keys, markup = (source.path, source.meta), manuscript.markups[source.path]
        known = self._filled.get((code, slug))
        if known is None or known[0] != keys or known[1] is not markup:
            page = _page(manuscript, code, slug, source, formats, base_path)
            known = self._filled[code, slug] = keys, markup, page
        return known[2]

    def _format(self, code: str, labels: Labels, zone: ZoneInfo) -> LocaleFormats:
        known = self._formats.get(code)
        if known is None or known.labels is not labels or known.zone != zone:
            known = self._formats[code] = LocaleFormats(labels, zone, self._memo)
        return known


def _around(manuscript: Manuscript, formats: Mapping[str, LocaleFormats], base_path: str) -> object:
    """Returns everything on which the pages depend except their own texts: facts, formats, pictures, and the places to which links
    lead.
    """
    content = manuscript.content
    places = tuple(
        (
            key,
            page.path,
            page.meta.programme,
            manuscript.markups[page.path].anchors,
            manuscript.own_ids.get(page.path),
        )
        for key, page in manuscript.pages.items()
    )
    return content.settings, content.programmes, dict(formats), places, manuscript.pictures, base_path


def _language(
    manuscript: Manuscript,
    code: str,
    formats: LocaleFormats,
    programmes: Mapping[str, ProgrammeStatus],
    base_path: str,
) -> Language:
    content = manuscript.content

    def notice(status: ProgrammeStatus) -> Notice:
        source = content.notices[code, status.state]
        link = partial(_address, manuscript, source.path, code, base_path)
        body = fill(manuscript.markups[source.path], partial(_fact, manuscript, formats, status.id), link)
        return Notice(source.meta.label, source.meta.title, "".join(body))

    return Language(
        code=code,
        title=content.settings.title[code],
        organisation=content.settings.organisation.get(
            code, content.settings.organisation[content.settings.default_language]
        ),
        labels=content.labels[code],
        formats=formats,
        state_labels=MappingProxyType({state: content.notices[code, state].meta.label for state in State}),
        notices=MappingProxyType({id: notice(status) for id, status in programmes.items()}),
    )


def _page(
    manuscript: Manuscript,
    code: str,
    slug: str,
    source: PageSource,
    formats: Mapping[str, LocaleFormats],
    base_path: str,
) -> Page:
    # Formats a number in the language of its text, because "1.200" in an English sentence does not mean twelve hundred.
    token = partial(_fact, manuscript, formats[source.language], source.meta.programme)
    link = partial(_address, manuscript, source.path, code, base_path)
    return Page(
        language=code,
        source_language=source.language,
        slug=slug,
        route=route(code, slug),
        kind=_kind(source),
        title=source.meta.title,
        menu_title=source.meta.menu_title or source.meta.title,
        description=source.meta.description,
        updated=source.meta.updated,
        order=source.meta.order,
        programme=source.meta.programme,
        body=fill(manuscript.markups[source.path], token, link, partial(picture_html, manuscript, base_path)),
        translations=tuple(
            code for code in manuscript.content.settings.languages if (code, slug) in manuscript.pages
        ),
    )


def _moved(manuscript: Manuscript) -> Iterator[MovedPage]:
    """Yields each old address in every language, because a page has the same slug in all languages."""
    pages = manuscript.content.pages
    for old, slug in sorted({(old, page.slug) for page in pages for old in page.meta.moved_from}):
        for code in manuscript.content.settings.languages:
            yield MovedPage(code, route(code, old), slug)


def _kind(source: PageSource) -> Kind:
    if source.slug == HOME:
        return Kind.HOME
    if source.slug == STATUS:
        return Kind.STATUS
    return Kind.PROGRAMME if source.meta.programme else Kind.PAGE


def _fact(manuscript: Manuscript, formats: LocaleFormats, programme: str | None, word: str) -> str:
    content = manuscript.content
    owner, dot, name = word.rpartition(".")
    own = content.programmes[owner or programme].facts if owner or programme else {}  # type: ignore[index]
    fact = own[name] if dot or name in own else content.settings.facts[name]
    value = fact.figure
    if isinstance(value, str):
        return value
    return formats.money(value, fact.currency) if fact.currency else formats.number(value)


def _address(manuscript: Manuscript, path: str, reader: str, base_path: str, destination: str) -> str:
    target = resolve(manuscript, path, destination, reader)
    if isinstance(target, Outside):
        return target.address
    if isinstance(target, SamePage):
        return f"#{target.fragment}"
    language = target.language or reader
    anchors = anchors_of(manuscript, language, target.slug) or frozenset()
    # If the page in the reader's language lacks the anchor, the link leads to the top of the page.
    fragment = f"#{target.fragment}" if target.fragment in anchors else ""
    return f"{base_path}{route(language, target.slug)}{fragment}"
