"""The published paths that the gate demands, worked out from the content alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from site_src.read.content import Content, PageSource
from site_src.read.pictures import review_digits

# The choice of language, which gives each programme's answer.
CHOICE = "index.html"
_ALWAYS = "index.html 404.html release.json robots.txt _headers _redirects api/v1/programmes.json api/v1/openapi.json".split()
_HASH = r"\.[0-9a-f]{12}\."
# A picture is published in the formats that it was converted to.
_FORMATS = {".svg": "svg"}


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


def picture_addresses(content: Content, base_url: str, names: Iterable[str] = ()) -> re.Pattern[str] | None:
    """Matches the published addresses of the logo and of the picture files of these names; None if there are none."""
    logo = ["logo.svg"] if content.settings.logo else []
    parts = (os.path.splitext(name) for name in (*logo, *names))
    files = [f"{re.escape(stem)}{_HASH}{_FORMATS.get(ending, '(?:jpg|png|webp)')}" for stem, ending in parts]
    return re.compile(f"{re.escape(urlsplit(base_url).path)}/assets/(?:{'|'.join(files)})") if files else None


def pictures_of_pages(
    content: Content, base_url: str, displayed: Mapping[tuple[str, str], PageSource]
) -> dict[str, re.Pattern[str] | None]:
    """What each page may load, by its path; `displayed` has the source of the page of each language and slug.

    On a page of a programme, a person must have looked at the file as it is now.
    """
    every = picture_addresses(content, base_url, content.pictures)
    digits = {name: review_digits(data) for name, data in content.pictures.items()}
    found = {}
    for (code, slug), source in displayed.items():
        review = source.meta.pictures_reviewed_by or ""
        seen = [name for name, shown in digits.items() if shown in review]
        found[page_path(code, slug)] = (
            picture_addresses(content, base_url, seen) if source.meta.programme else every
        )
    return found
