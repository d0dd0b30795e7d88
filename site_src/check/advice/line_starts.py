"""Advice on the start of a line: bullets, numbers, `#`, `>` and spaces that fail to make a list or heading, or make one by
mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from site_src.check.prose import LIST_ITEM, without_code
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem, Rule
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
        yield from _no_lists(source, lines)
        yield from _code_and_tables(manuscript, source)
        previous, in_list, last = "", False, 0
        for number, line in enumerate(lines, start=source.body_line):
            if _RULE.fullmatch(line):
                odd = next(character for character in line if character not in "-*_")
                message = f'is not a horizontal rule, because it has {describe(odd)}, so visitors see the characters. Type "---" between two empty lines.'
                yield Problem(source.path, number, message, "markdown-sign", "warning")
            elif about := _about(line, previous, in_list, last):
                yield Problem(source.path, number, *about, "warning")
            item = _ITEM.match(line)
            last = int(item[1]) if item else last
            if line.strip():
                in_list = bool(item) or (in_list and line.startswith((" ", "\t")))
            previous = line if line.strip() or not in_list else previous


def _no_lists(source: TextSource, lines: list[str]) -> Iterator[Problem]:
    """Yields a problem for the first line of each group of lines that look like a list but are not a list in Markdown."""
    for what, pattern, least, cure in _KINDS:
        run: list[int] = []
        for number, line in enumerate([*lines, "end"]):
            if pattern.match(line.lstrip(" ")) and not line.startswith("    "):
                run.append(number)
            elif line.strip():
                if len(run) >= least:
                    typed = pattern.match(lines[run[0]].lstrip(" "))
                    about = _describe_mark(typed[0] if typed else "", what)
                    message = f'is not a list in Markdown: lines that begin with {about} run together. Begin each line with "{cure}", and put an empty line before the first.'
                    yield Problem(source.path, source.body_line + run[0], message, "list", "warning")
                run = []


def _describe_mark(mark: str, what: str) -> str:
    """Describes the start of a line and what is wrong with it, such as `"•" (a bullet)` or `"-" and a no-break space`."""
    odd = next((character for character in mark if character in "\u00a0\u3000"), None)
    return f'"{mark[0]}" and {describe(odd)}' if odd else f'"{mark.strip()}" ({what})'


def _code_and_tables(manuscript: Manuscript, source: TextSource) -> Iterator[Problem]:
    """Yields a problem for the first line that is indented like code, that joins a table by mistake, or that has columns of tabs.

    Yields at most one problem of each kind.
    """
    markup = manuscript.markups.get(source.path)
    lines = ["", *source.body.split("\n")]
    for number, (before, line) in enumerate(pairwise(lines), start=source.body_line):
        if markup and "<pre>" in markup.html and _INDENTED.match(line) and not before.strip():
            message = "is shown as code, because of the spaces before it. Delete the spaces. For code, write `code`."
            yield Problem(source.path, number, message, "line-start", "warning")
            break
    shown = pairwise(without_code(source.body).split("\n"))
    for number, (before, line) in enumerate(shown, start=source.body_line + 1):
        if _ROW.match(before) and line.strip() and "|" not in line and markup and "<table>" in markup.html:
            message = "becomes a row of the table above it. Put an empty line before it."
            yield Problem(source.path, number, message, "line-start", "warning")
            break
    for number, (before, line) in enumerate(pairwise(lines), start=source.body_line - 1):
        if _TAB.search(LIST_ITEM.sub("", before)) and _TAB.search(LIST_ITEM.sub("", line)):
            message = 'has tabs, like a table copied from another program, so its lines run together. Write each line as "| a | b |", and "|---|---|" below the first line.'
            yield Problem(source.path, number, message, "markdown-sign", "warning")
            break


def _about(line: str, previous: str, in_list: bool, last: int) -> tuple[str, Rule] | None:
    """Returns a message about the start of the line and the rule's name, or None if the start is right.

    `last` is the number of the last list item above the line.
    """
    if tick := _TICK.match(line):
        return f'has a check box, which visitors see as "{tick[1]}". Delete it.', "markdown-sign"
    if mark := _LOOKALIKE_MARK.match(line):
        typed = mark[0].rstrip(mark[0][-1]) if mark[0][-1] not in "＃＞｜" else mark[0]
        other = next(character for character in typed if character in "＃＞｜")
        return (
            f'begins with {describe(other)}, which visitors see as typed. Type "{to_plain(typed)} ".',
            "markdown-sign",
        )
    if line == "---" and len(previous.strip()) > 3 and not in_list:
        return (
            'turns the line above it into a heading. For a horizontal rule, put an empty line before "---". For a heading, begin the line above with "## ".',
            "line-start",
        )
    if previous.strip() and not in_list:
        message = 'is not a definition of the line above it, because no space follows ":". Write ": ".'
        return (message, "line-start") if _DEFINITION.match(line) else None
    if _QUOTED_FIGURE.match(line):
        return (
            'is a quotation, because it begins with ">". Write "more than", or "\\>" for the character.',
            "line-start",
        )
    if _PLUS.match(line):
        return 'is a list, because it begins with "+ ". Write "\\+" for the character.', "line-start"
    if date := _DATE.match(line):
        return (
            f'is a list, because "{date[0]}" begins with a number, a dot and a space. Write the date without spaces, or write "\\." for the first dot.',
            "line-start",
        )
    item = _ITEM.match(line)
    if item and not in_list and int(item[1]) == last + 1 > 1:
        return (
            f"begins a new list with the number {item[1]}, because the text above it ends the list. Indent that text by 4 spaces.",
            "line-start",
        )
    if item and not in_list and int(item[1]) > 1:
        return (
            f'begins a list with the number {item[1]}. If it is a sentence, write "{item[1]}\\." for the number and its dot. If it is a list, begin with 1.',
            "line-start",
        )
    return None
