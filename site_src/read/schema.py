"""The shape of every input file, as strict, frozen models: read this page to know what may be typed where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from site_src.instants import parse_day
from site_src.read.lookalikes import explain_lookalikes, to_plain
from site_src.read.records import Record

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", re.ASCII)
_LOCAL_HOST = re.compile(r"(localhost|127\.0\.0\.1)(:[0-9]{1,5})?", re.ASCII)
_FOLDERS = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", re.ASCII)
# Three decimals may be thousands as well: 1.200 is more than a thousand to half of the readers.
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.([0-9]{1,2}|[0-9]{4,9})", re.ASCII)
_LIKE_A_NUMBER = re.compile(
    r"[\"']?(?:[€$£¥₩]|EUR|eur|euro)?\s*[-+]?[0-9][0-9.,'\s]*(?:,-)?\s*(?:[€$£¥₩]|EUR|eur|euros?)?[\"']?",
    re.ASCII,
)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
FACT_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty. Write some text.")
    if text != text.strip() or "\n" in text:
        raise ValueError("must be one line, without blanks before or after it.")
    return text


def _figure(value: Any) -> Any:
    if type(value) is int:
        return value
    if type(value) is not str:
        raise ValueError("must be a number or a text.")
    text = _filled(value)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    if _LIKE_A_NUMBER.fullmatch(to_plain(text)):
        raise ValueError(
            f'"{text}" is a text, and would be printed alike in every language.{explain_lookalikes(text)} Write a number with digits only, without '
            'quotes, and with a dot before decimals: 1200 or 12.5. For money add a line such as "currency: EUR".'
        )
    return text


def _currency(code: str) -> str:
    if not _CURRENCY.fullmatch(code):
        raise ValueError(f'"{code}" is not the code of a currency. Write three capitals, such as EUR.')
    return code


def _day(value: Any) -> Any:
    return parse_day(value) if isinstance(value, str) else value


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f'"{name}" is not a time zone. Write a name such as Europe/Amsterdam.') from None
    return name


def _language(code: str) -> str:
    if not LANGUAGE.fullmatch(code):
        raise ValueError(f'"{code}" is not a language code. Write two letters, such as en or nl.')
    return code


def _host(name: str) -> str:
    if not _HOST.fullmatch(name):
        raise ValueError(
            f'"{name}" is not the name of a host. Write only the name, in small letters: ind.nl.'
        )
    return name


def _svg(name: str) -> str:
    if not SLUG.fullmatch(name.removesuffix(".svg")) or not name.endswith(".svg"):
        raise ValueError(f'"{name}" is not the name of a logo. Write a name in content/ such as logo.svg.')
    return name


def _parts(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # square brackets round something that is not an address of version 6
        return urlsplit("")


def _https_address(address: str) -> str:
    parts = _parts(address)
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc):
        raise ValueError(f'"{address}" is not a full address. Write https://, the host, and the path.')
    if not address.isascii() or re.search(r"[\s\"'<>\\^`{|}]", address) or parts.fragment:
        raise ValueError(f'"{address}" has a character that an address cannot have. Copy it again.')
    return address


def base_url(address: str) -> str:
    """The address if a site can have it: https, or http on this machine; a host, perhaps a folder; else ValueError."""
    parts = _parts(address)
    if parts.scheme != "http" or not _LOCAL_HOST.fullmatch(parts.netloc):
        _https_address(address)
    if parts.query or parts.fragment or not _FOLDERS.fullmatch(parts.path):
        raise ValueError(f'"{address}" must end with its host or a folder, without "/" behind it.')
    return address


def _form(title: str, pattern: str | None = None) -> Any:
    """How JSON Schemas and docs/reference.md describe a type; the validator beside it decides."""
    return Field(title=title, json_schema_extra={"pattern": f"^{pattern}$"} if pattern else None)


Text = Annotated[str, AfterValidator(_filled), _form("text")]
Figure = Annotated[int | Decimal | str, BeforeValidator(_figure), _form("number or text")]
Currency = Annotated[str, AfterValidator(_currency), _form("currency, as EUR", _CURRENCY.pattern)]
Day = Annotated[date, BeforeValidator(_day), _form("day, as 2027-04-01")]
Zone = Annotated[str, AfterValidator(_zone), _form("time zone, as Asia/Tokyo")]
LanguageCode = Annotated[str, AfterValidator(_language), _form("language code, as en", LANGUAGE.pattern)]
Host = Annotated[str, AfterValidator(_host), _form("host name, as ind.nl", _HOST.pattern)]
Address = Annotated[str, AfterValidator(_https_address), _form("https address", r"https://\S+")]
BaseUrl = Annotated[
    str, AfterValidator(base_url), _form("address without a slash at its end", r"https?://\S*[^/\s]")
]
Logo = Annotated[str, AfterValidator(_svg), _form("name of an SVG file", r"[a-z0-9-]+\.svg")]


class Fact(Record):
    """A figure that pages print by its name."""

    value: Figure = Field(description="The figure that pages print, in the form of their language.")
    currency: Currency | None = Field(None, description="The currency (ISO 4217) of a value that is money.")
    valid_from: Day = Field(description="The first day on which the figure holds.")
    source: Text = Field(description="Who says so, or where it is written.")
    checked: Day | None = Field(None, description="The last day on which someone looked it up at its source.")
    placeholder: bool = Field(
        False, description="`true` while nobody has confirmed the figure: `check` reports it."
    )

    @model_validator(mode="after")
    def _only_numbers_are_money(self) -> Fact:
        if self.currency and isinstance(self.value, str):
            raise ValueError(
                f'has the currency {self.currency} and the text "{self.value}". Write a number, or delete the currency.'
            )
        return self


class Contact(Record):
    """An address for each language, to which pages link by the contact's name."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[LanguageCode, Address]

    placeholder: bool = Field(
        False, description="`true` while nobody has confirmed the address: `check` reports it."
    )

    @property
    def addresses(self) -> Mapping[str, str]:
        """The address for each language that has one."""
        return self.__pydantic_extra__


