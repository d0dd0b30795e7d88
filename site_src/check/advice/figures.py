"""Advice on numbers, amounts and days that were typed although a fact or the notice prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from babel import Locale
from babel.dates import get_month_names

from site_src.check.advice.word_lists import LIMITS, NUMBER_WORDS, REMAINING, UNITS, primary
from site_src.check.advice.wording import ninety_days
from site_src.check.prose import passages
from site_src.convert.manuscript import Manuscript
from site_src.frozen import dataclass
from site_src.problems import Problem
from site_src.read.content import NoticeSource, PageSource, TextSource
from site_src.read.text import to_plain

_NUMBER = r"(?<![0-9A-Za-z_.,:/€-])(?P<number>\d{1,3}(?:[.,\u00a0\u202f]\d{3})+|\d+)"
# A fast test: most passages contain no figure.
_ANY_NUMBER = re.compile(
    rf"\d|\b(?:{'|'.join(word for words in NUMBER_WORDS.values() for word in words)})\b", re.IGNORECASE
)
_ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
_DAY_OF_EAST = re.compile(r"(?:(?P<year>\d{4})[年년]\s*)?(?P<month>\d{1,2})[月월]\s*(?P<day>\d{1,2})[日일]")


@dataclass(frozen=True, slots=True)
class _Figure:
    """A fact that is a number: the token that prints it, its value, and its unit."""

    token: str
    value: int
    unit: str


def typed_figures(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that texts use a fact's token instead of typing its number, so that a change of the fact reaches every page.

    Any number of places counts as a fact. Other numbers are recognised by their value and the unit after them.
    """
    for source in manuscript.content.texts:
        language = primary(source.path.split("/")[1])
        figures = _figures(manuscript, source)
        patterns = {unit: _pattern(unit, language) for unit in {figure.unit for figure in figures}}
        for passage in passages(source):
            same: dict[tuple[int, str], list[_Figure]] = {}
            other: dict[tuple[int, str], list[_Figure]] = {}
            # `claims` gives advice on "90 days". A fact with the same value would be the wrong one.
            if not _ANY_NUMBER.search(passage.text) or ninety_days(passage):
                continue
            for figure in figures:
                pattern = patterns[figure.unit]
                for match in pattern.finditer(passage.text) if pattern else ():
                    value = _value(match, language)
                    place = passage.line_at(match.start()), " ".join(match[0].split())
                    if value == figure.value and (value > 1 or match["limit"]):
                        same.setdefault(place, []).append(figure)
                    elif figure.unit == "places" and value > 1:
                        other.setdefault(place, []).append(figure)
            if other and _tells_remaining(passage.text, language):
                other = {}
            for (line, words), meant in {**other, **same}.items():
                yield Problem(source.path, line, _say_token(words, meant), "typed-figure", "warning")


def _tells_remaining(text: str, language: str) -> bool:
    """Returns True if the text says how many places remain. `state_in_text` gives advice on such texts."""
    pattern = REMAINING.get(language)
    return bool(pattern and re.search(pattern, text, re.IGNORECASE))


def _say_token(words: str, meant: list[_Figure]) -> str:
    """Returns the message about a typed figure. If several facts match, the message lists them for the editor to choose."""
    known = " and ".join(f"{figure.token} is {figure.value}" for figure in meant)
    if len(meant) == 1:
        return f'"{words}" is typed by hand, and {known}. Write [[{meant[0].token}]] instead of the number.'
    tokens = " or ".join(f"[[{figure.token}]]" for figure in meant)
    return f'"{words}" is typed by hand, and {known}. Which one do you mean? Write {tokens} instead of the number.'


