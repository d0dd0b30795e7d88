"""Checks which pages exist: needed pages, missing originals, one file for each address, old addresses (`moved_from`)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem, Rule, did_you_mean
from site_src.read.content import HOME, STATUS, PageSource
from site_src.read.settings import programme_id
from site_src.read.values import SLUG

# The pages of the archive, which the site makes from the quota log.
_YEAR_OF_CHANGES = re.compile(rf"{STATUS}/\d{{4}}", re.ASCII)
_LONGEST = 200  # a folder's name has at most 255 bytes


def unknown_programmes(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a page's `programme` is the id of a file in content/programmes/."""
    for page in manuscript.content.pages:
        name = page.meta.programme
        if name and name not in programme_names(manuscript):
            yield _about_key(
                page,
                "programme",
                f'"{name}" is not a programme.{did_you_mean(name, programme_names(manuscript))}',
                "unknown-programme",
            )
        elif name and page.slug in (HOME, STATUS):
            yield _about_key(
                page,
                "programme",
                "cannot be here: this page is about all programmes. Delete this line.",
                "unknown-programme",
            )


def needed_pages(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that the default language has index.md, status.md and a page for each programme, to which menus and cards link."""
    language = manuscript.content.settings.default_language
    for slug in (HOME, STATUS, *programme_names(manuscript)):
        path = f"content/{language}/{slug or 'index'}.md"
        page = manuscript.displayed(language, slug)
        if (
            page is None
            and path not in manuscript.content.unreadable
            and path not in {page.path for page in manuscript.content.pages}
        ):
            yield Problem(
                path,
                1,
                "is missing. Every site needs this page in the default language. Create it.",
                "needed-page",
            )
        elif page and slug in programme_names(manuscript) and page.meta.programme != slug:
            yield Problem(
                page.path,
                page.lines.first_line,
                f'programme: must be "{slug}", because the file is {slug}.md. Write "programme: {slug}".',
                "needed-page",
            )


def default_language_first(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that each page exists in the default language, with the same programme.

    The page in the default language is shown where a translation is missing.
    """
    default = manuscript.content.settings.default_language
    originals: dict[str, PageSource] = {}
    for page in manuscript.content.pages:
        if page.language == default:
            originals.setdefault(page.slug, page)
    # Another check reports a programme that does not exist, only on its page.
    unknown = {page.meta.programme for page in originals.values()} - {None, *programme_names(manuscript)}
    for page in manuscript.content.pages:
        original = originals.get(page.slug)
        expected = page.path.replace(f"content/{page.language}/", f"content/{default}/", 1)
        if original is None and page.slug in (HOME, STATUS, *programme_names(manuscript)):
            continue  # `needed_pages` reports this once
        if original is None and expected not in manuscript.content.unreadable:
            yield Problem(page.path, 1, _without_original(manuscript, page, expected), "default-language")
        elif original and original.meta.programme not in (page.meta.programme, *unknown):
            yield _about_key(
                page,
                "programme",
                f'differs from {original.path}. A page and its translation belong to the same programme. Copy the line "programme: …" from there; if there is none, delete this line.',
                "default-language",
            )


def _without_original(manuscript: Manuscript, page: PageSource, expected: str) -> str:
    """Returns the message about a page without an original. Usually the original was renamed and this file was not."""
    default, folder = manuscript.content.settings.default_language, f"content/{page.language}/"
    translated = {other.slug for other in manuscript.content.pages if other.language != default}
    originals = [other for other in manuscript.content.pages if other.language == default]
    renamed = [other for other in originals if page.slug in other.meta.moved_from]
    alone = [other for other in originals if other.slug not in translated]
    for original in renamed or (alone if len(alone) == 1 else ()):
        new = original.path.replace(f"content/{default}/", folder, 1)
        sure = "was renamed" if renamed else "may have been renamed"
        return f"has no page in the default language: {original.path} {sure}. Rename this file to {new}. If it is a new page, create {expected} too."
    return f"has no page in the default language. If {expected} was renamed, give this file the new name too. If this is a new page, create {expected} too."


def one_page_per_address(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no two files make the same page, and that no file takes the address of an archive page."""
    seen: dict[tuple[str, str], str] = {}
    for page in manuscript.content.pages:
        first = seen.setdefault((page.language, page.slug), page.path)
        if first != page.path:
            yield Problem(
                page.path,
                1,
                f"makes the same page as {first}: /{page.language}/{page.slug}/. Delete or rename one of the two files.",
                "same-page",
            )
        elif _YEAR_OF_CHANGES.fullmatch(page.slug):
            message = f"makes the page /{page.language}/{page.slug}/, where the site lists the changes of that year. Rename this file."
            yield Problem(page.path, 1, message, "same-page")


def programme_names(manuscript: Manuscript) -> list[str]:
    """Returns the ids of all programmes, including programmes whose file has problems."""
    unreadable = filter(None, map(programme_id, manuscript.content.unreadable))
    return sorted({*manuscript.content.programmes, *unreadable})


def _about_key(page: PageSource, key: str, message: str, rule: Rule) -> Problem:
    return Problem(page.path, page.lines.line_of((key,)), f"{key}: {message}", rule)


def moved_pages(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that an old address is well-formed, does not begin with a language, is not in use, and belongs to one page.

    The translations of that page may list the address too.
    """
    pages = manuscript.content.pages
    languages = manuscript.content.settings.languages
    # A page without an original was probably forgotten when its original was renamed. `default_language_first` reports it.
    present = {page.slug: page.path for page in pages if page.language == languages[0]}
    claims: dict[str, PageSource] = {}
    for page in pages:
        for number, old in enumerate(page.meta.moved_from):
            first = claims.setdefault(old, page)
            if not _well_formed(old):
                message = f'"{old}" is not a valid old address. Write it like guides/money: without the language, without ".md", and without "/" at the start or end.'
            elif len(old) > _LONGEST:
                message = (
                    f"has {len(old)} characters, but an old address may have at most {_LONGEST}. Correct it."
                )
            elif old.partition("/")[0] in languages:
                plain = old.partition("/")[2]
                cure = f'Write "{plain}".' if plain else "Delete this line."
                message = f'"{old}" begins with a language, but an old address is for all languages. {cure}'
            elif old in present:
                message = (
                    f'"{old}" is now the address of {present[old]}. Delete this line, or rename that page.'
                )
            elif _YEAR_OF_CHANGES.fullmatch(old):
                message = (
                    f'"{old}" is the address of the page with the changes of that year. Delete this line.'
                )
            elif first.slug != page.slug:
                message = f'"{old}" is also in {first.path}, but an old address leads to only one page. Delete one of the two lines.'
            elif old in page.meta.moved_from[:number]:
                message = f'"{old}" is listed twice. Delete this line.'
            else:
                continue
            line = page.lines.line_of(("moved_from", number))
            yield Problem(page.path, line, f"moved_from[{number + 1}]: {message}", "moved-from")


def _well_formed(slug: str) -> bool:
    *_, last = parts = slug.split("/")
    return last != "index" and all(SLUG.fullmatch(part) for part in parts)
