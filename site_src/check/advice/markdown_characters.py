"""Advice on Markdown that does not work as intended: its characters stay on the page, or a list is not nested."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from site_src.check.prose import LIST_ITEM, without_code
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem, Rule
from site_src.read.content import NoticeSource, TextSource

_CODE = re.compile(r"<(code|pre)\b[^>]*>.*?</\1>", re.DOTALL)
_NOTE_USED = re.compile(r"\[\^([^\]\n]+)\](?!:)")
_NOTE = re.compile(r"^ {0,3}\[\^([^\]\n]+)\]:", re.MULTILINE)
_EMPTY_CONTENTS = re.compile(r'<div class="toc">\s*<ul>\s*</ul>')
_LEFT = (
    (
        re.compile(r"\*\*|__(?=\w)|(?<=\w)__"),
        re.compile(r"\*\*|__"),
        "keeps its {sign} on the page. Close it on the same line: **word**.",
    ),
    (
        re.compile(r"\]\([^)\s]*(?:$|\s)|\] \((?=\S+\))", re.MULTILINE),
        re.compile(r"\]\([^)\n]*$|\] \(", re.MULTILINE),
        'has a link that stays as it was typed. Write it without a blank between the brackets, and close both: "[text](page.md)".',
    ),
    (
        re.compile(r"\|\s*:?-{2,}|^\|[^\n]*\|[ ]*$|^[^\n|]+ \| [^\n]+\n[^\n|]+ \| ", re.MULTILINE),
        re.compile(r"\|\s*:?-{2,}|^[ ]{0,3}\|[^\n]*\|[ ]*$|^[^\n|]+ \| ", re.MULTILINE),
        'has a table that stays as it was typed. Put an empty line before it and a line such as "|---|---|" below its first line, and give each line as many columns.',
    ),
    (
        re.compile(r"＊＊|］\s?[（(]|\]（|｀[^｀\n]*｀"),
        re.compile(r"＊＊|］\s?[（(]|\]（|｀[^｀\n]*｀"),
        "has {sign}, which is full-width and stays as it was typed. Type the plain characters: **word**, [text](page.md), `code`.",
    ),
    (
        re.compile(r"[\[［]+_*TOC_*[\]］]+", re.IGNORECASE),
        re.compile(r"[\[［]+_*TOC_*[\]］]+", re.IGNORECASE),
        'has {sign}, which stays as it was typed. For a list of the headings of a page, write "[TOC]" between two empty lines; a notice has none.',
    ),
    (
        re.compile(r"~~~|```"),
        re.compile(r"~~~|```"),
        "has a fence for code that stays as it was typed. Indent the code by four spaces instead.",
    ),
    (
        re.compile(r"~~(?=\w)"),
        re.compile(r"~~"),
        "keeps its ~~ on the page: text is not struck through here. Delete it.",
    ),
)


def signs_left(manuscript: Manuscript) -> Iterator[Problem]:
    """No text that looks like Markdown stays unconverted on the page: `**bold`, `[text](`."""
    for source in manuscript.converted:
        # The text that visitors read, without tags; most texts have no such characters and need no further check.
        shown = re.sub(r"<[^<>]*>", "", _CODE.sub("", manuscript.markups[source.path].html))
        for left, typed, message in _LEFT:
            if found := left.search(shown):
                sign = found[0].strip()
                line = _line_of(source, typed, shown, odd=sign in ("**", "__"))
                yield _warning(source, line, message.format(sign=sign), "markdown-sign")


def contents_lists(manuscript: Manuscript) -> Iterator[Problem]:
    """`[TOC]` is only on a page that has parts to list."""
    for source in manuscript.converted:
        if _EMPTY_CONTENTS.search(manuscript.markups[source.path].html):
            message = (
                'has [TOC], which lists the headings "## …" of this page, and there are none. Delete it.'
            )
            line = _line_of(source, re.compile(r"^\[TOC\]"), "", odd=False)
            yield _warning(source, line, message, "heading-order")


def footnotes(manuscript: Manuscript) -> Iterator[Problem]:
    """Each footnote mark has its note; notices have no footnotes, because they are part of pages."""
    for source in manuscript.content.texts:
        if "[^" not in source.body:
            continue
        body = without_code(source.body)
        used = {match[1]: match.start() for match in reversed([*_NOTE_USED.finditer(body)])}
        notes = {match[1] for match in _NOTE.finditer(body)}
        in_notice = isinstance(source, NoticeSource)
        for name, offset in sorted(used.items()):
            if in_notice:
                message = f"[^{name}] is a footnote, and notices have none. Say it in the text."
            elif name not in notes:
                message = (
                    f'[^{name}] has no note. Add a line "[^{name}]: …" below the text, or delete the mark.'
                )
            else:
                continue
            yield _warning(source, source.body_line + body.count("\n", 0, offset), message, "footnote")


def lists(manuscript: Manuscript) -> Iterator[Problem]:
    """A list begins after an empty line, and a list inside a list is indented by four spaces."""
    for source in manuscript.content.texts:
        previous, inside, told = "", False, False
        for number, line in enumerate(without_code(source.body).split("\n"), start=source.body_line):
            item = LIST_ITEM.match(line)
            depth = len(item[1]) if item else 0
            if item and inside and depth % 4 > 0:
                message = f"is indented by {depth} blank{'' if depth == 1 else 's'}, so it is no list inside the list. Indent it by {4 * (depth // 4 + 1)}."
                yield _warning(source, number, message, "list")
            elif item and not inside and not told and _is_text(previous) and depth < 4:
                told = True
                message = "is no list, because it follows on a line of text. Put an empty line before it."
                yield _warning(source, number, message, "list")
            if line.strip():
                inside = bool(item and (inside or not _is_text(previous))) or (
                    inside and (line.startswith((" ", "\t")) or bool(previous.strip()))
                )
            else:
                told = False
            previous = line


def _is_text(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("#", "|", ">"))


def _line_of(source: TextSource, typed: re.Pattern[str], shown: str, odd: bool) -> int:
    """The first line with the characters (if they come in pairs, an odd number), preferably one that is shown as typed."""
    lines = without_code(source.body).split("\n")
    counts = [len(typed.findall(line)) for line in lines]
    wanted = [number for number, count in enumerate(counts) if (count % 2 if odd else count)]
    any_line = [number for number, count in enumerate(counts) if count]
    found = wanted or any_line
    as_typed = [number for number in found if html.escape(lines[number].strip(), quote=False) in shown]
    return source.body_line + next(iter(as_typed or found), 0)


def _warning(source: TextSource, line: int, message: str, rule: Rule) -> Problem:
    return Problem(source.path, line, message, rule, "warning")
