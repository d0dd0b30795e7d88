"""Compares the pages and notices of each language with those of the default language: missing, older, other dated blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import Content, PageSource, TextSource


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
    pages = {(page.language, page.slug): page for page in content.pages}
    originals = [page for page in content.pages if page.language == content.settings.default_language]
    return {
        original.slug: tuple(
            _translated(content, original, pages.get((language, original.slug)), language)
            for language in content.settings.languages
        )
        for original in sorted(originals, key=lambda page: page.slug)
    }


def _translated(content: Content, original: PageSource, page: PageSource | None, language: str) -> Translated:
    path = original.path_in(language)
    if path in content.unreadable:
        return Translated(path, language, Translation.UNREADABLE, None)
    if page is None:
        return Translated(path, language, Translation.MISSING, None)
    status = Translation.OLDER if page.meta.updated < original.meta.updated else Translation.COMPLETE
    return Translated(page.path, language, status, page.meta.updated)


def stale_translations(manuscript: Manuscript, today: date) -> Iterator[Problem]:
    """Checks that each page exists in every language, and that no translation is older than its original.

    Otherwise, readers of different languages get different information.
    """
    content = manuscript.content
    files = {page.path: page.lines for page in content.pages}
    # A translation without an original was probably forgotten when the original was renamed, so its language may lack no
    # page. Another check reports it.
    originals = translations(manuscript)
    renaming = {page.language for page in content.pages if page.slug not in originals}
    for original, *others in originals.values():
        missing = [
            page for page in others if page.status is Translation.MISSING and page.language not in renaming
        ]
        if missing:
            languages = ", ".join(page.language for page in missing)
            message = f"is missing in {languages}, where readers get this page instead, with a line that says so. Create {missing[0].path}."
            yield Problem(original.path, 1, message, "translation-missing", "warning")
        for page in others:
            # Another rule reports an original whose date is in the future.
            if page.status is Translation.OLDER and original.updated and original.updated <= today:
                message = f"updated: {page.updated} is earlier than in {original.path} ({original.updated}). Compare the texts, then write today's date here."
                yield files[page.path].problem(("updated",), "translation-older", message, "warning")


def dates_of_translations(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a translation has dated blocks with the same moments as the original, so that all languages agree."""
    default = manuscript.content.settings.default_language
    texts = {text.path: text for text in manuscript.content.texts}
    for text in texts.values():
        original = texts.get(text.path_in(default))
        if original is None or _moments(text) == _moments(original):
            continue
        for one, other in ((text, original), (original, text)):
            lacking = Counter(_moments(one)) - Counter(_moments(other))
            for block in one.blocks:
                if (block.is_until, block.moment) in lacking:
                    message = f"{other.path} has no block with this moment, so readers of the two languages get different information. Put the same part of that file into a block with this moment."
                    yield one.about_block(block, "dated-translation", message, "warning")


def _moments(text: TextSource) -> list[tuple[bool, datetime]]:
    return sorted((block.is_until, block.moment) for block in text.blocks)
