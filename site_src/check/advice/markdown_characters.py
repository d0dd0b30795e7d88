"""Advice on Markdown that does not work as intended: levels of headings, lists without an empty line or indent, marks without
a footnote, `[TOC]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_src.check.code import without_code
from site_src.check.lines import find_almost_note, lines_matching
from site_src.check.prose import LIST_ITEM, PassageKind, passages, shorten
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import NoticeSource, TextSource
from site_src.read.text import explain_lookalikes

_NOTE_USED = re.compile(r"\[\^([^\]\n]+)\](?!:)")
_NOTE = re.compile(r"^ {0,3}\[\^([^\]\n]+)\]:", re.MULTILINE)
# The start of a list item, footnote or definition. Its later paragraphs are indented by four more spaces.
_ITEM = re.compile(rf"{LIST_ITEM.pattern}| {{0,3}}(?:\[\^[^\]\n]+\]:|:(?=\s))")
_BOX = re.compile(r"(?:> ?)+")
_FENCE = ("```", "~~~")
# Other rules report lines that begin with one of these.
_OWN_ADVICE = (":::", "#")
_EMPTY_CONTENTS = re.compile(r'<div class="toc">\s*<ul>\s*</ul>')


def heading_order(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that headings go down one level at a time, because users of screen readers navigate by them."""
    for source in manuscript.content.texts:
        above = 2 if isinstance(source, NoticeSource) else 1
        for passage in passages(source):
            if passage.kind is not PassageKind.HEADING:
                continue
            if passage.level > above + 1:
                message = f'"{shorten(passage.text)}" is a heading of level {passage.level} below one of level {above}. Begin it with "{"#" * (above + 1)} ".'
                yield source.warning(passage.line, "heading-order", message)
            above = passage.level


def contents_lists(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a page with `[TOC]` has headings for the list."""
    for source in manuscript.converted:
        if _EMPTY_CONTENTS.search(manuscript.markups[source.path].html):
            message = 'has [TOC], which lists the headings "## …" of this page, but the page has no such headings. Delete it.'
            line = next(iter(lines_matching(source, r"^\[TOC\]")), source.body_line)
            yield source.warning(line, "heading-order", message)


def footnotes(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that each footnote mark has a footnote. Notices cannot have footnotes, because they are parts of pages."""
    for source in manuscript.content.texts:
        if "[^" not in source.body:
            continue
        body = without_code(source.body)
        used = {match[1]: match.start() for match in reversed([*_NOTE_USED.finditer(body)])}
        notes = {match[1] for match in _NOTE.finditer(body)}
        for name, offset in sorted(used.items()):
            if isinstance(source, NoticeSource):
                message = f"[^{name}] is a footnote. Notices cannot have footnotes. Write it in the text."
                yield source.warning(source.line_at(offset), "footnote", message)
            elif name not in notes:
                yield _missing_footnote(source, name, source.line_at(offset))


def _missing_footnote(source: TextSource, name: str, line: int) -> Problem:
    if almost := find_almost_note(source, name, ":"):
        line, typed = almost
        message = f'"{typed}" does not begin a footnote.{explain_lookalikes(typed)} Write "[^{name}]: …".'
    elif begun := lines_matching(source, rf"^\[\^{re.escape(name)}\] "):
        line = begun[0]
        message = f'"[^{name}]" does not begin a footnote, because no ":" follows it. Write "[^{name}]: …".'
    else:
        message = f'[^{name}] has no footnote. Add a line "[^{name}]: …" below the text, or delete the mark.'
    return source.warning(line, "footnote", message)


def lists(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a list begins after an empty line, and that a list inside a list is indented by four spaces."""
    for source in manuscript.content.texts:
        previous, inside, reported = "", False, False
        for number, line in enumerate(without_code(source.body).split("\n"), start=source.body_line):
            item = LIST_ITEM.match(line)
            depth = len(item[1]) if item else 0
            if item and inside and depth % 4 > 0:
                message = f"is indented by {_spaces(depth)}, so it is not a nested list. {_indent(depth)}"
                yield source.warning(number, "list", message)
            elif item and not inside and not reported and _is_text(previous) and depth < 4:
                reported = True
                message = (
                    "is not a list, because it directly follows a line of text. Put an empty line before it."
                )
                yield source.warning(number, "list", message)
            if line.strip():
                inside = bool(item and (inside or not _is_text(previous))) or (
                    inside and (line.startswith((" ", "\t")) or bool(previous.strip()))
                )
            else:
                reported = False
            previous = line


def parts_of_items(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a later paragraph of a list item, a footnote or a definition is indented by four spaces."""
    for source in manuscript.content.texts:
        item: int | None = None
        after_empty = False
        lines = zip(without_code(source.body).split("\n"), source.body.split("\n"), strict=True)
        for number, (line, typed) in enumerate(lines, start=source.body_line):
            shown = typed if typed.lstrip(" >").startswith(_FENCE) else line
            text = _BOX.sub("", shown, count=1).expandtabs(4)
            words = text.lstrip(" ")
            depth = len(text) - len(words)
            if not words:
                after_empty = True
                continue
            if _ITEM.match(text):
                item = depth
            elif after_empty and item is not None:
                if depth % 4 and depth < item + 4 and not words.startswith(_OWN_ADVICE):
                    message = f"is indented by {_spaces(depth)}, so it ends the list instead of being part of the item above it. {_indent(depth)}"
                    yield source.warning(number, "list", message)
                item = item if depth else None
            after_empty = False


def _spaces(depth: int) -> str:
    return f"{depth} space{'' if depth == 1 else 's'}"


def _indent(depth: int) -> str:
    return f"Indent it by {4 * (depth // 4 + 1)}."


def _is_text(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("#", "|", ">"))
