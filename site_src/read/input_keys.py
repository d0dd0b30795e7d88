"""The keys of site.yaml, of facts and programmes, and of the front matter of pages and notices, as strict, frozen models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, model_validator

from site_src.read.records import Record
from site_src.read.values import (
    Address,
    BaseUrl,
    Currency,
    Day,
    Digits,
    Figure,
    FontName,
    Host,
    LanguageCode,
    Logo,
    Reviewer,
    Text,
    Zone,
)


class DatedValue(Record):
    """One of several values of a fact, and the first day on which it is valid."""

    value: Figure = Field(description="The figure that pages print from that day on.")
    valid_from: Day = Field(
        description="The day on which the figure begins to hold, at 00:00 in the site's time zone."
    )


class Fact(Record):
    """A figure that pages print by its name."""

    value: Figure | None = Field(
        None,
        description="The figure that pages print, formatted for the page's language. Required without `values`.",
    )
    currency: Currency | None = Field(None, description="The currency (ISO 4217) of a value that is money.")
    valid_from: Day | None = Field(
        None, description="The first day on which the figure holds. Required without `values`."
    )
    values: tuple[DatedValue, ...] = Field(
        (),
        description="For a figure that changes, in place of `value` and `valid_from`: each value and the first day on which it holds, the earliest first. Pages print the value that holds now.",
    )
    source: Text = Field(description="The organisation or document that the figure comes from.")
    checked: Day | None = Field(
        None, description="The last day on which someone compared the figure with its source."
    )
    placeholder: bool = Field(
        False, description="`true` while nobody has confirmed the figure: `check` reports it."
    )

    @model_validator(mode="after")
    def _only_numbers_are_money(self) -> Fact:
        for value in (self.value, *(dated.value for dated in self.values)):
            if self.currency and isinstance(value, str):
                raise ValueError(
                    f'has the currency {self.currency} and the text "{value}". Write a number, or delete the currency.'
                )
        return self

    def at(self, day: date) -> Fact:
        """Returns the fact with the single value in force on `day`, or with its first value if none is in force yet."""
        if not self.values:
            return self
        current = next((dated for dated in reversed(self.values) if dated.valid_from <= day), self.values[0])
        return self.model_copy(
            update={"value": current.value, "valid_from": current.valid_from, "values": ()}
        )

    @property
    def figure(self) -> int | Decimal | str:
        """Returns the single value. Raises ValueError for a fact with several values (see `at`)."""
        if self.value is None:
            raise ValueError("the fact has several values: choose one with `at`")
        return self.value


class Contact(Record):
    """An address for each language, to which pages link by the contact's name."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[LanguageCode, Address]

    placeholder: bool = Field(
        False, description="`true` while nobody has confirmed the address: `check` reports it."
    )

    @property
    def addresses(self) -> Mapping[str, str]:
        """Returns the address for each language that has one."""
        return self.__pydantic_extra__


class Security(Record):
    """Where to report a vulnerability: `/.well-known/security.txt`."""

    mode: Literal["file", "redirect"] = Field(
        description="`file`: the site has its own security.txt. `redirect`: it redirects to a different address."
    )
    contact: tuple[Text, ...] = Field(
        (),
        description="`file` only: `mailto:…`, `tel:…`, an https address or `contact:name`, the preferred one first.",
    )
    expires: Day | None = Field(
        None, description="`file` only: the file is valid until this day begins (UTC), at most a year ahead."
    )
    policy: Text | None = Field(
        None,
        description="`file` only: the page that explains how to report, such as `report-vulnerability.md`.",
    )
    preferred_languages: tuple[LanguageCode, ...] = Field(
        (), description="`file` only: the languages in which you read reports."
    )
    redirect_to: Address | None = Field(
        None, description="`redirect` only: the address of the other security.txt."
    )


