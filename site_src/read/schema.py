"""The shape of every input file, as strict, frozen models: read this page to know what may be typed where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

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


Text = Annotated[str, AfterValidator(_filled)]
Figure = Annotated[int | Decimal | str, BeforeValidator(_figure)]
Currency = Annotated[str, AfterValidator(_currency)]
Day = Annotated[date, BeforeValidator(_day)]
Zone = Annotated[str, AfterValidator(_zone)]
LanguageCode = Annotated[str, AfterValidator(_language)]
Host = Annotated[str, AfterValidator(_host)]
Address = Annotated[str, AfterValidator(_https_address)]
BaseUrl = Annotated[str, AfterValidator(base_url)]


class Fact(Record):
    """A figure that pages print by its name, from when it holds, and who says so; with a `currency` (ISO 4217) it is money."""

    value: Figure
    currency: Currency | None = None
    valid_from: Day
    source: Text
    checked: Day | None = None

    @model_validator(mode="after")
    def _only_numbers_are_money(self) -> Fact:
        if self.currency and isinstance(self.value, str):
            raise ValueError(
                f'has the currency {self.currency} and the text "{self.value}". Write a number, or delete the currency.'
            )
        return self


class Security(Record):
    """Whom to tell of a weakness. `file`: our own security.txt; `redirect`: another place has it (see checks/security.py)."""

    mode: Literal["file", "redirect"]
    contact: tuple[Text, ...] = ()
    expires: Day | None = None
    policy: Text | None = None
    preferred_languages: tuple[LanguageCode, ...] = ()
    redirect_to: Address | None = None


class Settings(Record):
    """`content/site.yaml`. The first language is the default one; `facts` hold for every programme.

    `organisation` is who runs the site, as feeds and search engines are told; `logo` is its SVG file in `content/`.
    """

    title: Mapping[LanguageCode, Text]
    organisation: Mapping[LanguageCode, Text]
    base_url: BaseUrl
    languages: tuple[LanguageCode, ...] = Field(min_length=1)
    time_zone: Zone
    outbound_hosts: tuple[Host, ...]
    contacts: Mapping[str, Mapping[LanguageCode, Address]]
    security: Security | None = None
    facts: Mapping[str, Fact] = {}
    logo: Annotated[Text, AfterValidator(_svg)] | None = None

    @property
    def default_language(self) -> str:
        """The language that stands in where a page has no translation."""
        return self.languages[0]

    @property
    def zone(self) -> ZoneInfo:
        """The zone of every time without an offset, and of the days on which periods begin."""
        return ZoneInfo(self.time_zone)


class RegistrationPeriod(Record):
    """A day (in the site's time zone) on which pre-registration begins, and who says so."""

    begins: Day
    source: Text


class Programme(Record):
    """`content/programmes/<id>.yaml`: the only place of the conversation starter's address."""

    scheme: Text
    names: Mapping[LanguageCode, Text]
    time_zone: Zone
    conversation_starter: Mapping[LanguageCode, Address]
    facts: Mapping[str, Fact] = {}
    registration_periods: tuple[RegistrationPeriod, ...] = ()


class NoticeMeta(Record):
    """Front matter of a notice: a tag of a few words, and a heading."""

    label: Text
    title: Text


class PageMeta(Record):
    """Front matter of a page. A page with `order` stands in the main menu, one without it in the footer.

    `moved_from` are the slugs that the page had before, in every language.
    """

    title: Text
    description: Text
    programme: Text | None = None
    order: int | None = None
    moved_from: tuple[Text, ...] = ()
    updated: Day
