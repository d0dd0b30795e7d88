"""Advice on dated blocks: moments that have passed, and translations with other moments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import Content, TextSource


def blocks_past(manuscript: Manuscript, today: date) -> Iterator[Problem]:
    """A dated block's moment is not on an earlier day, because its lines only make the file harder to read by then."""
    zone = manuscript.content.settings.zone
    for text in manuscript.content.texts:
        for block in text.blocks:
            if block.moment.astimezone(zone).date() < today:
                cure = (
                    'and the block is hidden for good. Delete it, with its ":::".'
                    if block.is_until
                    else 'and the block is shown for good. Delete this line and the ":::" below the block.'
                )
                line = text.body_line + block.opened
                yield Problem(text.path, line, f"{block.typed}: has passed, {cure}", "dated-past", "warning")


def dates_of_translations(manuscript: Manuscript) -> Iterator[Problem]:
    """A translation has dated blocks with the same moments as the original, so that all languages say the same."""
    originals = {_name(text): text for text in _texts_in(manuscript.content, is_default=True)}
    for text in _texts_in(manuscript.content, is_default=False):
        original = originals.get(_name(text))
        if original is None or _moments(text) == _moments(original):
            continue
        for one, other in ((text, original), (original, text)):
            lacking = Counter(_moments(one)) - Counter(_moments(other))
            for block in one.blocks:
                if (block.is_until, block.moment) in lacking:
                    message = f"{other.path} has no block with this moment, so readers get different information. Date the same part there."
                    line = one.body_line + block.opened
                    yield Problem(one.path, line, f"{block.typed}: {message}", "dated-translation", "warning")


def _texts_in(content: Content, is_default: bool) -> Iterator[TextSource]:
    """The texts in the default language, or those in all other languages."""
    folder = f"content/{content.settings.default_language}/"
    return (text for text in content.texts if text.path.startswith(folder) == is_default)


def _name(text: TextSource) -> str:
    """The path of the text below the folder of its language."""
    return text.path.split("/", 2)[2]


def _moments(text: TextSource) -> list[tuple[bool, datetime]]:
    return sorted((block.is_until, block.moment) for block in text.blocks)
