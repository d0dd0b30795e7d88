"""Formats numbers, amounts, days, units, plurals and lists in a language, with CLDR data from Babel.

Arguments and results are texts, so `LocaleFormats` can store each result in the memo. Loading Babel takes a tenth of a
build, and its results never change.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Literal, cast

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_timedelta
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

# Languages that are written without spaces between words.
_WITHOUT_BLANKS = ("ja", "zh")


def number(locale: str, value: str) -> str:
    """Returns the number in the form of the language, with all its decimals."""
    return format_decimal(Decimal(value), locale=_parsed(locale), decimal_quantization=False)


def money(locale: str, amount: str) -> str:
    """Returns the amount, such as `EUR 81.5`, in the form of the language. A whole amount has no decimals."""
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


def plural(locale: str, count: str) -> str:
    """Returns the plural category (CLDR) of the whole number, such as `one` or `other`."""
    return _parsed(locale).plural_form(int(count))


def long_day(locale: str, day: str) -> str:
    """Returns the day (given in ISO form) in words, without the weekday."""
    return format_date(date.fromisoformat(day), "long", locale=_parsed(locale))


def full_day(locale: str, day: str) -> str:
    """Returns the day (given in ISO form) in words, with the weekday."""
    return format_date(date.fromisoformat(day), "full", locale=_parsed(locale))


def unit(locale: str, about: str) -> str:
    """Returns a number of days, hours or minutes in words: `3 hours` for `3 hour`."""
    count, name = about.split()
    # With a lower threshold, Babel would turn 30 days into a month.
    length = timedelta(**{f"{name}s": int(count)})
    granularity = cast("Literal['day', 'hour', 'minute']", name)
    text = format_timedelta(length, granularity, threshold=1e9, locale=_parsed(locale))
    return text.replace(" ", between_units(locale))


def between_units(locale: str, _: str = "") -> str:
    """Returns the text between a number and its unit, and between two units: a space, or "" in languages without spaces."""
    return "" if _parsed(locale).language in _WITHOUT_BLANKS else " "


def alternatives(locale: str, count: str) -> str:
    """Returns `count` placeholders, joined as alternatives in the language: `{0}, {1} or {2}`."""
    return format_list([f"{{{number}}}" for number in range(int(count))], style="or", locale=_parsed(locale))


def language_name(locale: str, code: str) -> str:
    """Returns the name of the language `code` in the language of `locale`, or `code` itself if CLDR does not know it."""
    try:
        return Locale.parse(code, sep="-").get_display_name(_parsed(locale)) or code
    except UnknownLocaleError:
        return code


@cache
def _parsed(locale: str) -> Locale:
    return Locale.parse(locale, sep="-")
