"""Checks boxes with a title: a line that looks like the first line of a box makes one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import BOX_KINDS
from site_src.problems import Problem
from site_src.read.content import TextSource
from site_src.read.dated_blocks import BOXES_OF_OTHERS
from site_src.read.lookalikes import explain_lookalikes, to_plain

_KINDS = f"{', '.join(kind.upper() for kind in BOX_KINDS[:-1])} or {BOX_KINDS[-1].upper()}"
_CODE = re.compile(r"<(code|pre)\b[^>]*>.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
# A box without text, as converted.
_EMPTY = re.compile(r'<div class="box [^<>]*>\s*<p>[^\n]*</p>\s*</div>')
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


def boxes(manuscript: Manuscript) -> Iterator[Problem]:
    """A line that looks like the first line of a box begins one of a known kind, with text below it."""
    for source in manuscript.converted:
        html = manuscript.markups[source.path].html
        shown = to_plain(_TAG.sub("", _CODE.sub("", html)))
        if _LEFT.search(shown) or _EMPTY.search(html):
            yield from _problems_in(source)


def _problems_in(source: TextSource) -> Iterator[Problem]:
    from site_src.check.prose import without_code  # imported only if needed, as in `lines`

    lines = ["", *without_code(source.body).split("\n"), ""]
    for number, (above, line, below) in enumerate(zip(lines, lines[1:], lines[2:], strict=False)):
        if message := _about(line, above, below):
            yield Problem(source.path, source.body_line + number, message, "box")


def _about(line: str, above: str, below: str) -> str | None:
    """What is wrong with a line that looks like the first line of a box; None for any other line."""
    plain = to_plain(line)
    if other := _OTHER.fullmatch(plain):
        word = (other["word"] or other["name"]).lower()
        kind = word.upper() if word in BOX_KINDS else "WARNING"
        kinds = "" if word in BOX_KINDS else f" The kinds are {_KINDS}."
        return f'makes no box here. Write "> [!{kind}]" on a line of its own, and "> " before each line of the text below it.{kinds}'
    mark = _MARK.fullmatch(plain)
    if mark is None:
        return None
    typed = line[mark.start("quote") : mark.start("after")]
    begin = f"> [!{mark['kind'].upper()}]"
    if mark["kind"].lower() not in BOX_KINDS:
        return f'"[!{mark["kind"]}]" is no kind of box. Write {_KINDS}.'
    if lookalike := explain_lookalikes(typed):
        return f'"{typed}" makes no box.{lookalike} Write "{begin}".'
    if not mark["quote"] or " " in typed[typed.index("[") :]:
        return f'"{typed}" makes no box. Write "{begin}".'
    if mark["after"].strip():
        return f'has text behind "{typed}", so it makes no box. Put the text on the next line, after "> ".'
    if above.lstrip().startswith(">"):
        return f'"{typed}" makes no box within a quotation. Put an empty line before it.'
    if not below.lstrip().startswith(">") or not below.strip(" \t>"):
        return f'"{typed}" has no text. Begin the next line with "> " and the text.'
    return None
