"""The whole `Site` as one frozen value, the only input of renderers: pages, languages, notices, redirects and contacts.

The site does not contain the address of a programme whose link is hidden, or the author or reason of an event.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from site_src.quota.status import ProgrammeStatus
from site_src.read.labels import Labels
from site_src.site.formats import LocaleFormats
from site_src.states import State


class Kind(StrEnum):
    """The kind of a page, which selects its template. The page's path and programme determine the kind."""

    HOME = "home"
    STATUS = "status"
    PROGRAMME = "programme"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Look:
    """How a build differs from the normal site: a different `base_url`, or `states`, which maps programmes to assumed states.

    `is_hidden` makes the hidden tree, in which every programme is unconfirmed. `unconfirmed` lists single programmes whose
    state cannot be confirmed. Only `states` marks the pages as a preview.
    """

    base_url: str | None = None
    states: Mapping[str, State] = field(default_factory=dict)
    is_hidden: bool = False
    unconfirmed: frozenset[str] = frozenset()

    def confirms(self, programme: str) -> bool:
        """Returns False if the pages must say that the programme's state cannot be confirmed."""
        return (
            not (self.is_hidden or programme in self.unconfirmed)
            and self.states.get(programme) is not State.UNCONFIRMED
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """The name and the explanation of a programme's present state, in one language. `body` is clean HTML."""

    label: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the site: its labels, its name for each state, and the notice of each programme by id.

    `organisation` is the owner of the site. `state_labels` names each state in one or two words.
    """

    code: str
    title: str
    organisation: str
    labels: Labels
    formats: LocaleFormats
    state_labels: Mapping[State, str]
    notices: Mapping[str, Notice]


@dataclass(frozen=True, slots=True)
class Page:
    """A page for readers of `language`. `source_language` is the default language if there is no translation.

    `slug` is "" for the home page. `menu_title` is the page's title in menus. `route` begins and ends with "/". `body` is
    clean HTML, split at each place where a conversation starter belongs. `translations` lists the languages in which the
    page has its own text.
    """

    language: str
    source_language: str
    slug: str
    route: str
    kind: Kind
    title: str
    menu_title: str
    description: str
    updated: date
    order: int | None
    programme: str | None
    body: tuple[str, ...]
    translations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MovedPage:
    """A former address of the page `slug` in one language. `route` has the same form as `Page.route`."""

    language: str
    route: str
    slug: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect from the path `source` to `target`, a path or an address, with the HTTP status."""

    source: str
    target: str
    status: int


@dataclass(frozen=True, slots=True)
class SecurityContact:
    """Contacts for reports of vulnerabilities, as full addresses with the preferred one first. `expires` is in UTC."""

    contacts: tuple[str, ...]
    expires: datetime
    languages: tuple[str, ...]
    policy: str | None


@dataclass(frozen=True, slots=True)
class SecurityRedirect:
    """The full address to which this site redirects requests for its security.txt."""

    address: str


@dataclasses.dataclass(frozen=True)
class Site:
    """Everything that is published at one instant.

    `languages` begins with the default language. `names` contains the names of the programmes, by id and language.
    `preview` lists the assumed states in the form `japan=open`. `logo` is the text of an SVG image, and `house_font` is the
    name of a font family. `pictures` maps published paths to picture files. `is_example` is True if the states and dates
    are invented.
    """

    base_url: str
    time_zone: str
    languages: Mapping[str, Language]
    programmes: Mapping[str, ProgrammeStatus]
    names: Mapping[str, Mapping[str, str]]
    pages: tuple[Page, ...]
    preview: tuple[str, ...]
    moved: tuple[MovedPage, ...]
    security: SecurityContact | SecurityRedirect | None
    logo: str | None
    house_font: str | None
    pictures: Mapping[str, bytes]
    is_example: bool

    @property
    def default_language(self) -> str:
        """Returns the code of the language whose pages replace missing translations."""
        return next(iter(self.languages))

    def page(self, language: str, slug: str) -> Page:
        """Returns the page with this slug for readers of `language`. Raises KeyError if there is no such page."""
        return self._by_slug[language, slug]

    def programmes_for(self, language: str) -> list[ProgrammeStatus]:
        """Returns the programmes in the order of their pages in the menu of `language`.

        Programmes with a translated page come first.
        """

        def place(status: ProgrammeStatus) -> tuple[bool, int, str]:
            page = self.page(language, status.id)
            return page.source_language != language, page.order or 0, status.id

        return sorted(self.programmes.values(), key=place)

    def last_change(self, page: Page) -> datetime | None:
        """Returns when the latest state on the page began, in the site's time zone, or None if no state on the page has begun."""
        shows_all = page.kind in (Kind.HOME, Kind.STATUS)
        shown = (
            [self.programmes[page.programme]]
            if page.programme
            else self.programmes.values()
            if shows_all
            else ()
        )
        begun = [status.since for status in shown if status.since]
        return max(begun).astimezone(ZoneInfo(self.time_zone)) if begun else None

    def last_updated(self, page: Page) -> date:
        """Returns the day on which the page's text or a state on the page last changed."""
        changed = self.last_change(page)
        return max(page.updated, changed.date()) if changed else page.updated

    @cached_property
    def _by_slug(self) -> Mapping[tuple[str, str], Page]:
        return {(page.language, page.slug): page for page in self.pages}


def route(language: str, slug: str) -> str:
    """Returns the path of a page below the site's address, such as `/en/` or `/en/japan/`."""
    return f"/{language}/{slug}/" if slug else f"/{language}/"
