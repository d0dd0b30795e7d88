"""What an editor should hear before publishing, though it stops nothing: warnings about wording, Markdown and age.

Only `check` and `serve` ask for advice; a build does not wait for it. To add a rule: a function whose docstring says what it
asks for and why, its name in a list below, the rule's name in `problems.Rule` and docs/checks.md, and a site
under tests/sites/invalid/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from site_src.advice.figures import typed_days, typed_figures
from site_src.advice.freshness import changed_in_future, facts_not_checked, periods_past, stale_translations
from site_src.advice.markdown_signs import footnotes, lists, signs_left
from site_src.advice.raw_html import cleaned
from site_src.advice.wording import claims, heading_order, link_texts, long_sentences, state_in_text
from site_src.manuscript import Manuscript
from site_src.problems import Problem

ADVICE: tuple[Callable[[Manuscript], Iterator[Problem]], ...] = (
    claims,
    state_in_text,
    long_sentences,
    heading_order,
    link_texts,
    typed_figures,
    typed_days,
    signs_left,
    footnotes,
    lists,
    cleaned,
    stale_translations,
)
ADVICE_OF_THE_DAY: tuple[Callable[[Manuscript, date], Iterator[Problem]], ...] = (
    facts_not_checked,
    periods_past,
    changed_in_future,
)


def advise(manuscript: Manuscript, today: date) -> list[Problem]:
    """Every warning, for the day `today` in the site's time zone; the manuscript may have errors elsewhere."""
    found = [problem for rule in ADVICE for problem in rule(manuscript)]
    return found + [problem for rule in ADVICE_OF_THE_DAY for problem in rule(manuscript, today)]
