"""Checks which pages exist: needed pages, missing originals, one file for each address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem, did_you_mean
from site_src.read.content import HOME, STATUS, PageSource
from site_src.read.settings import programme_id

# The pages of the archive, which the site makes from the quota log.
YEAR_OF_CHANGES = re.compile(rf"{STATUS}/\d{{4}}", re.ASCII)


def unknown_programmes(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a page's `programme` is the id of a file in content/programmes/."""
    known = programme_names(manuscript)
    for page in manuscript.content.pages:
        name = page.meta.programme
        if name and name not in known:
            message = f'"{name}" is not a programme.{did_you_mean(name, known)}'
        elif name and page.slug in (HOME, STATUS):
            message = "cannot be here: this page is about all programmes. Delete this line."
        else:
            continue
        yield page.lines.problem(("programme",), "unknown-programme", f"programme: {message}")


def needed_pages(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that the default language has index.md, status.md and a page for each programme, to which menus and cards link."""
    content, programmes = manuscript.content, programme_names(manuscript)
    present = content.unreadable | {page.path for page in content.pages}
    for slug in (HOME, STATUS, *programmes):
        path = f"content/{content.settings.default_language}/{slug or 'index'}.md"
        page = manuscript.displayed(content.settings.default_language, slug)
        if page is None and path not in present:
            message = "is missing. Every site needs this page in the default language. Create it."
            yield Problem(path, 1, message, "needed-page")
        elif page and slug in programmes and page.meta.programme != slug:
            message = (
                f'programme: must be "{slug}", because the file is {slug}.md. Write "programme: {slug}".'
            )
            yield page.problem(page.lines.first_line, "needed-page", message)


def default_language_first(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that each page exists in the default language, with the same programme.

    The page in the default language is shown where a translation is missing.
    """
    default = manuscript.content.settings.default_language
    originals: dict[str, PageSource] = {}
    for page in manuscript.content.pages:
        if page.language == default:
            originals.setdefault(page.slug, page)
    # Other rules report a programme that does not exist, only on its page, and each missing page that every site needs.
    unknown = {page.meta.programme for page in originals.values()} - {None, *programme_names(manuscript)}
    needed = (HOME, STATUS, *programme_names(manuscript))
    for page in manuscript.content.pages:
        original, expected = originals.get(page.slug), page.path_in(default)
        if original is None and page.slug not in needed and expected not in manuscript.content.unreadable:
            yield page.problem(1, "default-language", _without_original(manuscript, page, expected))
        elif original and original.meta.programme not in (page.meta.programme, *unknown):
            message = f'programme: differs from {original.path}. A page and its translation belong to the same programme. Copy the line "programme: …" from there; if there is none, delete this line.'
            yield page.lines.problem(("programme",), "default-language", message)


def _without_original(manuscript: Manuscript, page: PageSource, expected: str) -> str:
    """Returns the message about a page without an original. Usually the original was renamed and this file was not."""
    default = manuscript.content.settings.default_language
    translated = {other.slug for other in manuscript.content.pages if other.language != default}
    originals = [other for other in manuscript.content.pages if other.language == default]
    renamed = [other for other in originals if page.slug in other.meta.moved_from]
    alone = [other for other in originals if other.slug not in translated]
    for original in renamed or (alone if len(alone) == 1 else ()):
        sure = "was renamed" if renamed else "may have been renamed"
        return f"has no page in the default language: {original.path} {sure}. Rename this file to {original.path_in(page.language)}. If it is a new page, create {expected} too."
    return f"has no page in the default language. If {expected} was renamed, give this file the new name too. If this is a new page, create {expected} too."


def one_page_per_address(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no two files make the same page, and that no file takes the address of an archive page."""
    seen: dict[tuple[str, str], str] = {}
    for page in manuscript.content.pages:
        first, address = (
            seen.setdefault((page.language, page.slug), page.path),
            f"/{page.language}/{page.slug}/",
        )
        if first != page.path:
            message = f"makes the same page as {first}: {address}. Delete or rename one of the two files."
            yield page.problem(1, "same-page", message)
        elif YEAR_OF_CHANGES.fullmatch(page.slug):
            message = (
                f"makes the page {address}, where the site lists the changes of that year. Rename this file."
            )
            yield page.problem(1, "same-page", message)


def programme_names(manuscript: Manuscript) -> list[str]:
    """Returns the ids of all programmes, including programmes whose file has problems."""
    unreadable = filter(None, map(programme_id, manuscript.content.unreadable))
    return sorted({*manuscript.content.programmes, *unreadable})
