"""Advice on days that were typed although the notice prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from babel import Locale
from babel.dates import get_month_names

from site_src.check.advice.figures import ANY_NUMBER
from site_src.check.prose import Passage, passages
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import NoticeSource, TextSource
from site_src.read.text import to_plain

_ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
_DAY_OF_EAST = re.compile(r"(?:(?P<year>\d{4})[年년]\s*)?(?P<month>\d{1,2})[月월]\s*(?P<day>\d{1,2})[日일]")


def typed_days(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no text names the day on which a registration period begins, because the notice prints the next such day."""
    programmes = manuscript.content.programmes.values()
    days = [period.begins for programme in programmes for period in programme.registration_periods]
    begins = {(day.year, day.month, day.day) for day in days} | {(None, day.month, day.day) for day in days}
    for source in manuscript.content.texts:
        labels = manuscript.content.labels.get(source.language)
        months = _month_names(labels.locale) if labels else {}
        patterns = (_ISO_DAY, _DAY_OF_EAST, *_named_days(months))
        for passage in passages(source):
            if to_plain(passage.text).startswith(":::"):
                continue  # the line of a dated block, which another rule checks
            for pattern in patterns if ANY_NUMBER.search(passage.text) else ():
                for match in pattern.finditer(passage.text):
                    year, month = match["year"], match["month"].casefold()
                    numbers = year and int(year), months.get(month) or int(month), int(match["day"])
                    if numbers in begins:
                        yield _warn(source, passage, match)


def _warn(source: TextSource, passage: Passage, day: re.Match[str]) -> Problem:
    prints = "the site prints the next date below each notice"
    prints = prints if isinstance(source, NoticeSource) else "the notice names the next date"
    message = (
        f'"{" ".join(day[0].split())}" is a day on which a registration period begins. Delete it: {prints}.'
    )
    return source.warning(passage.line_at(day.start()), "typed-date", message)


def _month_names(locale: str) -> Mapping[str, int]:
    """Maps the CLDR name of each month in the locale, in lower case, to its number. Leaves out names that contain digits."""
    names = get_month_names("wide", locale=Locale.parse(locale, sep="-"))
    return {name.casefold(): number for number, name in names.items() if name.isalpha()}


def _named_days(months: Mapping[str, int]) -> list[re.Pattern[str]]:
    month = rf"(?P<month>{'|'.join(months)})"
    forms = (
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+{month}\b(?:\s+(?P<year>\d{{4}}))?",
        rf"\b{month}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}}))?",
    )
    return [re.compile(form, re.IGNORECASE) for form in forms] if months else []
