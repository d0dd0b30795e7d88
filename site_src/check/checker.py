"""Applies the rules for a manuscript; each is a function, and `CHECKS` is the list of them.

To add a rule, write a function whose docstring says what it requires and why, and add it to the list. A rule
yields problems and never changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from site_src.cache import Memo
from site_src.check.boxes import boxes
from site_src.check.destinations import bare_addresses, links
from site_src.check.logo import logo_checked
from site_src.check.moved import moved_pages
from site_src.check.notices import distinct_notices
from site_src.check.pages import (
    default_language_first,
    needed_pages,
    one_page_per_address,
    unknown_programmes,
)
from site_src.check.placeholders import example_data, placeholders, shared_contacts
from site_src.check.security import security
from site_src.check.starters import distinct_addresses, linkable_starters, typed_addresses
from site_src.check.structure import body_structure, lost_texts
from site_src.check.texts import (
    almost_tokens,
    invisible_references,
    tokens,
    tokens_in_words,
)
from site_src.check.without_https import addresses_without_https
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem

Rule = Callable[[Manuscript], Iterator[Problem]]
CHECKS: tuple[Rule, ...] = (
    unknown_programmes,
    needed_pages,
    default_language_first,
    one_page_per_address,
    tokens,
    tokens_in_words,
    almost_tokens,
    links,
    bare_addresses,
    addresses_without_https,
    body_structure,
    lost_texts,
    boxes,
    invisible_references,
    distinct_addresses,
    linkable_starters,
    distinct_notices,
    example_data,
    placeholders,
    shared_contacts,
    moved_pages,
    security,
    logo_checked,
)


class Checker:
    """Applies every rule; the memo keeps slow results for unchanged texts."""

    def __init__(self, memo: Memo) -> None:
        self._rules: tuple[Rule, ...] = (*CHECKS, partial(typed_addresses, memo=memo))

    def check(self, manuscript: Manuscript) -> list[Problem]:
        """Every problem that the rules find."""
        return [problem for rule in self._rules for problem in rule(manuscript)]