def typed_days(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no text names the day on which a registration period begins, because the notice prints the next such day."""
    begins = {
        period.begins
        for programme in manuscript.content.programmes.values()
        for period in programme.registration_periods
    }
    yearly = {(day.month, day.day) for day in begins}
    for source in manuscript.content.texts:
        language = source.path.split("/")[1]
        labels = manuscript.content.labels.get(language)
        months = _month_names(labels.locale) if labels else {}
        patterns = (_ISO_DAY, _DAY_OF_EAST, *_named_days(months))
        for passage in passages(source):
            if to_plain(passage.text).startswith(":::"):
                continue  # the line of a dated block, which another rule checks
            for pattern in patterns if _ANY_NUMBER.search(passage.text) else ():
                for match in pattern.finditer(passage.text):
                    named = match["month"].casefold()
                    month = months.get(named) or int(named)
                    day, year = int(match["day"]), match["year"]
                    if (date_of(year, month, day) in begins) if year else ((month, day) in yearly):
                        cure = (
                            "Delete it: the site prints the next date below each notice."
                            if isinstance(source, NoticeSource)
                            else "Delete it: the notice names the next date."
                        )
                        message = f'"{" ".join(match[0].split())}" is a day on which a registration period begins. {cure}'
                        line = passage.line_at(match.start())
                        yield Problem(source.path, line, message, "typed-date", "warning")


def date_of(year: str, month: int, day: int) -> date | None:
    """Returns the date, or None if the calendar has no such day."""
    try:
        return date(int(year), month, day)
    except ValueError:
        return None


def _figures(manuscript: Manuscript, source: TextSource) -> list[_Figure]:
    """Returns the facts that are numbers with a known unit. Each has the token with which this text can print it."""
    content = manuscript.content
    own = source.meta.programme if isinstance(source, PageSource) else None
    found = dict[str, int | Decimal | str]()
    if own and own in content.programmes:
        found |= {name: fact.figure for name, fact in content.programmes[own].facts.items()}
    found |= {name: fact.figure for name, fact in content.settings.facts.items()}
    for id, programme in content.programmes.items():
        found |= {f"{id}.{name}": fact.figure for name, fact in programme.facts.items() if name not in found}
    return [
        _Figure(token, value, unit)
        for token, value in found.items()
        if isinstance(value, int) and (unit := _unit(token.rpartition(".")[2]))
    ]


def _unit(name: str) -> str | None:
    """Returns the first unit in a fact's name, such as `places` in `places_per_year`, or None if the name contains no unit."""
    for word in name.split("_"):
        for unit in UNITS:
            if word in (unit, unit.removesuffix("s")):
                return unit
    return None


def _pattern(unit: str, language: str) -> re.Pattern[str] | None:
    words = UNITS[unit].get(language)
    if words is None:
        return None
    number = _NUMBER
    if names := NUMBER_WORDS.get(language):
        number = rf"(?:{_NUMBER}|\b(?P<word>{'|'.join(names)}))"
    before = "(?<![月월])(?<![月월] )" if unit == "days" else ""
    limit = (
        rf"(?P<limit>\b{LIMITS[language]}|(?<!\w)|\b|)"
        if language in ("en", "nl")
        else f"(?P<limit>{LIMITS[language]}|)"
    )
    return re.compile(rf"{before}{limit}{number}[\s-]*{words}", re.IGNORECASE)


def _value(match: re.Match[str], language: str) -> int:
    word = match.groupdict().get("word")
    return NUMBER_WORDS[language][word.lower()] if word else int(re.sub(r"\D", "", match["number"]))


def _month_names(locale: str) -> Mapping[str, int]:
    """Maps the CLDR name of each month in the locale, in lower case, to its number. Leaves out names that contain digits."""
    names = get_month_names("wide", locale=Locale.parse(locale, sep="-"))
    return {name.casefold(): number for number, name in names.items() if name.isalpha()}


def _named_days(months: Mapping[str, int]) -> tuple[re.Pattern[str], ...]:
    if not months:
        return ()
    names = "|".join(months)
    return (
        re.compile(
            rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?P<month>{names})\b(?:\s+(?P<year>\d{{4}}))?",
            re.IGNORECASE,
        ),
        re.compile(
            rf"\b(?P<month>{names})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}}))?",
            re.IGNORECASE,
        ),
    )
