"""The whole `Site` as one frozen value, the only input of renderers: its pages, languages, notices, redirects, contacts.

It contains no address of a programme whose link is hidden, and neither the author nor the reason of an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from site_src.quota.decision import ProgrammeStatus
from site_src.read.labels import Labels
from site_src.site.formats import LocaleFormats
from site_src.states import State


class Kind(StrEnum):
    """The kind of a page, which selects its template. It follows from the page's path and programme."""

    HOME = "home"
    STATUS = "status"
    PROGRAMME = "programme"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Look:
    """How a build differs from the site itself: another `base_url`, and programmes by id in an assumed state.

    `is_hidden` makes the hidden tree: every programme is unconfirmed, and no page is marked as a preview. `unconfirmed`
    lists single programmes whose state cannot be confirmed; they do not mark any page as a preview either.
    """

    base_url: str | None = None
    states: Mapping[str, State] = field(default_factory=dict)
    is_hidden: bool = False
    unconfirmed: frozenset[str] = frozenset()

    def confirms(self, programme: str) -> bool:
        """Returns False for a programme whose pages say that its state cannot be confirmed."""
        return (
            not (self.is_hidden or programme in self.unconfirmed)
            and self.states.get(programme) is not State.UNCONFIRMED
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """The name and explanation of a programme's present state in one language; `body` is clean HTML."""

    label: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the site: its labels, its names for each state, and the notice of each programme by id.

    `organisation` is the owner of the site; `state_labels` name each state in a word or two.
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
    """A page for readers of `language`. `source_language` differs from it if the translation is missing.

    `slug` is "" for the home page. `menu_title` is the page's title in menus. `route` begins and ends with "/". A
    conversation starter goes between each two pieces of `body` (clean HTML). `translations` are the languages that have
    their own text.
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
    """A former address, in one language, of the page `slug`. `route` has the same form as `Page.route`."""

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
    """Contacts for reporting a vulnerability: full addresses, the preferred one first; `expires` is in UTC."""

    contacts: tuple[str, ...]
    expires: datetime
    languages: tuple[str, ...]
    policy: str | None


@dataclass(frozen=True, slots=True)
class SecurityRedirect:
    """The address of the security.txt to which this site redirects."""

    address: str


@dataclass(frozen=True)
class Site:
    """Everything published at one instant. `languages` begins with the default language; `preview` names assumed states.

    `logo` is the text of an SVG image, `house_font` the family name of a font. `pictures` maps published paths to the
    files of the pages' pictures. `names` are the programmes' names, by id and language. `is_example` is True while state
    and dates are invented.
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
        """Returns the code of the language that replaces missing translations."""
        return next(iter(self.languages))

    def page(self, language: str, slug: str) -> Page:
        """Returns the page with that slug for readers of `language`. Raises KeyError if there is none."""
        return self._by_slug[language, slug]

    def programmes_for(self, language: str) -> list[ProgrammeStatus]:
        """Returns the programmes in the order of their pages in the menu of `language`.

        Those with a translated page come first.
        """

        def place(status: ProgrammeStatus) -> tuple[bool, int, str]:
            page = self.page(language, status.id)
            return page.source_language != language, page.order or 0, status.id

        return sorted(self.programmes.values(), key=place)

    def last_change(self, page: Page) -> datetime | None:
        """Returns when the state that the page shows began, in the site's time zone; None if it shows no state."""
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
        """Returns the day on which the page's text, or the state that it shows, last changed."""
        changed = self.last_change(page)
        return max(page.updated, changed.date()) if changed else page.updated

    @cached_property
    def _by_slug(self) -> Mapping[tuple[str, str], Page]:
        return {(page.language, page.slug): page for page in self.pages}


def route(language: str, slug: str) -> str:
    """Returns the path of a page below the site's address: `/en/`, `/en/japan/`."""
    return f"/{language}/{slug}/" if slug else f"/{language}/"
