"""Checks the structure of a text: the levels of headings, duplicate ids, reserved names, boxes, and text that Markdown drops."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from site_src.check.lines import (
    lines_in_context,
    lines_matching,
    lines_of_headings,
    lines_of_name,
    problems_at,
)
from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import BOX_KINDS, FRAME_ID_OF_PROGRAMME, FRAME_IDS, NOTICE_ANCHOR, Lost, Markup
from site_src.problems import Problem
from site_src.read.content import TextSource
from site_src.read.dated_blocks import BOXES_OF_OTHERS
from site_src.read.text import explain_lookalikes, to_plain

# Elements with these classes show a state. The gate refuses any such element that the site did not make.
_RESERVED_CLASSES = frozenset(
    {"conversation-starter", NOTICE_ANCHOR, "subscribe"}
    | {"box", *(f"box-{kind}" for kind in BOX_KINDS)}
    | {"card", "lane", "no-link", "programme-status", "state"}
)
_EMPTY_HEADING = re.compile(r"<h([1-6])[^>]*>\s*</h\1>")
_KINDS = f"{', '.join(kind.upper() for kind in BOX_KINDS[:-1])} or {BOX_KINDS[-1].upper()}"
_CODE = re.compile(r"<(code|pre)\b[^>]*>.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
# A box without text, after conversion.
_EMPTY = re.compile(r'<div class="box [^<>]*>\s*<p>[^\n]*</p>\s*</div>')
# Each alternative of the pattern begins with one of these, which are found faster.
_LEFT_BEGINS = ("[!", "!!!", "???", ":::")
_LEFT = re.compile(r"\[! ?\w+ ?\]|^!!! ?[a-zA-Z]|^\?\?\?\+? ?[a-zA-Z]|^::: ?\{?\.?[a-zA-Z]", re.MULTILINE)
_MARK = re.compile(
    r"(?P<before>\s*(?:(?:[-*+]|\d{1,2}\.)\s+)?(?P<quote>(?:>\s*)*))\[! ?(?P<kind>\w+) ?\](?P<after>.*)"
)
_OTHER = re.compile(
    r"\s*(?:(?:!!!|\?\?\?\+?) ?(?P<word>[a-zA-Z]+)|::: ?\{?\.?(?P<name>"
    + "|".join(BOXES_OF_OTHERS)
    + r")\b).*",
    re.IGNORECASE,
)


def body_structure(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a body has no heading of the first level, no duplicate id, and no name that the page's frame uses."""
    for source in manuscript.converted:
        markup = manuscript.markups[source.path]
        if any(heading.level == 1 for heading in markup.headings):
            lines = lines_of_headings(source, 1) or lines_matching(source, "<h1")
            message = 'has a heading of the first level, but the page already has one: its title. Begin the line with "## ", or with "\\#" if "#" belongs to the text.'
            yield from problems_at(source, lines, message, "heading")
        if _EMPTY_HEADING.search(markup.html):
            lines = lines_matching(source, r"^#{1,6}[ #]*$")
            message = 'is a heading without text. Write text after the "#", or delete the line.'
            yield from problems_at(source, lines, message, "heading")
        yield from _names(source, markup)


def lost_texts(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that Markdown drops no typed text: no extra cell, no duplicate footnote, and no sentence read as a definition."""
    for source in manuscript.converted:
        for why, typed in manuscript.markups[source.path].lost:
            name = re.escape(typed)
            if why is Lost.CELL:
                lines = lines_matching(source, name)
                message = 'has more cells than the table has columns, and the extra cells are not shown. Write "\\|" for a "|" within a cell, or add a column to each row.'
            elif why is Lost.NOTE:
                lines = lines_matching(source, rf"^ {{0,3}}\[\^{name}\]:")[:-1]
                message = f"[^{typed}]: a footnote below has the same name, and only the last one is shown. Give each footnote its own name."
            else:
                lines = lines_matching(source, rf"(?i)^ {{0,3}}\[\s*{name}\s*\]:")
                message = f'[{typed}]: is not shown, because in Markdown a line that begins like this gives the address of a link. Write "\\[{typed}]:" instead.'
            yield from problems_at(source, lines, message, "lost-text")


def _names(source: TextSource, markup: Markup) -> Iterator[Problem]:
    reserved = {id for id in markup.anchors if id in FRAME_IDS or FRAME_ID_OF_PROGRAMME.fullmatch(id)}
    for name in sorted(reserved | (markup.classes & _RESERVED_CLASSES)):
        message = f'uses the name "{name}", which the site itself uses. Choose a different id or class.'
        yield from problems_at(source, lines_of_name(source, name), message, "reserved-name")
    twice = (id for id, count in Counter(markup.anchors).items() if count > 1 and id not in reserved)
    for name in sorted(twice):
        message = f'has the id "{name}", which another element has too. Give each element its own id.'
        yield from problems_at(source, lines_of_name(source, name), message, "duplicate-id")


def boxes(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a line that looks like the first line of a box begins a box of a known kind, with text below it."""
    for source in manuscript.converted:
        html = manuscript.markups[source.path].html
        shown = to_plain(_TAG.sub("", _CODE.sub("", html)))
        is_left = any(begin in shown for begin in _LEFT_BEGINS) and _LEFT.search(shown)
        for number, above, line, below in lines_in_context(source) if is_left or _EMPTY.search(html) else ():
            if message := _explain_box(line, above, below):
                yield source.problem(number, "box", message)


def _explain_box(line: str, above: str, below: str) -> str | None:
    """Returns what is wrong with `line` if it looks like the first line of a box but does not begin one, otherwise None."""
    plain = to_plain(line)
    if other := _OTHER.fullmatch(plain):
        word = (other["word"] or other["name"]).lower()
        kind = word.upper() if word in BOX_KINDS else "WARNING"
        kinds = "" if word in BOX_KINDS else f" The kinds are {_KINDS}."
        return f'does not make a box. Write "> [!{kind}]" on a line of its own, and "> " before each line of the text below it.{kinds}'
    mark = _MARK.fullmatch(plain)
    if mark is None:
        return None
    typed = line[mark.start("quote") : mark.start("after")]
    begin = f"> [!{mark['kind'].upper()}]"
    if mark["kind"].lower() not in BOX_KINDS:
        return f'"[!{mark["kind"]}]" is not a kind of box. Write {_KINDS}.'
    if lookalike := explain_lookalikes(typed):
        return f'"{typed}" does not make a box.{lookalike} Write "{begin}".'
    if not mark["quote"] or " " in typed[typed.index("[") :]:
        return f'"{typed}" does not make a box. Write "{begin}".'
    if mark["after"].strip():
        return (
            f'has text after "{typed}", so it does not make a box. Put the text on the next line, after "> ".'
        )
    if above.lstrip().startswith(">"):
        return f'"{typed}" does not make a box within a quotation. Put an empty line before it.'
    if not below.lstrip().startswith(">") or not below.strip(" \t>"):
        return f'"{typed}" has no text. Begin the next line with "> " and the text.'
    return None
