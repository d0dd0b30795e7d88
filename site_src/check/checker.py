"""Applies the rules for a manuscript, which `CHECKS` and `CHECKS_OF_ONE_TEXT` list.

To add a rule, write a function whose docstring says what it checks and why, and add it to one of the two. A rule yields
problems and never changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice

from site_src.cache import Memo, digest
from site_src.check.almost_tokens import almost_tokens, invisible_references
from site_src.check.bare_addresses import addresses_on_pages, addresses_without_https, bare_addresses
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
from site_src.problems import Problem, has_errors
from site_src.read.content import PageSource, TextSource

Rule = Callable[[Manuscript], Iterator[Problem]]
# The problems that these rules find in a text depend only on that text, its original, and the files that are not texts.
CHECKS_OF_ONE_TEXT: tuple[Rule, ...] = (
    tokens,
    tokens_in_words,
    almost_tokens,
    bare_addresses,
    addresses_on_pages,
    addresses_without_https,
    body_structure,
    lost_texts,
    boxes,
    invisible_references,
    notices_with_text,
    pictures_of_texts,
)
# These rules compare texts with each other, or look only at other files.
CHECKS: tuple[Rule, ...] = (
    unknown_programmes,
    needed_pages,
    default_language_first,
    one_page_per_address,
    links,
    distinct_addresses,
    linkable_starters,
    distinct_notices,
    few_moments,
    example_data,
    placeholders,
    shared_contacts,
    moved_pages,
    security,
    logo_checked,
)


class Checker:
    """Applies every rule. The memo stores which texts have no problem, so unchanged texts are not checked again."""

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._of_one_text: tuple[Rule, ...] = (*CHECKS_OF_ONE_TEXT, partial(typed_addresses, memo=memo))

    def check(self, manuscript: Manuscript) -> list[Problem]:
        """Returns every problem that the rules find in the current texts and in the texts after each dated change."""
        return self._check(manuscript, ())

    def check_changed(self, manuscript: Manuscript, run: str, files: Mapping[str, str]) -> list[Problem]:
        """Returns the result of `check`, but applies the rules for one text only to new and changed texts and to texts with problems.

        `files` maps the path of each file of the content to its digest. Call this method only if every file could be read.
        `run` is a digest of everything else that may change the result, such as the code.
        """
        texts = _name_texts(manuscript, files)
        others = (f"{path} {data}" for path, data in sorted(files.items()) if path not in texts)
        key = digest("texts without problems", run, *others)
        known = frozenset(self._memo.find(key) or ())
        found = self._check(manuscript, [path for path, name in texts.items() if name in known])
        # After an error, a text may not be checked completely: moments beyond the limit of `few_moments` are skipped.
        if not has_errors(found):
            with_problems = {problem.path for problem in found}
            self._memo.keep(key, [name for path, name in texts.items() if path not in with_problems])
        return found

    def _check(self, manuscript: Manuscript, without_problems: Collection[str]) -> list[Problem]:
        zone, skipped = manuscript.content.settings.zone, frozenset(without_problems)
        found: dict[Problem, Problem] = {}
        for moment, version in islice(manuscript.versions(), MAX_MOMENTS + 2):
            since = f" (From {moment.astimezone(zone):%Y-%m-%d %H:%M}.)" if moment else ""
            others = _leave_out(version, skipped)
            problems = (
                *(problem for rule in CHECKS for problem in rule(version)),
                *(problem for rule in self._of_one_text for problem in rule(others)),
            )
            for problem in problems:
                found.setdefault(problem, replace(problem, message=f"{problem.message}{since}"))
        return list(found.values())


def _name_texts(manuscript: Manuscript, files: Mapping[str, str]) -> dict[str, str]:
    """Maps the path of each text to a digest of the text and its original. The ids of its headings come from the original."""
    default = manuscript.content.settings.default_language

    def find_files(text: TextSource) -> Iterator[str]:
        yield text.path
        if isinstance(text, PageSource) and (original := manuscript.pages.get((default, text.slug))):
            yield original.path

    return {
        text.path: digest(*(part for path in find_files(text) for part in (path, files[path])))[:32]
        for text in manuscript.content.texts
    }


def _leave_out(manuscript: Manuscript, paths: Collection[str]) -> Manuscript:
    """Returns the manuscript without these texts, except that links and headings can still be compared with them."""
    content = manuscript.content
    pages = tuple(page for page in content.pages if page.path not in paths)
    notices = {key: notice for key, notice in content.notices.items() if notice.path not in paths}
    return replace(manuscript, content=replace(content, pages=pages, notices=notices))
