"""Advice on numbers and amounts that were typed although a fact prints them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from site_src.check.advice.state_words import REMAINING
from site_src.check.advice.word_lists import LIMITS, NUMBER_WORDS, UNITS, primary
from site_src.check.advice.wording import ninety_days
from site_src.check.prose import passages
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import PageSource, TextSource

_NUMBER = r"(?<![0-9A-Za-z_.,:/€-])(?P<number>\d{1,3}(?:[.,\u00a0\u202f]\d{3})+|\d+)"
# A fast test: most passages contain no figure.
ANY_NUMBER = re.compile(
    rf"\d|\b(?:{'|'.join(word for words in NUMBER_WORDS.values() for word in words)})\b", re.IGNORECASE
)


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
        language = primary(source.language)
        figures = _figures(manuscript, source)
        patterns = {unit: _pattern(unit, language) for unit in {figure.unit for figure in figures}}
        for passage in passages(source):
            same: dict[tuple[int, str], list[_Figure]] = {}
            other: dict[tuple[int, str], list[_Figure]] = {}
            # `claims` gives advice on "90 days". A fact with the same value would be the wrong one.
            if not ANY_NUMBER.search(passage.text) or ninety_days(passage):
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
                yield source.warning(line, "typed-figure", _say_token(words, meant))


def _tells_remaining(text: str, language: str) -> bool:
    """Returns True if the text says how many places remain. `state_in_text` gives advice on such texts."""
    pattern = REMAINING.get(language)
    return bool(pattern and re.search(pattern, text, re.IGNORECASE))


def _say_token(words: str, meant: list[_Figure]) -> str:
    """Returns the message about a typed figure. If several facts match, the message lists them for the editor to choose."""
    known = " and ".join(f"{figure.token} is {figure.value}" for figure in meant)
    tokens = " or ".join(f"[[{figure.token}]]" for figure in meant)
    which = " Which one do you mean?" if len(meant) > 1 else ""
    return f'"{words}" is typed by hand, and {known}.{which} Write {tokens} instead of the number.'


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
    names = NUMBER_WORDS.get(language)
    number = rf"(?:{_NUMBER}|\b(?P<word>{'|'.join(names)}))" if names else _NUMBER
    before = "(?<![月월])(?<![月월] )" if unit == "days" else ""
    is_spaced = language in ("en", "nl")
    limit = rf"\b{LIMITS[language]}|(?<!\w)|\b" if is_spaced else LIMITS[language]
    return re.compile(rf"{before}(?P<limit>{limit}|){number}[\s-]*{words}", re.IGNORECASE)


def _value(match: re.Match[str], language: str) -> int:
    word = match.groupdict().get("word")
    return NUMBER_WORDS[language][word.lower()] if word else int(re.sub(r"\D", "", match["number"]))
