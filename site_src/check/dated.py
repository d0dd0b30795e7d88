"""Checks what dated blocks leave of the texts, and how often the content changes by itself."""

from __future__ import annotations

from collections.abc import Iterator

from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem

# All texts are checked once for each moment.
MAX_MOMENTS = 20


def notices_with_text(manuscript: Manuscript) -> Iterator[Problem]:
    """A notice has a text at each moment, also while its dated blocks are hidden."""
    for notice in manuscript.content.notices.values():
        if notice.blocks and not notice.body.strip():
            message = "all text is hidden then. Write what the state means for the reader outside the dated blocks too."
            line = notice.body_line + notice.blocks[0].opened
            yield Problem(notice.path, line, f"{notice.blocks[0].typed}: {message}", "dated")


def few_moments(manuscript: Manuscript) -> Iterator[Problem]:
    """Dated blocks have at most MAX_MOMENTS different moments, because all texts are checked for each of them."""
    lines = {
        (block.moment, text.path, text.body_line + block.opened, block.typed)
        for text in manuscript.content.texts
        for block in text.blocks
    }
    moments = sorted({moment for moment, *_ in lines})
    for moment, path, line, typed in lines:
        if moment in moments[MAX_MOMENTS:]:
            message = f"is one moment too many: dated blocks may have {MAX_MOMENTS} different ones. Delete blocks whose moment has passed."
            yield Problem(path, line, f"{typed}: {message}", "dated")
