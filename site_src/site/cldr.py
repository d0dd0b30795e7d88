"""What CLDR knows of a language, asked through Babel: texts in, texts out.

Babel takes a tenth of a build's time to import and load, and its answers never change: `moments` keeps them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_timezone_location
from babel.numbers import format_currency, format_decimal


def number(locale: str, value: str) -> str:
    """The number in the language's form, with all its decimals."""
    return format_decimal(Decimal(value), locale=_parsed(locale), decimal_quantization=False)


def money(locale: str, amount: str) -> str:
    """The amount, such as `EUR 81.5`, in the language's form; a whole one without decimals."""
    currency, value = amount.split()
    whole = Decimal(value) == Decimal(value).to_integral_value()
    pattern = _parsed(locale).currency_formats["standard"].pattern
    return format_currency(
        Decimal(value),
        currency,
        format=pattern.replace(".00", "") if whole else pattern,
        locale=_parsed(locale),
        currency_digits=not whole,
    )


def long_day(locale: str, day: str) -> str:
    """The day (in ISO form) without its weekday."""
    return format_date(date.fromisoformat(day), "long", locale=_parsed(locale))


def full_day(locale: str, day: str) -> str:
    """The day (in ISO form) with its weekday."""
    return format_date(date.fromisoformat(day), "full", locale=_parsed(locale))


def city(locale: str, zone: str) -> str:
    """The time zone's city in the language, or in English where CLDR does not have it."""
    try:
        return get_timezone_location(zone, locale=_parsed(locale), return_city=True)
    except LookupError:
        return get_timezone_location(zone, locale="en", return_city=True)


def language_name(locale: str, code: str) -> str:
    """What the language calls the language `code`."""
    try:
        return Locale.parse(code, sep="-").get_display_name(_parsed(locale)) or code
    except UnknownLocaleError:
        return code


@cache
def _parsed(locale: str) -> Locale:
    return Locale.parse(locale, sep="-")
