"""Checks the old addresses of pages (`moved_from`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from site_src.check.pages import YEAR_OF_CHANGES
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import PageSource
from site_src.read.values import SLUG

_LONGEST = 200  # a folder's name has at most 255 bytes


def moved_pages(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that an old address is well-formed, does not begin with a language, is not in use, and belongs to one page.

    The translations of that page may list the address too.
    """
    languages = manuscript.content.settings.languages
    # A page without an original was probably forgotten when its original was renamed. `default_language_first` reports it.
    pages = manuscript.content.pages
    present = {page.slug: page.path for page in pages if page.language == languages[0]}
    claims: dict[str, PageSource] = {}
    for page in pages:
        for number, old in enumerate(page.meta.moved_from):
            first = claims.setdefault(old, page)
            message = _explain_form(old, languages) or _explain_use(old, present)
            if not message and first.slug != page.slug:
                message = f'"{old}" is also in {first.path}, but an old address leads to only one page. Delete one of the two lines.'
            if not message and old in page.meta.moved_from[:number]:
                message = f'"{old}" is listed twice. Delete this line.'
            if message:
                at = ("moved_from", number)
                yield page.lines.problem(at, "moved-from", f"moved_from[{number + 1}]: {message}")


def _explain_form(old: str, languages: tuple[str, ...]) -> str:
    """Returns what is wrong with the form of an old address, or ""."""
    parts = old.split("/")
    if parts[-1] == "index" or not all(SLUG.fullmatch(part) for part in parts):
        return f'"{old}" is not a valid old address. Write it like guides/money: without the language, without ".md", and without "/" at the start or end.'
    if len(old) > _LONGEST:
        return f"has {len(old)} characters, but an old address may have at most {_LONGEST}. Correct it."
    if parts[0] in languages:
        cure = f'Write "{"/".join(parts[1:])}".' if parts[1:] else "Delete this line."
        return f'"{old}" begins with a language, but an old address is for all languages. {cure}'
    return ""


def _explain_use(old: str, present: Mapping[str, str]) -> str:
    """Returns which page has this address now, or ""."""
    if old in present:
        return f'"{old}" is now the address of {present[old]}. Delete this line, or rename that page.'
    if YEAR_OF_CHANGES.fullmatch(old):
        return f'"{old}" is the address of the page with the changes of that year. Delete this line.'
    return ""
