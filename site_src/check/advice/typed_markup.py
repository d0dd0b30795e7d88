"""Advice on markup that stays on the page as typed: unclosed `**`, `[text](`, tables, or the markup of another program."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from site_src.check.lines import texts_in
from site_src.check.prose import without_code
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import TextSource
from site_src.read.text import explain_lookalikes

_CODE = re.compile(r"<(code|pre)\b[^>]*>.*?</\1>", re.DOTALL)


class _Kind(NamedTuple):
    """A kind of markup: as visitors see it, as it is in the file, and the message about it."""

    left: re.Pattern[str]
    typed: re.Pattern[str]
    message: str


def _kind(left: str, message: str, typed: str | None = None) -> _Kind:
    return _Kind(
        re.compile(left, re.MULTILINE | re.IGNORECASE),
        re.compile(typed or left, re.MULTILINE | re.IGNORECASE),
        message,
    )


_KINDS = (
    _kind(
        r"\*\*|__(?=\w)|(?<=\w)__",
        "keeps its {sign} on the page. Close it on the same line: **word**.",
        r"\*\*|__",
    ),
    _kind(
        r"_(?=\S)[^_\n]{0,60}[^\x00-\x7f_\n][^_\n]{0,60}_(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])_(?=\S)[^_\n]{0,60}[^\x00-\x7f_\n][^_\n]{0,60}_",
        "keeps its _ on the page, because letters touch it. Write *word*.",
    ),
    _kind(
        r"\]\(|\] \((?=\S+\))",
        'has a link that stays as it was typed. Write it without a blank between the brackets, and close both: "[text](page.md)".',
        r"(?<!\[)\][^\[\]\n]*\]\(|^[^\[\n]*\]\(|\]\([^)\n]*$|\] \(",
    ),
    _kind(
        r"\)\[(?=(?:https?:|contact:|[^\]\s]{1,99}\.md)[^\]\s]{0,99}\])",
        'has a link whose brackets are the wrong way round, and which stays as it was typed. Write "[text](page.md)".',
        r"\)\[",
    ),
    _kind(
        r"(?<=\S)\]\[(?=[\w-]+\])",
        "has a link that stays as it was typed, because no line says where it leads. Write [text](page.md).",
    ),
    _kind(
        r"\|\s*:?-{2,}|^\|[^\n]*\|[ ]*$|^[^\n|]+ \| [^\n]+\n[^\n|]+ \| ",
        'has a table that stays as it was typed. Put an empty line before it and a line such as "|---|---|" below its first line, and give each line as many columns.',
        r"\|\s*:?-{2,}|^[ ]{0,3}\|[^\n]*\|[ ]*$|^[^\n|]+ \| ",
    ),
    _kind(
        r"＊＊|］\s?[（(]|\]（|｀[^｀\n]*｀",
        "has {sign}, which is full-width and stays as it was typed. Type the plain characters: **word**, [text](page.md), `code`.",
    ),
    _kind(
        r"｛\s*[:：]?\s*[#＃.．][^{}｛｝\n]*[}｝]|\{\s*[:：]?\s*[#＃.．][^{}｛｝\n]*｝",
        'has {sign}, which is full-width and stays as it was typed. Type the plain characters, as in "{{: #id}}".',
    ),
    _kind(
        r"(?<![\[［])[\[［]+_*TOC_*[\]］]+",
        'has {sign}, which stays as it was typed. For a list of the headings of a page, write "[TOC]" between two empty lines; a notice cannot have one.',
    ),
    _kind(
        r"~~~|```",
        "has a fence for code that stays as it was typed. Put each line of the code in back-ticks: `code`.",
    ),
    _kind(r"~~(?=\w)", "keeps its ~~ on the page: text is not struck through here. Delete it.", "~~"),
    _kind(
        r"==(?=\w)[^=\n]+==|(?<=\w)\^[\w ]{1,9}\^|(?<=\w)~\w{1,3}~",
        "keeps {sign} on the page: Markdown has no such mark-up here. Delete its characters.",
    ),
    _kind(
        r"(?<![\w:]):[a-z][a-z_]{2,}:(?![\w:])",
        "has {sign}, the name of an emoji, which stays as it was typed. Delete it.",
    ),
    _kind(
        r"^\*\[[^\]\n]+\]:",
        "defines an abbreviation, and that line stays on the page as it was typed. Explain it in the text.",
    ),
    _kind(
        r"<!--", "opens a comment and never closes it, so visitors read it. Close it with -->, or delete it."
    ),
    _kind(
        r"\{%|\{\{(?! *[\w.-]+ *\}\})",
        "has {sign}, of a template, which stays as it was typed. Only [[…]] prints a value. Delete it.",
    ),
    _kind(
        r"\{:?\s{0,9}[.#][a-z][^{}\n]{0,80}\}",
        "keeps {sign} on the page. It belongs after a heading, or alone on the line below a paragraph.",
    ),
    _kind(
        r"^\[\d{1,2}\]: ",
        'begins like a note, and stays as it was typed. Write "[^1]" in the text, and "[^1]: …" for its note.',
    ),
    _kind(
        r"^#{2,6} ",
        'keeps {sign} on the page, because of the blanks before it. Begin the line with "## ".',
        r"^ +#{2,6} ",
    ),
    _kind(r"(?<![`\\])`(?!`)", "keeps its ` on the page. Close it on the same line: `code`."),
)
_IN_WORDS = re.compile(
    r"&(?:[a-z]{2,8}|#\d{1,7}|#x[0-9a-f]{1,6});|\*\*|(?<!\w)__?(?=\w[^_\n]*_)|\]\(|`|</?[a-z][^<>]*>",
    re.IGNORECASE,
)


def markup_left(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no text that looks like markup stays unconverted on the page: `**bold`, `[text](`."""
    for source in manuscript.converted:
        # The text that visitors read, without tags. Most texts have no such characters and need no further check.
        shown = html.unescape(re.sub(r"<[^<>]*>", "", _CODE.sub("", manuscript.markups[source.path].html)))
        for kind in _KINDS:
            found = kind.left.search(shown)
            if found and (line := _find(source, kind.typed, shown, found[0].strip())):
                message = kind.message.format(sign=found[0].strip())
                if "|---|" in message:
                    message += next(filter(None, map(_explain_rule, source.body.split("\n"))), "")
                yield Problem(source.path, line, message, "markdown-sign", "warning")


