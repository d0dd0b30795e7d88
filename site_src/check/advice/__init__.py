"""Gives advice to editors: warnings about wording, Markdown, pictures and outdated content. Advice never stops publishing.

Only `check` and `serve` give advice, so a build does not wait for it. To add a rule, write a function whose docstring
says what it checks and why, and add it to a list below or in `on_texts`. Add the rule's name to `problems.Rule` and to
docs/checks.md, and add a site to tests/sites/invalid/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from datetime import date
from typing import Any

from site_src.cache import Memo, digest, fingerprint
from site_src.check.advice.alternative_texts import alternative_texts, pictures_to_look_at
from site_src.check.advice.freshness import blocks_past, changed_in_future, facts_not_checked, periods_past
from site_src.check.advice.markup_in_values import markup_in_data
from site_src.check.advice.translations import dates_of_translations, stale_translations
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import Content

ADVICE_OF_THE_DAY: tuple[Callable[[Manuscript, date], Iterator[Problem]], ...] = (
    facts_not_checked,
    periods_past,
    changed_in_future,
    blocks_past,
    stale_translations,
)
# Advice that compares files. It does not depend on which dated blocks are shown.
ADVICE_ON_FILES: tuple[Callable[[Manuscript], Iterator[Problem]], ...] = (
    dates_of_translations,
    pictures_to_look_at,
    alternative_texts,
    markup_in_data,
)


# No word or address has 2,000 ASCII characters in a row. With such a text, some rules would take minutes.
_NO_WORD = re.compile(r"[!-~]{2000}")


def advise(manuscript: Manuscript, today: date, memo: Memo | None = None) -> list[Problem]:
    """Returns each warning once. `today` is the day in the site's time zone. The manuscript may have errors.

    Checks the current texts, and the texts after each dated change. The memo stores the advice on each text.

    A text that does not consist of words gets one warning instead of advice. A text that could not be converted is
    skipped, because it already has an error.
    """
    found: list[Problem] = []
    for version in (manuscript, *(later for _, later in manuscript.later)):
        readable, without_words = _with_words(version)
        found += [*without_words, *_advise_on_texts(readable, memo or Memo())]
    readable, _ = _with_words(manuscript)
    found += [problem for rule in ADVICE_OF_THE_DAY for problem in rule(readable, today)]
    found += [problem for rule in ADVICE_ON_FILES for problem in rule(readable)]
    return list(dict.fromkeys(found))


def _advise_on_texts(manuscript: Manuscript, memo: Memo) -> Iterator[Problem]:
    content, context = manuscript.content, _context(manuscript.content)
    keys = {
        text.path: digest(context, repr(text), manuscript.markups[text.path].html) for text in content.texts
    }
    kept = {path: memo.find(key) for path, key in keys.items()}
    if None in kept.values():
        # Imported only if a text changed, because the many patterns of these rules take a tenth of a `check`.
        from site_src.check.advice.on_texts import ADVICE

        # Includes all notices, because the advice on a page depends on their titles. Notices are short.
        pages = tuple(page for page in content.pages if kept[page.path] is None)
        asked = replace(manuscript, content=replace(content, pages=pages))
        made: dict[str, list[Any]] = {text.path: [] for text in asked.content.texts}
        for problem in dict.fromkeys(problem for rule in ADVICE for problem in rule(asked)):
            made[problem.path].append(astuple(problem))
        for path, problems in made.items():
            memo.keep(keys[path], problems)
        kept |= made
    for problems in kept.values():
        yield from (Problem(*fields) for fields in problems)


def _context(content: Content) -> str:
    """Returns a digest of everything that determines the advice on a text, except the text itself: code, facts, periods, and so on."""
    modules = ("site_src.check", "site_src.check.advice", "site_src.convert", "site_src.read")
    return digest(
        fingerprint(*modules, libraries=("babel",)),
        repr(content.settings.facts),
        repr([(id, one.facts, one.registration_periods) for id, one in content.programmes.items()]),
        repr([(language, labels.locale) for language, labels in content.labels.items()]),
        repr([(*key, notice.meta.title) for key, notice in content.notices.items()]),
    )


def _with_words(manuscript: Manuscript) -> tuple[Manuscript, list[Problem]]:
    content = manuscript.content
    left_out = {text.path: match for text in content.texts if (match := _NO_WORD.search(text.body))}
    without_advice = left_out.keys() | {text.path for text in content.texts} - manuscript.markups.keys()
    if not without_advice:
        return manuscript, []
    message = "has 2,000 characters in a row without a space, so this text gets no advice. Delete them."
    problems = [
        text.warning(text.line_at(match.start()), "long-sentence", message)
        for text in content.texts
        if (match := left_out.get(text.path))
    ]
    pages = tuple(page for page in content.pages if page.path not in without_advice)
    notices = {key: notice for key, notice in content.notices.items() if notice.path not in without_advice}
    by_slug = {key: page for key, page in manuscript.pages.items() if page.path not in without_advice}
    readable = replace(content, pages=pages, notices=notices)
    return replace(manuscript, content=readable, pages=by_slug), problems
