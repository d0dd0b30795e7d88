"""Advice on outdated content: translations older than the original, facts not checked for a year, past periods and blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from site_src.convert.manuscript import Manuscript
from site_src.frozen import dataclass
from site_src.problems import Problem
from site_src.read.content import Content, PageSource, TextSource
from site_src.read.input_keys import Fact
from site_src.read.settings import PROGRAMMES, SETTINGS_FILE

CHECKED_WITHIN = timedelta(days=366)


class Translation(StrEnum):
    """The status of a page in one language. A page is `UNREADABLE` if its file has errors, which other rules report."""

    COMPLETE = "complete"
    OLDER = "older"
    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Translated:
    """A page in one language. `path` is the path of its file, even if the file does not exist."""

    path: str
    language: str
    status: Translation
    updated: date | None


def translations(manuscript: Manuscript) -> Mapping[str, tuple[Translated, ...]]:
    """Maps the slug of each page in the default language to the page in every language, in the order of the settings."""
    content = manuscript.content
    pages: dict[tuple[str, str], PageSource] = {(page.language, page.slug): page for page in content.pages}
    default, *_ = content.settings.languages
    originals = [page for page in content.pages if page.language == default]
    return {
        original.slug: tuple(
            _translated(content, original, pages.get((language, original.slug)), language)
            for language in content.settings.languages
        )
        for original in sorted(originals, key=lambda page: page.slug)
    }


def _translated(content: Content, original: PageSource, page: PageSource | None, language: str) -> Translated:
    path = original.path.replace(f"content/{original.language}/", f"content/{language}/", 1)
    if path in content.unreadable:
        return Translated(path, language, Translation.UNREADABLE, None)
    if page is None:
        return Translated(path, language, Translation.MISSING, None)
    older = page.meta.updated < original.meta.updated
    return Translated(
        page.path, language, Translation.OLDER if older else Translation.COMPLETE, page.meta.updated
    )


def stale_translations(manuscript: Manuscript, today: date) -> Iterator[Problem]:
    """Checks that each page exists in every language, and that no translation is older than its original.

    Otherwise, readers of different languages get different information.
    """
    content = manuscript.content
    lines = {page.path: page.lines.line_of(("updated",)) for page in content.pages}
    default = content.settings.default_language
    originals = {page.slug for page in content.pages if page.language == default}
    # A translation without an original was probably forgotten when the original was renamed, so its language may lack no
    # page. Another check reports it.
    renaming = {page.language for page in content.pages if page.slug not in originals}
    for in_languages in translations(manuscript).values():
        original = in_languages[0]
        missing = [
            page
            for page in in_languages
            if page.status is Translation.MISSING and page.language not in renaming
        ]
        if missing:
            languages = ", ".join(page.language for page in missing)
            message = f"is missing in {languages}, where readers get this page instead, with a line that says so. Create {missing[0].path}."
            yield Problem(original.path, 1, message, "translation-missing", "warning")
        for page in in_languages:
            # Another rule reports an original whose date is in the future.
            if page.status is Translation.OLDER and original.updated and original.updated <= today:
                message = f"updated: {page.updated} is earlier than in {original.path} ({original.updated}). Compare the texts, then write today's date here."
                yield Problem(page.path, lines[page.path], message, "translation-older", "warning")


def facts_not_checked(manuscript: Manuscript, today: date) -> Iterator[Problem]:
    """Checks that a fact's `checked` date is at most a year ago, because an outdated figure misleads every reader."""
    for path, facts in _facts(manuscript):
        for name, fact in facts.items():
            if fact.checked and today - fact.checked > CHECKED_WITHIN:
                line = manuscript.content.documents[path].line_of(("facts", name, "checked"))
                message = f"facts.{name}.checked: {fact.checked} is more than a year ago. Look the fact up ({fact.source}), then write today's date here."
                yield Problem(path, line, message, "fact-checked", "warning")


def periods_past(manuscript: Manuscript, today: date) -> Iterator[Problem]:
    """Checks that the last registration period of a programme has not begun. Otherwise, notices say that no date is known."""
    for id, programme in manuscript.content.programmes.items():
        periods = programme.registration_periods
        if periods and all(period.begins <= today for period in periods):
            path = f"{PROGRAMMES}/{id}.yaml"
            line = manuscript.content.documents[path].line_of(("registration_periods",))
            message = "registration_periods: all periods are in the past, so notices say that the next date is not known. If you know the next period, add it."
            yield Problem(path, line, message, "periods-past", "warning")


def changed_in_future(manuscript: Manuscript, today: date) -> Iterator[Problem]:
    """Checks that a page's `updated` is not in the future, because it is printed, and translations are compared with it."""
    for page in manuscript.content.pages:
        if page.meta.updated > today:
            message = f"updated: {page.meta.updated} is in the future. Write the day of the last change here."
            line = page.lines.line_of(("updated",))
            yield Problem(page.path, line, message, "updated-ahead", "warning")


def _facts(manuscript: Manuscript) -> Iterator[tuple[str, Mapping[str, Fact]]]:
    yield SETTINGS_FILE, manuscript.content.settings.facts
    for id, programme in manuscript.content.programmes.items():
        yield f"{PROGRAMMES}/{id}.yaml", programme.facts


def blocks_past(manuscript: Manuscript, today: date) -> Iterator[Problem]:
    """Checks that no dated block's moment is before today. Such a block no longer changes anything, and makes the file harder
    to read.
    """
    zone = manuscript.content.settings.zone
    for text in manuscript.content.texts:
        for block in text.blocks:
            if block.moment.astimezone(zone).date() < today:
                cure = (
                    'and the block stays hidden. Delete the block, including its closing ":::".'
                    if block.is_until
                    else 'and the block is always shown. Delete this line and the ":::" below the block.'
                )
                line = text.body_line + block.opened
                yield Problem(text.path, line, f"{block.typed}: has passed, {cure}", "dated-past", "warning")


def dates_of_translations(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a translation has dated blocks with the same moments as the original, so that all languages agree."""
    originals = {_name(text): text for text in _texts_in(manuscript.content, is_default=True)}
    for text in _texts_in(manuscript.content, is_default=False):
        original = originals.get(_name(text))
        if original is None or _moments(text) == _moments(original):
            continue
        for one, other in ((text, original), (original, text)):
            lacking = Counter(_moments(one)) - Counter(_moments(other))
            for block in one.blocks:
                if (block.is_until, block.moment) in lacking:
                    message = f"{other.path} has no block with this moment, so readers of the two languages get different information. Put the same part of that file into a block with this moment."
                    line = one.body_line + block.opened
                    yield Problem(one.path, line, f"{block.typed}: {message}", "dated-translation", "warning")


def _texts_in(content: Content, is_default: bool) -> Iterator[TextSource]:
    """Yields the texts in the default language if `is_default`, else the texts in all other languages."""
    folder = f"content/{content.settings.default_language}/"
    return (text for text in content.texts if text.path.startswith(folder) == is_default)


def _name(text: TextSource) -> str:
    """Returns the text's path relative to the folder of its language."""
    return text.path.split("/", 2)[2]


def _moments(text: TextSource) -> list[tuple[bool, datetime]]:
    return sorted((block.is_until, block.moment) for block in text.blocks)