def _explain_rule(line: str) -> str:
    """Finds the wrong character in a line that looks like the rule of a table; "" for any other line."""
    return explain_lookalikes(line) if re.fullmatch(r"[|\s:‐‑‒–—―−－｜-]+", line) else ""


def markup_in_words(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no title, description or label contains markup, because they are printed as typed."""
    for source in manuscript.content.texts:
        for location, text in texts_in(source.lines):
            if found := _IN_WORDS.search(text):
                cure = "Type the character itself" if found[0].startswith("&") else "Delete it"
                message = f"{location[0]}: has {found[0]}, which visitors read as typed: this line has no mark-up. {cure}."
                yield source.lines.problem(location, "markdown-sign", message, "warning")


def _find(source: TextSource, typed: re.Pattern[str], shown: str, sign: str) -> int | None:
    """Returns the first line with the characters, preferably one that is shown as typed; None if no line has any.

    `**` and `__` come in pairs, so a line has an odd number of them if one stays.
    """
    lines = (source.body if sign == "<!--" else without_code(source.body)).split("\n")
    counts = [len(typed.findall(line)) for line in lines]
    odd = sign in ("**", "__")
    found = [number for number, count in enumerate(counts) if (count % 2 if odd else count)]
    found = found or [number for number, count in enumerate(counts) if count]
    as_typed = [number for number in found if lines[number].strip() in shown]
    return next((source.body_line + number for number in as_typed or found), None)
