"""Advice on the start of a line: bullets, numbers, `#`, `>` and spaces that fail to make a list or heading, or make one by
mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import compress, count, pairwise

from site_src.check.code import without_code
from site_src.check.prose import LIST_ITEM
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import TextSource
from site_src.read.text import describe, to_plain

# Ways to begin a list item that Markdown does not know. One line with a bullet is reported; of the other kinds, two
# lines in a row.
_BULLET = re.compile(r"[•●◦▪‣⁃∙✓✔☑☐✗✅❌]")
_DASH = re.compile(
    r"[-+](?=[^\W\d_])|\*(?=[^\W\d_])(?![^\n]*\*)|[-*+](?=[「『（(])|[-*+][\u00a0\u3000]|[–—―−－ー＊＋・·](?=\s?\w)"
    r"|[■□◆◇○★☆※→▶](?=\s?\w)|§ ?|[oØü](?:\t| {2,})(?=\S)"
)
_NUMBER = re.compile(
    r"\(?\d{1,2}\)|[\d]\ufe0f?\u20e3|（[\dア-ンあ-ん]{1,2}）|[０-９]{1,2}[．.）、]|\d{1,2}[．）、]|\d{1,2}\.(?=[^\W\d_])"
    r"|\d{1,2}\.-|\(?[ivx]{2,4}[.)]\s|i[.)]\s|\(?[a-zA-Z]\)|[a-zA-Z]\.\s|[가나다라마바사아자차카타파하ㄱ-ㅎ][.)．]\s?|[ア-コ][．.）]"
)
_CIRCLED = re.compile(r"[①-⑳⑴-⑽⒈-⒛❶-❿➀-➉㉠-㉭㊀-㊉]")
_KINDS = (
    ("a bullet", _BULLET, 1, "- "),
    ("no bullet here", _DASH, 2, "- "),
    ("not a number with a dot and a space", _NUMBER, 2, "1. "),
    ("a circled number", _CIRCLED, 2, "1. "),
)
_TICK = re.compile(r" *(?:[-*+]|\d{1,2}\.) +(\[[ xX]\]) ")
_LOOKALIKE_MARK = re.compile(r"(?=[＃＞｜])[＃#]{1,6}[^＃#\d]|[＞｜]")
_QUOTED_FIGURE = re.compile(r"> ?(?=[0-9€$])(?!\d{1,2}\. )")
_PLUS = re.compile(r"\+ +(?=\d)")
_DATE = re.compile(r"\d{1,2}\. +\d{1,4}\.")
_INDENTED = re.compile(r"(?: {4}|\t)\s*(?!\[\[)\S")
_TAB = re.compile(r"\S\t+\S")
_ROW = re.compile(r"\|.*\|\s*$")
_RULE = re.compile(r"(?=.*[^-*_])[－‐‑‒–—―−ー＊＿*_-]{3,}\s*")
_DEFINITION = re.compile(r":(?=[^\s:])(?!\w+:)")
_ITEM = re.compile(r"(\d{1,2})\. +\S")


def line_starts(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that lines intended as a list, heading or table become one, and that lines intended as text do not."""
    for source in manuscript.content.texts:
        lines = without_code(source.body).split("\n")
        markup = manuscript.markups.get(source.path)
        yield from _no_lists(source, lines)
        yield from _joined_lines(source, lines, markup.html if markup else "")
        previous, in_list, last = "", False, 0
        for number, line in enumerate(lines, start=source.body_line):
            if about := _explain_sign(line):
                yield source.warning(number, "markdown-sign", about)
            elif about := _explain_start(line, previous, in_list, last):
                yield source.warning(number, "line-start", about)
            item = _ITEM.match(line)
            last = int(item[1]) if item else last
            if line.strip():
                in_list = bool(item) or (in_list and line.startswith((" ", "\t")))
            previous = line if line.strip() or not in_list else previous


def _no_lists(source: TextSource, lines: list[str]) -> Iterator[Problem]:
    """Yields a problem for the first line of each group of lines that look like a list but are not a list in Markdown."""
    for what, pattern, least, cure in _KINDS:
        run: list[tuple[int, str]] = []
        for number, line in enumerate([*lines, "end"], start=source.body_line):
            mark = None if line.startswith("    ") else pattern.match(line.lstrip(" "))
            if mark:
                run.append((number, mark[0]))
            elif line.strip():
                if len(run) >= least:
                    first, typed = run[0]
                    message = f'is not a list in Markdown: lines that begin with {_describe_mark(typed, what)} run together. Begin each line with "{cure}", and put an empty line before the first.'
                    yield source.warning(first, "list", message)
                run = []


