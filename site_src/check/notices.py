"""Checks that each state has its own label, title and text, and that dated blocks have at most MAX_MOMENTS moments."""

from __future__ import annotations

from collections.abc import Iterator

from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import letters, letters_of_html
from site_src.problems import Problem
from site_src.read.content import NoticeSource
from site_src.states import State

# All texts are checked once for each moment.
MAX_MOMENTS = 20


def distinct_notices(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no two states have the same label, title or text in a language.

    Otherwise, readers and the gate could not tell the states apart.
    """
    content = manuscript.content
    for language in content.settings.languages:
        first: dict[tuple[str, str], str] = {}
        for notice in filter(None, (content.notices.get((language, state)) for state in State)):
            for part, line, said in _parts(manuscript, notice):
                other = first.setdefault((part, said), notice.path)
                if other != notice.path:
                    message = f"{part}: is the same as in {other}, so readers cannot tell the two states apart. Write what is true only in this state."
                    yield notice.problem(line, "same-notice", message)


def _parts(manuscript: Manuscript, notice: NoticeSource) -> Iterator[tuple[str, int, str]]:
    """Yields the name, line and letters of each part of the notice that readers see."""
    yield "label", notice.lines.line_of(("label",)), letters(notice.meta.label)
    yield "title", notice.lines.line_of(("title",)), letters(notice.meta.title)
    if notice.path in manuscript.markups:
        blank = len(notice.body) - len(notice.body.lstrip("\n"))
        yield "text", notice.body_line + blank, letters_of_html(manuscript.markups[notice.path].html)


def notices_with_text(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a notice is never empty, even while its dated blocks are hidden."""
    for notice in manuscript.content.notices.values():
        if notice.blocks and not notice.body.strip():
            message = "the notice is empty while this block is hidden. Outside the dated blocks, write what this state means for the reader."
            yield notice.about_block(notice.blocks[0], "dated", message)


def few_moments(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that dated blocks have at most MAX_MOMENTS different moments, because each moment needs a check of all texts."""
    blocks = [(block, text) for text in manuscript.content.texts for block in text.blocks]
    moments = sorted({block.moment for block, _ in blocks})
    for block, text in blocks:
        if block.moment in moments[MAX_MOMENTS:]:
            message = f"is one moment too many: dated blocks may have at most {MAX_MOMENTS} different moments. Delete blocks whose moment has passed."
            yield text.about_block(block, "dated", message)