class Settings(Record):
    """The whole site."""

    title: Mapping[LanguageCode, Text] = Field(description="The site's name, in every language.")
    organisation: Mapping[LanguageCode, Text] = Field(
        description="Who runs the site: on every page, in feeds and for search engines. A language that is not listed uses the name in the default language."
    )
    base_url: BaseUrl = Field(
        description="The public address of the site, including its folder if the site is in a folder."
    )
    languages: tuple[LanguageCode, ...] = Field(
        min_length=1, description="The languages of the site. The first one is the default language."
    )
    time_zone: Zone = Field(
        description="The time zone of every time without an offset, and of the days on which periods begin."
    )
    outbound_hosts: tuple[Host, ...] = Field(
        description="The hosts to which pages may link. The host of a conversation starter does not belong here."
    )
    shared_hosts: tuple[Host, ...] = Field(
        (),
        description="Hosts of `outbound_hosts` that also serve a conversation starter. Pages may link to the rest of such a host.",
    )
    contacts: Mapping[str, Contact] = Field(
        description="An https address per language, to which pages link by name: `[the IND](contact:ind)`. A language that is not listed uses the address of the default language."
    )
    security: Security | None = Field(None, description="Where to report a vulnerability.")
    facts: Mapping[str, Fact] = Field(
        {}, description="Figures that hold for every programme, by name. A page prints one with `[[name]]`."
    )
    example: bool = Field(
        False,
        description="`true` while the state file and the dates are made up: pages say so in the footer, and `check` warns.",
    )
    logo: Logo | None = Field(None, description="The organisation's logo, an SVG file in `content/`.")
    logo_checked: Digits | None = Field(
        None,
        description="The first digits of the SHA-256 of the logo that a person looked at; `check` prints them.",
    )

    house_font: FontName | None = Field(
        None,
        description="The family name of the organisation's font. Devices that have the font use it. No font file is published.",
        examples=["RO Sans"],
    )

    @property
    def default_language(self) -> str:
        """Returns the language in which a page is shown if it has no translation."""
        return self.languages[0]

    @property
    def zone(self) -> ZoneInfo:
        """Returns the time zone of every time without an offset, and of the days on which periods begin."""
        return ZoneInfo(self.time_zone)


class RegistrationPeriod(Record):
    """A period in which people can pre-register."""

    begins: Day = Field(description="The day on which pre-registration begins, in the site's time zone.")
    certainty: Literal["expected", "confirmed"] = Field(
        description="`confirmed` once the day is announced as certain; until then `expected`, and pages say so.",
        examples=["expected"],
    )
    source: Text = Field(description="The organisation or document that the day comes from.")
    reason: Mapping[LanguageCode, Text] = Field(
        {},
        description="One sentence beside an expected day: why it is expected, and what can still change. Without a reason, pages print the label `expected_reason`.",
    )


class Programme(Record):
    """One programme. The file's name is the programme's id."""

    scheme: Text = Field(description="The scheme to which the programme belongs, shown beside its name.")
    names: Mapping[LanguageCode, Text] = Field(description="The programme's name, in every language.")
    time_zone: Zone = Field(
        description="The programme's own time zone. Notices also give each time in this zone, beside the site's."
    )
    time_zone_names: Mapping[LanguageCode, Text] = Field(
        description="The name of the time in that zone, in every language: `time in Japan`.",
        examples=["…"],
    )
    conversation_starter: Mapping[LanguageCode, Address] = Field(
        description="The address of the pre-registration form. No other file may contain it. A language that is not listed uses the address of the default language."
    )
    facts: Mapping[str, Fact] = Field({}, description="Figures of this programme, by name.")
    registration_periods: tuple[RegistrationPeriod, ...] = Field(
        (), description="The known periods. Notices name the next one."
    )


class NoticeMeta(Record):
    """What the pages of every programme say in one state."""

    label: Text = Field(
        description="The state in a few words, for cards, tables, feeds and below the heading."
    )
    title: Text = Field(
        description="The heading of the notice: it says whether people can pre-register now. If the moment of the opening is known, the label `opens_at` or `opens_expected` replaces the title of `upcoming`."
    )


class PageMeta(Record):
    """A page."""

    title: Text = Field(description="The page's heading, and its name in menus if it has no `menu_title`.")
    menu_title: Text | None = Field(None, description="A shorter title for menus and the breadcrumb trail.")
    description: Text = Field(description="One sentence for search engines.")
    programme: Text | None = Field(
        None,
        description="The id of the programme that the page is about. The page shows the notice of that programme.",
    )
    pictures_reviewed_by: Reviewer | None = Field(
        None,
        description="Who reviewed the page's pictures and made sure that none shows an address, a QR code or the state of the quota; then the name and check digits of each picture, as `check` prints them. Required for pictures on a page with a `programme`. Never published.",
        examples=["Jane Doe, 26 November 2026, map.png 3f2a9c1d"],
    )
    order: int | None = Field(
        None,
        description="The place in the main menu, the lowest number first. A page without `order` is linked in the footer, or on the page above it.",
    )
    moved_from: tuple[Text, ...] = Field(
        (), description="Earlier names of the page, without `.md`. They apply to every language."
    )
    updated: Day = Field(description="The day of the last change that readers should know about.")
