"""Advice on values that pages print as typed, because they cannot have markup: titles, labels, names, reasons and facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from site_src.check.lines import PrintedValue, values_of_documents, values_of_texts
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.records import name_location

_IN_WORDS = re.compile(
    r"&(?:[a-z]{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});|\*\*|(?<!\w)__?(?=\w[^_\n]*_)|\]\(|`|</?[a-z][^<>]*>",
    re.IGNORECASE,
)


def markup_in_words(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no value in the front matter of a text contains markup."""
    return _find_markup(values_of_texts(manuscript.content))


def markup_in_data(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no label, name, reason or fact contains markup."""
    return _find_markup(values_of_documents(manuscript.content))


def _find_markup(values: Iterable[PrintedValue]) -> Iterator[Problem]:
    for document, location, text in values:
        if found := _IN_WORDS.search(text):
            cure = "Type the character itself" if found[0].startswith("&") else "Delete it"
            message = f"{name_location(location)}has {found[0]}, which visitors see as typed, because this line cannot have markup. {cure}."
            yield document.problem(location, "markdown-sign", message, "warning")
