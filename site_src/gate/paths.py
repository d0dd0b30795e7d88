"""The published paths that the gate demands, worked out from the content alone."""

from __future__ import annotations

from collections.abc import Iterator

from site_src.read.content import Content

# The choice of language, which gives each programme's answer.
CHOICE = "index.html"
_ALWAYS = "index.html 404.html release.json robots.txt _headers _redirects api/v1/programmes.json api/v1/openapi.json".split()


def page_path(code: str, slug: str) -> str:
    """The path of a page in a language; `slug` is "" for the home page."""
    return f"{code}/{slug}/index.html" if slug else f"{code}/index.html"


def list_paths(content: Content, is_preview: bool) -> Iterator[str]:
    """The paths that must be there whatever the state of any programme; a preview has no sitemap."""
    settings = content.settings
    yield from _ALWAYS
    if not is_preview:
        yield "sitemap.xml"
    if settings.security and not settings.security.redirect_to:
        yield ".well-known/security.txt"
    for code in settings.languages:
        yield f"{code}/404.html"
        yield from (f"{code}/{id}/calendar.ics" for id in content.programmes)
        yield from (page_path(code, old) for page in content.pages for old in page.meta.moved_from)
        yield from (page_path(code, page.slug) for page in content.pages)