def _describe_mark(mark: str, what: str) -> str:
    """Describes the start of a line and what is wrong with it, such as `"•" (a bullet)` or `"-" and a no-break space`."""
    odd = next((character for character in mark if character in "\u00a0\u3000"), None)
    return f'"{mark[0]}" and {describe(odd)}' if odd else f'"{mark.strip()}" ({what})'


def _joined_lines(source: TextSource, lines: list[str], html: str) -> Iterator[Problem]:
    """Yields a problem for the first line that is indented like code, that joins a table by mistake, or that has columns of tabs."""
    typed = source.body.split("\n")
    code = (_INDENTED.match(line) and not above.strip() for above, line in pairwise(["", *typed]))
    rows = (_ROW.match(above) and line.strip() and "|" not in line for above, line in pairwise(["", *lines]))
    tabs = [_TAB.search(LIST_ITEM.sub("", line)) for line in typed]
    if "<pre>" in html and (number := next(compress(count(), code), None)) is not None:
        message = (
            "is shown as code, because of the spaces before it. Delete the spaces. For code, write `code`."
        )
        yield source.warning(source.body_line + number, "line-start", message)
    if "<table>" in html and (number := next(compress(count(), rows), None)) is not None:
        message = "becomes a row of the table above it. Put an empty line before it."
        yield source.warning(source.body_line + number, "line-start", message)
    if (number := next(compress(count(), map(all, pairwise(tabs))), None)) is not None:
        message = 'has tabs, like a table copied from another program, so its lines run together. Write each line as "| a | b |", and "|---|---|" below the first line.'
        yield source.warning(source.body_line + number, "markdown-sign", message)


def _explain_sign(line: str) -> str:
    """Returns what visitors see instead of the rule, check box, heading, quotation or table that the line was to begin, or ""."""
    if _RULE.fullmatch(line):
        odd = next(character for character in line if character not in "-*_")
        return f'is not a horizontal rule, because it has {describe(odd)}, so visitors see the characters. Type "---" between two empty lines.'
    if tick := _TICK.match(line):
        return f'has a check box, which visitors see as "{tick[1]}". Delete it.'
    if mark := _LOOKALIKE_MARK.match(line):
        typed = mark[0].rstrip(mark[0][-1]) if mark[0][-1] not in "＃＞｜" else mark[0]
        other = next(character for character in typed if character in "＃＞｜")
        return f'begins with {describe(other)}, which visitors see as typed. Type "{to_plain(typed)} ".'
    return ""


def _explain_start(line: str, previous: str, in_list: bool, last: int) -> str:
    """Returns what the line begins by mistake, or "" if its start is right. `last` is the number of the last list item above it."""
    if line == "---" and len(previous.strip()) > 3 and not in_list:
        return 'turns the line above it into a heading. For a horizontal rule, put an empty line before "---". For a heading, begin the line above with "## ".'
    if previous.strip() and not in_list:
        no_definition = 'is not a definition of the line above it, because no space follows ":". Write ": ".'
        return no_definition if _DEFINITION.match(line) else ""
    if _QUOTED_FIGURE.match(line):
        return 'is a quotation, because it begins with ">". Write "more than", or "\\>" for the character.'
    if _PLUS.match(line):
        return 'is a list, because it begins with "+ ". Write "\\+" for the character.'
    if date := _DATE.match(line):
        return f'is a list, because "{date[0]}" begins with a number, a dot and a space. Write the date without spaces, or write "\\." for the first dot.'
    item = _ITEM.match(line)
    if not item or in_list or int(item[1]) == 1:
        return ""
    if int(item[1]) == last + 1:
        return f"begins a new list with the number {item[1]}, because the text above it ends the list. Indent that text by 4 spaces."
    return f'begins a list with the number {item[1]}. If it is a sentence, write "{item[1]}\\." for the number and its dot. If it is a list, begin with 1.'