class Security(Record):
    """Where to report a weakness: `/.well-known/security.txt`."""

    mode: Literal["file", "redirect"] = Field(
        description="`file`: the site has its own security.txt; `redirect`: another address has it."
    )
    contact: tuple[Text, ...] = Field(
        (),
        description="`file` only: `mailto:…`, `tel:…`, an https address or `contact:name`; the preferred one first.",
    )
    expires: Day | None = Field(
        None, description="`file` only: the file is valid until this day begins (UTC), at most a year ahead."
    )
    policy: Text | None = Field(
        None, description="`file` only: the page that explains how to report, as `report-vulnerability.md`."
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
        description="Who runs the site: on every page, in feeds and for search engines. A language without one gets the default language's."
    )
    base_url: BaseUrl = Field(description="The public address of the site, with its folder if it has one.")
    languages: tuple[LanguageCode, ...] = Field(
        min_length=1, description="The languages of the site. The first one is the default language."
    )
    time_zone: Zone = Field(
        description="The zone of every time without an offset, and of the days on which periods begin."
    )
    outbound_hosts: tuple[Host, ...] = Field(
        description="The hosts to which pages may link. The host of a conversation starter does not belong here."
    )
    contacts: Mapping[str, Contact] = Field(
        description="An https address per language, to which pages link by name: `[the IND](contact:ind)`. A language without one gets the default language's."
    )
    security: Security | None = Field(None, description="Where to report a weakness.")
    facts: Mapping[str, Fact] = Field(
        {}, description="Figures that hold for every programme, by name. A page prints one with `[[name]]`."
    )
    example: bool = Field(
        False,
        description="`true` while the state file and the dates are made up: pages say so in the footer, and `check` warns.",
    )
    logo: Logo | None = Field(None, description="The organisation's logo, an SVG file in `content/`.")

    @property
    def default_language(self) -> str:
        """The language that is shown where a page has no translation."""
        return self.languages[0]

    @property
    def zone(self) -> ZoneInfo:
        """The zone of every time without an offset, and of the days on which periods begin."""
        return ZoneInfo(self.time_zone)


class RegistrationPeriod(Record):
    """A period in which people can pre-register."""

    begins: Day = Field(description="The day on which pre-registration begins, in the site's time zone.")
    certainty: Literal["expected", "confirmed"] = Field(
        description="`confirmed` once the day is announced as certain; until then `expected`, and pages say so.",
        examples=["expected"],
    )
    source: Text = Field(description="Who says so, or where it is written.")
    reason: Mapping[LanguageCode, Text] = Field(
        {},
        description="One sentence beside an expected day: why it is expected, and what can still change. Without it, pages print the label `expected_reason`.",
    )


class Programme(Record):
    """One programme. The file's name is the programme's id."""

    scheme: Text = Field(description="The scheme to which the programme belongs, shown beside its name.")
    names: Mapping[LanguageCode, Text] = Field(description="The programme's name, in every language.")
    time_zone: Zone = Field(
        description="The programme's own time zone; notices give each time in it too, beside the site's."
    )
    time_zone_names: Mapping[LanguageCode, Text] = Field(
        description="What that zone's time is called, in every language: `time in Japan`.",
        examples=["…"],
    )
    conversation_starter: Mapping[LanguageCode, Address] = Field(
        description="The address that opens a request. No other file may have it. A language without one gets the default language's."
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
        description="The heading of the notice: it answers whether one can pre-register now. Where the moment of the opening is known, `upcoming` has the label `opens_at` or `opens_expected` instead."
    )


class PageMeta(Record):
    """A page."""

    title: Text = Field(description="The page's heading, and its name in menus if it has no `menu_title`.")
    menu_title: Text | None = Field(None, description="A shorter title for menus and the way back.")
    description: Text = Field(description="One sentence for search engines.")
    programme: Text | None = Field(
        None, description="The id of the programme that the page is about. The page gets its notice."
    )
    order: int | None = Field(
        None, description="The place in the main menu, the lowest first. A page without it is in the footer."
    )
    moved_from: tuple[Text, ...] = Field(
        (), description="Earlier names of the page, without `.md`. They hold in every language."
    )
    updated: Day = Field(description="The day of the last change that a reader should know of.")
