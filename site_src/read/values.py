"""The types of values in input files: texts, numbers, days, languages, addresses, slugs.

Their messages say what to type instead of a wrong value.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from unicodedata import category, normalize
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from site_src.instants import parse_day
from site_src.read.text import explain_lookalikes, to_plain

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", re.ASCII)
_LOCAL_HOST = re.compile(r"(localhost|127\.0\.0\.1)(:[0-9]{1,5})?", re.ASCII)
_FOLDERS = re.compile(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)*", re.ASCII)
_DIGITS = re.compile(r"[0-9a-f]{12}", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", re.ASCII)
# Three decimals are ambiguous: many readers read 1.200 as more than a thousand.
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.([0-9]{1,2}|[0-9]{4,9})", re.ASCII)
_LIKE_A_NUMBER = re.compile(
    r"[\"']?(?:[€$£¥₩]|EUR|eur|euro|약|約)?\s*[-+~<>]?\s*[0-9].*",
    re.ASCII | re.DOTALL,
)
_WORDS_AFTER = re.compile(r"(?<=[0-9 ])(?!euro)[^\W\d_]{3,}.*")
_RANGE = re.compile(r"[0-9]\s*[-~]\s*[0-9]")
_FONT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*([ -][A-Za-z0-9]+)*", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
# Fillers of Hangul and the empty Braille pattern. Unicode counts them as letters and symbols.
_INVISIBLE_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
# Windows reserves these names for devices, so a checkout on Windows would not contain such a file.
_DEVICES = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
SLUG = re.compile(rf"(?!(?:{_DEVICES.pattern})$)[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
FACT_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)


def advise_name(stem: str, ending: str, example: str) -> str:
    """Suggests a name in place of one that is not a SLUG. Uses `example` if the name has no ASCII letter or digit."""
    plain = normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    if _DEVICES.fullmatch(plain):
        return f'Windows reserves the name "{plain}". Choose another name.'
    near = re.sub("[^a-z0-9]+", "-", plain).strip("-")
    return f'Use lower-case letters, digits and hyphens: "{near or example}{ending}".'


def _is_visible(character: str) -> bool:
    return category(character)[0] not in "CZ" and character not in _INVISIBLE_LETTERS


def _filled(text: str) -> str:
    if not any(map(_is_visible, text)):
        raise ValueError("is empty. Write some text.")
    if text != text.strip() or "\n" in text:
        raise ValueError("must be one line, without blanks before or after it.")
    if "\t" in text or "\r" in text:
        raise ValueError(
            'has a tab or a line break, perhaps from a "\\" in double quotes. Type "\\\\" for that character.'
        )
    return text


def matching(pattern: re.Pattern[str], refusal: str) -> AfterValidator:
    """Returns a validator that requires the whole text to match the pattern. Its message is the text in quotes, then `refusal`."""

    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f'"{text}" {refusal}')
        return text

    return AfterValidator(check)


def _figure(value: Any) -> Any:
    if type(value) is int:
        return value
    if type(value) is not str:
        raise ValueError(
            'must be a number or a text. For a figure that changes write "values:", and below it a "- value: …" with a "valid_from: …" for each.'
        )
    text = _filled(value)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    if _LIKE_A_NUMBER.fullmatch(to_plain(text)):
        words, is_range = _WORDS_AFTER.search(text), _RANGE.search(to_plain(text))
        more = (
            f' Write "{words[0]}" in the text of the pages.'
            if words
            else " A range is two facts."
            if is_range
            else ""
        )
        raise ValueError(
            f'"{text}" is a text, and would be printed the same in every language.{explain_lookalikes(text)} Write a number with digits only, without '
            f'quotes, and with a dot before decimals: 1200 or 12.5. For money add a line such as "currency: EUR".{more}'
        )
    return text


def _reviewer(text: str) -> str:
    if "your name" in text or "today's date" in text:
        raise ValueError(
            'has "your name" or "today\'s date" in it. Write who looked at the pictures, and when.'
        )
    return text


def _day(value: Any) -> Any:
    return parse_day(value) if isinstance(value, str) else value


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f'"{name}" is not a time zone. Write a name such as Europe/Amsterdam.') from None
    return name


def _svg(name: str) -> str:
    if not SLUG.fullmatch(name.removesuffix(".svg")) or not name.endswith(".svg"):
        raise ValueError(f'"{name}" is not the name of a logo. Write a name in content/ such as logo.svg.')
    return name


def _parts(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # square brackets around something that is not an IPv6 address
        return urlsplit("")


def _https_address(address: str) -> str:
    parts = _parts(address)
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc):
        raise ValueError(
            f'"{address}" is not a full address. Write https://, the host in lower-case letters without user or port, and the path.'
        )
    if not address.isascii() or re.search(r"[\s\"'<>\\^`{|}]", address) or parts.fragment:
        raise ValueError(f'"{address}" has a character that an address cannot have. Copy it again.')
    return address


def base_url(address: str) -> str:
    """Returns the address if it is valid for a site: https (or http on this machine), a host, an optional folder.

    Raises ValueError.
    """
    parts = _parts(address)
    if parts.scheme != "http" or not _LOCAL_HOST.fullmatch(parts.netloc):
        _https_address(address)
    if parts.query or parts.fragment or not _FOLDERS.fullmatch(parts.path):
        raise ValueError(
            f'"{address}" must consist of a host and, if needed, folders, such as https://example.org/site, without "/" at the end.'
        )
    return address


def _form(title: str, pattern: str | None = None) -> Any:
    """Returns the description of a type for JSON Schemas and docs/reference.md. The validator beside it does the check."""
    return Field(title=title, json_schema_extra={"pattern": f"^{pattern}$"} if pattern else None)


Text = Annotated[str, AfterValidator(_filled), _form("text")]
Reviewer = Annotated[str, AfterValidator(_filled), AfterValidator(_reviewer), _form("text")]
Figure = Annotated[int | Decimal | str, BeforeValidator(_figure), _form("number or text")]
Currency = Annotated[
    str,
    matching(_CURRENCY, "is not the code of a currency. Write three capital letters, such as EUR."),
    _form("currency, such as EUR", _CURRENCY.pattern),
]
Day = Annotated[date, BeforeValidator(_day), _form("day, such as 2027-04-01")]
Zone = Annotated[str, AfterValidator(_zone), _form("time zone, such as Asia/Tokyo")]
LanguageCode = Annotated[
    str,
    matching(LANGUAGE, "is not a language code. Write two letters, such as en or nl."),
    _form("language code, such as en", LANGUAGE.pattern),
]
Host = Annotated[
    str,
    matching(_HOST, "is not the name of a host. Write only the name, in lower case: ind.nl."),
    _form("host name, such as ind.nl", _HOST.pattern),
]
Address = Annotated[str, AfterValidator(_https_address), _form("https address", r"https://\S+")]
BaseUrl = Annotated[
    str, AfterValidator(base_url), _form("address without a slash at its end", r"https?://\S*[^/\s]")
]
Logo = Annotated[str, AfterValidator(_svg), _form("name of an SVG file", r"[a-z0-9-]+\.svg")]
FontName = Annotated[
    str,
    matching(
        _FONT_NAME,
        "is not the name of one font. Write its family name alone, in letters, digits, spaces and hyphens: RO Sans.",
    ),
    _form("family name of a font, such as RO Sans", _FONT_NAME.pattern),
]
Digits = Annotated[
    str,
    matching(_DIGITS, "is not 12 digits of 0-9 and a-f. Write those that check prints."),
    _form("12 hexadecimal digits", _DIGITS.pattern),
]
