"""Checks of `moved_from`: the addresses that a page had before."""

from __future__ import annotations

from collections.abc import Iterator

from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import PageSource
from site_src.read.values import SLUG

_LONGEST = 200  # a folder's name has at most 255 bytes


def moved_pages(manuscript: Manuscript) -> Iterator[Problem]:
    """An old address is well-formed, has no language, is not in use, and is listed by one page (and its translations)."""
    pages = manuscript.content.pages
    languages = manuscript.content.settings.languages
    # A page without an original was probably forgotten in a renaming; `default_language_first` reports it.
    present = {page.slug: page.path for page in pages if page.language == languages[0]}
    claims: dict[str, PageSource] = {}
    for page in pages:
        for number, old in enumerate(page.meta.moved_from):
            first = claims.setdefault(old, page)
            if not _well_formed(old):
                message = f'"{old}" is not an old address. Write it without language, ".md" and outer "/": guides/money.'
            elif len(old) > _LONGEST:
                message = f"has {len(old)} characters, and no address that this site had has more than {_LONGEST}. Correct it."
            elif old.partition("/")[0] in languages:
                message = f'"{old}" begins with a language, and an old address holds in every language. Write "{old.partition("/")[2] or "…"}".'
            elif old in present:
                message = (
                    f'"{old}" is the address of {present[old]} now. Delete this line, or rename that page.'
                )
            elif first.slug != page.slug:
                message = (
                    f'"{old}" is in {first.path} too. An old address leads to one page: delete one of them.'
                )
            elif old in page.meta.moved_from[:number]:
                message = f'"{old}" is here twice. Keep one.'
            else:
                continue
            line = page.lines.line_of(("moved_from", number))
            yield Problem(page.path, line, f"moved_from[{number + 1}]: {message}", "moved-from")


def _well_formed(slug: str) -> bool:
    *_, last = parts = slug.split("/")
    return last != "index" and all(SLUG.fullmatch(part) for part in parts)
