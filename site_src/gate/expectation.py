"""The demands on the files at an instant as one value (`Expectation`), and the paths of files, defined again.

`demands` works out the demands. The paths are defined again here, so a fault in rendering cannot change the demands.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from urllib.parse import urlsplit

from site_src.gate.notice_rules import (
    Answer,
    Entries,
    Histories,
    OverviewExpectation,
    PageExpectation,
)
from site_src.gate.surface_rules import ResourceExpectation
from site_src.read.content import Content, PageSource
from site_src.read.picture_files import review_digits


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must be true of the files at the instant. All mappings are by programme or by path.

    `open` and `closed` contain the addresses of the conversation starters. `retired` contains addresses from other versions
    of the content, which no file may contain in any state. Only the files in `pages` and `resources` may contain the address
    of an open programme. `archives` contains only past changes. `listed` contains the addresses in the sitemap. `others` are
    the paths of files that must exist, but show no state. A page may load only addresses that match its entry in `pictures`,
    or `logo` if it has no entry.
    """

    closed: Mapping[str, tuple[str, ...]]
    open: Mapping[str, Mapping[str, str]]
    linkable_hosts: frozenset[str]
    own_host: str
    pages: Mapping[str, PageExpectation]
    resources: Mapping[str, tuple[ResourceExpectation, ...]]
    overviews: Mapping[str, OverviewExpectation] = field(default_factory=dict)
    archives: Mapping[str, Histories] = field(default_factory=dict)
    feeds: Mapping[str, Entries] = field(default_factory=dict)
    answers: tuple[Answer, ...] = ()
    others: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()
    logo: re.Pattern[str] | None = None
    pictures: Mapping[str, re.Pattern[str] | None] = field(default_factory=dict)
    retired: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def stating(self) -> frozenset[str]:
        """Returns the paths of the files that must show a state."""
        return frozenset().union(self.pages, self.resources, self.overviews, self.archives, self.feeds)

    @property
    def needed(self) -> frozenset[str]:
        """Returns the paths of all files that must exist."""
        return self.others | self.stating

    def loadable(self, path: str) -> re.Pattern[str] | None:
        """Returns a pattern for the addresses of the pictures that the file may load, or None if it may load none."""
        return self.pictures.get(path, self.logo)

    def demands_on(self, path: str) -> tuple[object, ...]:
        """Returns what is demanded of the file besides `common_demands` and the addresses."""
        by_path = (value.get(path, ()) for value in self._demands() if isinstance(value, Mapping))
        return *by_path, self.answers if path == CHOICE else ()

    def common_demands(self) -> tuple[object, ...]:
        """Returns what is demanded of every file, whatever its path."""
        return tuple(value for value in self._demands() if not isinstance(value, Mapping))

    def _demands(self) -> Iterator[object]:
        """Yields the value of every field except those that contain addresses, and except `answers`, which only `CHOICE` needs."""
        beside = ("closed", "open", "retired", "answers")
        return (getattr(self, each.name) for each in fields(self) if each.name not in beside)

    def only(self, path: str) -> Expectation:
        """Returns only the demands on this one file. The result does not require the files in `others`."""
        return replace(
            self,
            pages={path: self.pages[path]} if path in self.pages else {},
            resources={path: self.resources[path]} if path in self.resources else {},
            overviews={path: self.overviews[path]} if path in self.overviews else {},
            archives={path: self.archives[path]} if path in self.archives else {},
            feeds={path: self.feeds[path]} if path in self.feeds else {},
            others=frozenset(),
        )


# The page for the choice of language, which also states each programme's state.
CHOICE = "index.html"
SITEMAP = "sitemap.xml"
_ALWAYS = "index.html 404.html release.json robots.txt _headers _redirects api/v1/programmes.json api/v1/openapi.json".split()
# The digits of a picture's hash. `convert.published_pictures` writes as many.
_HASH = r"\.[0-9a-f]{12}\."
# A drawing stays SVG. Any other picture is published in several formats.
_FORMATS = {".svg": "svg"}


def page_path(code: str, slug: str) -> str:
    """Returns the path of a page in a language. `slug` is "" for the home page."""
    return f"{code}/{slug}/index.html" if slug else f"{code}/index.html"


def list_paths(content: Content, is_preview: bool) -> Iterator[str]:
    """Yields the paths that must exist in every state of every programme. A preview has no sitemap."""
    settings = content.settings
    yield from _ALWAYS
    if not is_preview:
        yield SITEMAP
    if settings.security and not settings.security.redirect_to:
        yield ".well-known/security.txt"
    for code in settings.languages:
        yield f"{code}/404.html"
        yield from (f"{code}/{id}/calendar.ics" for id in content.programmes)
        yield from (page_path(code, old) for page in content.pages for old in page.meta.moved_from)
        yield from (page_path(code, page.slug) for page in content.pages)


def picture_addresses(content: Content, base_url: str, names: Iterable[str] = ()) -> re.Pattern[str] | None:
    """Returns a pattern for the published addresses of the logo and of these picture files, or None if there are no files."""
    logo = ["logo.svg"] if content.settings.logo else []
    parts = (os.path.splitext(name) for name in (*logo, *names))
    files = [f"{re.escape(stem)}{_HASH}{_FORMATS.get(ending, '(?:jpg|png|webp)')}" for stem, ending in parts]
    return re.compile(f"{re.escape(urlsplit(base_url).path)}/assets/(?:{'|'.join(files)})") if files else None


def pictures_of_pages(
    content: Content, base_url: str, displayed: Mapping[tuple[str, str], PageSource]
) -> dict[str, re.Pattern[str] | None]:
    """Maps the path of each page to a pattern for the addresses that the page may load.

    `displayed` maps each language and slug to the source of the page. A page of a programme may load a picture only if a
    person has reviewed the current version of its file.
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
