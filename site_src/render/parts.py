"""Selects the parts of a site on which a page depends, and keeps rendered pages in the memo by a digest of their parts.

A page is rendered from these parts alone, so nothing else can change it. A page of text depends on the frame: the site
without states and texts. A page of a programme depends on that programme as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property, partial
from types import MappingProxyType

from jinja2 import Environment

from site_src.cache import Memo, digest, fingerprint_all
from site_src.render.menus import Menus, menus_of
from site_src.site.model import Language, Site


def frame_of(site: Site) -> Site:
    """Returns the site without programmes, notices and the texts of pages: everything around the text of a page."""
    return replace(
        site,
        languages=_with_notices(site, ()),
        programmes=MappingProxyType({}),
        pages=tuple(replace(page, description="", updated=date.min, body=()) for page in site.pages),
        pictures=MappingProxyType({}),
    )


def part_of(site: Site, frame: Site, *programmes: str) -> Site:
    """Returns the frame with only these programmes and their notices."""
    return replace(
        frame,
        languages=_with_notices(site, programmes),
        programmes=MappingProxyType({id: site.programmes[id] for id in programmes}),
    )


def _with_notices(site: Site, programmes: tuple[str, ...]) -> Mapping[str, Language]:
    return MappingProxyType(
        {
            code: replace(language, notices=MappingProxyType({id: language.notices[id] for id in programmes}))
            for code, language in site.languages.items()
        }
    )


class Surroundings:
    """Everything around the text of each page: the frame, its menus, and a digest of these, of the design, code and libraries."""

    def __init__(self, frame: Site, base_path: str, design: object) -> None:
        self.given = frame, base_path, design
        self.digest = digest(fingerprint_all(), repr(self.given))
        self._menus: dict[str, Callable[[str], Menus]] = {}

    def menus(self, language: str, slug: str, template: str) -> Menus:
        """Returns the menus of a page.

        A page at an old address has the menus of the home page, and links to the languages of its target.
        """
        if language not in self._menus:
            frame, base_path, _ = self.given
            self._menus[language] = menus_of(frame, language, base_path)
        menus = self._menus[language]
        if template == "moved.html":
            return replace(menus(""), languages=menus(slug).languages)
        if template == "year.html":
            # A page of the archive is below the status page.
            above = menus(slug)
            return replace(above, parents=(*above.parents, replace(above.here, current=False)), below=())
        return menus(slug)


class View:
    """A site as the templates of some pages see it. The templates are loaded only when a page must be rendered."""

    def __init__(self, site: Site, around: Surroundings, environment: Callable[[], Environment]) -> None:
        self.site, self.around, self._environment = site, around, environment

    @cached_property
    def templates(self) -> Environment:
        """Returns the templates, with the names that they may use."""
        return self._environment()

    @cached_property
    def digest(self) -> str:
        """Returns the digest of everything that all templates get."""
        notices = {code: language.notices for code, language in self.site.languages.items()}
        return digest(self.around.digest, repr((self.site.programmes, notices)))

    def render(self, template: str, language: str, slug: str, **own: object) -> str:
        """Renders the page of that language and slug.

        `own` is what the page gets besides the site, its language and its menus.
        """
        menus = self.around.menus(language, slug, template)
        return self.templates.get_template(template).render(
            language=self.site.languages[language], menus=menus, **own
        )


class KnownPages:
    """Caches rendered pages: in this process with everything that each was rendered from, in the memo by a digest of that.

    A cached page is not a verdict of the gate: the gate judges each page, even a cached one.
    """

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._around: list[Surroundings] = []
        self._pages: dict[str, tuple[object, bytes]] = {}

    def surround(self, frame: Site, base_path: str, design: object) -> Surroundings:
        """Returns the surroundings with these parts; the cached ones if they are equal."""
        for known in self._around:
            if known.given == (frame, base_path, design):
                return known
        self._around = [Surroundings(frame, base_path, design), *self._around[:1]]
        return self._around[0]

    def page(self, path: str, view: View, template: str, language: str, slug: str, **own: object) -> bytes:
        """Returns the result of `View.render` in UTF-8; the cached page if everything that it is rendered from is equal."""
        parts = view.digest, template, language, slug, own
        known = self._pages.get(path)
        if known is None or known[0] != parts:
            make = partial(view.render, template, language, slug, **own)
            text: str = self._memo.get(digest(*parts[:4], repr(own)), make)
            known = self._pages[path] = parts, text.encode()
        return known[1]
