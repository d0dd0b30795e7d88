"""Lists the rules that give advice on single texts (`ADVICE`). Slow to import."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from site_src.check.advice.figures import typed_figures
from site_src.check.advice.line_starts import line_starts
from site_src.check.advice.markdown_characters import (
    contents_lists,
    footnotes,
    heading_order,
    lists,
    parts_of_items,
)
from site_src.check.advice.markup_in_values import markup_in_words
from site_src.check.advice.raw_html import cleaned
from site_src.check.advice.typed_days import typed_days
from site_src.check.advice.typed_markup import markup_left
from site_src.check.advice.wording import claims, link_texts, long_sentences, state_in_text
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem

# The advice depends on the text, the facts, periods and labels, and the titles of the notices: see `advice._context`.
ADVICE: tuple[Callable[[Manuscript], Iterator[Problem]], ...] = (
    claims,
    state_in_text,
    long_sentences,
    heading_order,
    link_texts,
    typed_figures,
    typed_days,
    markup_left,
    markup_in_words,
    contents_lists,
    footnotes,
    lists,
    parts_of_items,
    line_starts,
    cleaned,
)
