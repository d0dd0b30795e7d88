"""Selects the parts of a site on which a page depends, and stores rendered pages in the memo by a digest of their parts.

A page is rendered from these parts alone, so nothing else can change the page. A page of text depends on its text and on the
frame, which is the site without states and texts. A page of a programme also depends on that programme.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property, partial
from types import MappingProxyType

from jinja2 import Environment

from site_src.cache import Memo, digest, fingerprint_all
from site_src.render.menus import Menus, below_status, menus_of
from site_src.site.model import Language, Page, Site


def part_of(site: Site, frame: Site, *programmes: str) -> Site:
    """Returns the frame, with these programmes and their notices added from the site."""
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
    """Everything around the text of each page: the frame and its menus.

    `digest` covers the frame, the base path, the design, the code and the libraries.
    """

    def __init__(self, frame: Site, base_path: str, design: object) -> None:
        self.given = frame, base_path, design
        self.digest = digest(fingerprint_all(), repr(self.given))
        self._menus: dict[str, Callable[[str], Menus]] = {}

    def menus(self, language: str, slug: str, template: str) -> Menus:
        """Returns the menus of a page.

        A page at an old address has the menus of the home page, except that its language links lead to the new page.
        """
        if language not in self._menus:
            frame, base_path, _ = self.given
            self._menus[language] = menus_of(frame, language, base_path)
        menus = self._menus[language]
        if template == "moved.html":
            return replace(menus(""), languages=menus(slug).languages)
        if template == "year.html":
            return below_status(self.given[0].languages[language], menus("status"), slug)
        return menus(slug)


class View:
    """The part of a site that the templates of some pages get. Templates are loaded only when a page must be rendered."""

    def __init__(self, site: Site, around: Surroundings, environment: Callable[[], Environment]) -> None:
        self.site, self.around, self._environment = site, around, environment

    @cached_property
    def templates(self) -> Environment:
        """Returns the templates, with every name that they may use."""
        return self._environment()

    @cached_property
    def digest(self) -> str:
        """Returns a digest of everything that every template gets."""
        notices = {code: language.notices for code, language in self.site.languages.items()}
        return digest(self.around.digest, repr((self.site.programmes, notices)))

    def render(self, template: str, language: str, slug: str, **own: object) -> str:
        """Renders the page with this language and slug.

        `own` contains the variables that the template gets in addition to the site, the language and the menus.
        """
        menus = self.around.menus(language, slug, template)
        return self.templates.get_template(template).render(
            language=self.site.languages[language], menus=menus, **own
        )


# A publish renders both trees of the release and some rehearsed ones. A page of the index is rendered twice in each.
_VERSIONS = 8


class PageMemo:
    """Caches rendered pages: in this process by the values from which they were rendered, in the memo by a digest of these values.

    The gate judges every page, even a cached one.
    """

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._around: list[Surroundings] = []
        self._pages: dict[str, tuple[tuple[object, bytes], ...]] = {}
        # The pages of the last frame, and the same pages without their texts.
        self._framed: tuple[tuple[Page, ...], tuple[Page, ...]] = (), ()

    def frame(self, site: Site) -> Site:
        """Returns the site without programmes, notices and texts of pages. The rest is the frame around every text."""
        if site.pages is not self._framed[0]:
            known = {id(page): bare for page, bare in zip(*self._framed, strict=True)}
            bare = (
                known.get(id(page)) or replace(page, description="", updated=date.min, body=())
                for page in site.pages
            )
            self._framed = site.pages, tuple(bare)
        return replace(
            site,
            languages=_with_notices(site, ()),
            programmes=MappingProxyType({}),
            pages=self._framed[1],
            pictures=MappingProxyType({}),
        )

    def surround(self, frame: Site, base_path: str, design: object) -> Surroundings:
        """Returns the `Surroundings` of these arguments. If a cached one was made from equal arguments, returns that one."""
        for around in self._around:
            if around.given == (frame, base_path, design):
                return around
        self._around = [Surroundings(frame, base_path, design), *self._around[:1]]
        return self._around[0]

    def page(self, path: str, view: View, template: str, language: str, slug: str, **own: object) -> bytes:
        """Returns the result of `View.render` in UTF-8, from the cache if the page was rendered from equal values before."""
        parts = view.digest, template, language, slug, own
        kept = self._pages.get(path, ())
        for rendered_from, data in kept:
            if rendered_from == parts:
                return data
        make = partial(view.render, template, language, slug, **own)
        text: str = self._memo.get(digest(*parts[:4], repr(own)), make)
        self._pages[path] = ((parts, text.encode()), *kept[: _VERSIONS - 1])
        return self._pages[path][0][1]
