"""The rules that a manuscript must keep, each a function; `CHECKS` is the list of them.

To add a rule: write a function whose docstring says what it demands and why, and add it to the list. A rule
yields problems and never changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from site_src.check.destinations import bare_addresses, links
from site_src.check.moved import moved_pages
from site_src.check.pages import (
    default_language_first,
    needed_pages,
    one_page_per_address,
    unknown_programmes,
)
from site_src.check.security import security
from site_src.check.starters import distinct_addresses, placeholders, typed_addresses
from site_src.check.structure import body_structure, lost_texts
from site_src.check.texts import (
    almost_tokens,
    invisible_references,
    tokens,
    tokens_in_words,
)
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem

CHECKS: tuple[Callable[[Manuscript], Iterator[Problem]], ...] = (
    unknown_programmes,
    needed_pages,
    default_language_first,
    one_page_per_address,
    tokens,
    tokens_in_words,
    almost_tokens,
    links,
    bare_addresses,
    body_structure,
    lost_texts,
    invisible_references,
    typed_addresses,
    distinct_addresses,
    placeholders,
    moved_pages,
    security,
)


def check(manuscript: Manuscript) -> list[Problem]:
    """Every problem that the rules find."""
    return [problem for rule in CHECKS for problem in rule(manuscript)]
