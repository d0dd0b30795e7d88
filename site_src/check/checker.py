"""Applies the rules for a manuscript, which `CHECKS` lists.

To add a rule, write a function whose docstring says what it checks and why, and add it to `CHECKS`. A rule yields
problems and never changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice

from site_src.cache import Memo
from site_src.check.almost_tokens import almost_tokens, invisible_references
from site_src.check.bare_addresses import addresses_without_https, bare_addresses
from site_src.check.links import links
from site_src.check.moved_pages import moved_pages
from site_src.check.notices import MAX_MOMENTS, distinct_notices, few_moments, notices_with_text
from site_src.check.pages import (
    default_language_first,
    needed_pages,
    one_page_per_address,
    unknown_programmes,
)
from site_src.check.pictures import logo_checked, pictures_of_texts
from site_src.check.placeholders import example_data, placeholders, shared_contacts
from site_src.check.security import security
from site_src.check.starters import distinct_addresses, linkable_starters
from site_src.check.structure import body_structure, boxes, lost_texts
from site_src.check.tokens import tokens, tokens_in_words
from site_src.check.typed_addresses import typed_addresses
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
    notices_with_text,
    few_moments,
    example_data,
    placeholders,
    shared_contacts,
    moved_pages,
    security,
    logo_checked,
    pictures_of_texts,
)


class Checker:
    """Applies every rule. The memo stores slow results, so unchanged texts are not scanned again."""

    def __init__(self, memo: Memo) -> None:
        self._rules: tuple[Rule, ...] = (*CHECKS, partial(typed_addresses, memo=memo))

    def check(self, manuscript: Manuscript) -> list[Problem]:
        """Returns every problem that the rules find in the current texts and in the texts after each dated change."""
        zone = manuscript.content.settings.zone
        found: dict[Problem, Problem] = {}
        for moment, version in islice(manuscript.versions(), MAX_MOMENTS + 2):
            since = f" (From {moment.astimezone(zone):%Y-%m-%d %H:%M}.)" if moment else ""
            for rule in self._rules:
                for problem in rule(version):
                    found.setdefault(problem, replace(problem, message=f"{problem.message}{since}"))
        return list(found.values())
