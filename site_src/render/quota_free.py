"""Pages that say nothing about the quota. They are rendered from a site without states, so they cannot show one.

A change of state does not change them, so a resident publisher renders them only once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from site_src.site.model import Site


def without_states(site: Site) -> Site:
    """The site without programmes, notices and the text of pages: what the frame around every page needs."""
    languages = {
        code: replace(language, notices=MappingProxyType({})) for code, language in site.languages.items()
    }
    return replace(
        site,
        languages=MappingProxyType(languages),
        programmes=MappingProxyType({}),
        pages=tuple(replace(page, body=()) for page in site.pages),
    )


class KnownPages:
    """Rendered pages, each with everything that it was rendered from."""

    def __init__(self) -> None:
        self._common: object = None
        self._pages: dict[str, tuple[object, bytes]] = {}

    def begin(self, common: object) -> None:
        """Forgets all pages if `common`, from which all of them are rendered, has changed."""
        if common != self._common:
            self._common, self._pages = common, {}

    def page(self, path: str, own: object, make: Callable[[], str]) -> bytes:
        """The result of `make` in UTF-8; the remembered one if it was made from an equal `own`."""
        known = self._pages.get(path)
        if known is None or known[0] != own:
            known = self._pages[path] = own, make().encode()
        return known[1]
