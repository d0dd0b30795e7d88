"""Pages that say nothing of the quota: made from a site that knows no state, so that they cannot, and made once.

A change of state leaves them as they are, and so a resident publisher need not render them again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from site_src.site.model import Site


def without_states(site: Site) -> Site:
    """The site without its programmes and notices, and without the text of its pages: what every page has round it."""
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
    """Rendered pages, each with all that it was rendered from."""

    def __init__(self) -> None:
        self._common: object = None
        self._pages: dict[str, tuple[object, bytes]] = {}

    def begin(self, common: object) -> None:
        """Forgets everything if `common`, from which all pages are rendered, is not what it was."""
        if common != self._common:
            self._common, self._pages = common, {}

    def page(self, path: str, own: object, make: Callable[[], str]) -> bytes:
        """What `make` gives, made now, or before if it was made from the same `own`; in UTF-8."""
        known = self._pages.get(path)
        if known is None or known[0] != own:
            known = self._pages[path] = own, make().encode()
        return known[1]
