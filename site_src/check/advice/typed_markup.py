"""Advice on markup that visitors see as typed: unclosed `**`, `[text](`, tables, or the markup of other programs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from site_src.check.prose import without_code
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import TextSource
from site_src.read.text import explain_lookalikes

_CODE = re.compile(r"<(code|pre)\b[^>]*>.*?</\1>", re.DOTALL)


class _Kind(NamedTuple):
    """A kind of unconverted markup: its pattern on the page (`left`) and in the file (`typed`), and the message about it."""

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
        "has {sign}, which visitors see as typed. Close it on the same line: **word**.",
        r"\*\*|__",
    ),
    _kind(
        r"_(?=\S)[^_\n]{0,60}[^\x00-\x7f_\n][^_\n]{0,60}_(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])_(?=\S)[^_\n]{0,60}[^\x00-\x7f_\n][^_\n]{0,60}_",
        "has _, which visitors see as typed, because letters touch it. Write *word*.",
    ),
    _kind(
        r"\]\(|\] \((?=\S+\))",
        'has a link that visitors see as typed. Write it without a space between the brackets, and close both brackets: "[text](page.md)".',
        r"(?<!\[)\][^\[\]\n]*\]\(|^[^\[\n]*\]\(|\]\([^)\n]*$|\] \(",
    ),
    _kind(
        r"\)\[(?=(?:https?:|contact:|[^\]\s]{1,99}\.md)[^\]\s]{0,99}\])",
        'has a link whose brackets are the wrong way round, so visitors see it as typed. Write "[text](page.md)".',
        r"\)\[",
    ),
    _kind(
        r"(?<=\S)\]\[(?=[\w-]+\])",
        "has a link that visitors see as typed, because no line says where it leads. Write [text](page.md).",
    ),
    _kind(
        r"\|\s*:?-{2,}|^\|[^\n]*\|[ ]*$|^[^\n|]+ \| [^\n]+\n[^\n|]+ \| ",
        'has a table that visitors see as typed. Put an empty line before it, put a line such as "|---|---|" below its first line, and give all its lines the same number of columns.',
        r"\|\s*:?-{2,}|^[ ]{0,3}\|[^\n]*\|[ ]*$|^[^\n|]+ \| ",
    ),
    _kind(
        r"＊＊|］\s?[（(]|\]（|｀[^｀\n]*｀",
        "has {sign} with full-width characters, so visitors see it as typed. Type the plain characters: **word**, [text](page.md), `code`.",
    ),
    _kind(
        r"｛\s*[:：]?\s*[#＃.．][^{}｛｝\n]*[}｝]|\{\s*[:：]?\s*[#＃.．][^{}｛｝\n]*｝",
        'has {sign} with full-width characters, so visitors see it as typed. Type the plain characters, as in "{{: #id}}".',
    ),
    _kind(
        r"(?<![\[［])[\[［]+_*TOC_*[\]］]+",
        'has {sign}, which visitors see as typed. For a list of the page\'s headings, write "[TOC]" between two empty lines. A notice cannot have such a list.',
    ),
    _kind(
        r"~~~|```",
        "has a code fence that visitors see as typed. Put each line of the code in back-ticks: `code`.",
    ),
    _kind(
        r"~~(?=\w)", "has ~~, which visitors see as typed: it does not strike text through. Delete it.", "~~"
    ),
    _kind(
        r"==(?=\w)[^=\n]+==|(?<=\w)\^[\w ]{1,9}\^|(?<=\w)~\w{1,3}~",
        "has {sign}, which visitors see as typed, because this markup is not supported. Delete the characters around the text.",
    ),
    _kind(
        r"(?<![\w:]):[a-z][a-z_]{2,}:(?![\w:])",
        "has {sign}, the name of an emoji, which visitors see as typed. Delete it.",
    ),
    _kind(
        r"^\*\[[^\]\n]+\]:",
        "defines an abbreviation, but visitors see the line as typed. Explain the abbreviation in the text.",
    ),
    _kind(
        r"<!--", "opens a comment and never closes it, so visitors see it. Close it with -->, or delete it."
    ),
    _kind(
        r"\{%|\{\{(?! *[\w.-]+ *\}\})",
        "has {sign} from a template, which visitors see as typed. Delete it: only [[…]] prints a value.",
    ),
    _kind(
        r"\{:?\s{0,9}[.#][a-z][^{}\n]{0,80}\}",
        "has {sign}, which visitors see as typed. Put it after a heading, or alone on the line below a paragraph.",
    ),
    _kind(
        r"^\[\d{1,2}\]: ",
        'begins like a footnote, but visitors see it as typed. Write "[^1]" in the text, and "[^1]: …" for the footnote.',
    ),
    _kind(
        r"^#{2,6} ",
        'has {sign}, which visitors see as typed, because of the spaces before it. Begin the line with "## ".',
        r"^ +#{2,6} ",
    ),
    _kind(r"(?<![`\\])`(?!`)", "has `, which visitors see as typed. Close it on the same line: `code`."),
)


def markup_left(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that visitors see no unconverted markup, such as `**bold` or `[text](`."""
    for source in manuscript.converted:
        # The text that visitors see, without tags. Most texts contain no markup, and need no further check.
        shown = html.unescape(re.sub(r"<[^<>]*>", "", _CODE.sub("", manuscript.markups[source.path].html)))
        for kind in _KINDS:
            found = kind.left.search(shown)
            if found and (line := _find(source, kind.typed, shown, found[0].strip())):
                message = kind.message.format(sign=found[0].strip())
                if "|---|" in message:
                    message += next(filter(None, map(_explain_rule, source.body.split("\n"))), "")
                yield Problem(source.path, line, message, "markdown-sign", "warning")


def _explain_rule(line: str) -> str:
    """Explains the look-alike characters in a line like `|---|---|`. Returns "" for any other line."""
    return explain_lookalikes(line) if re.fullmatch(r"[|\s:‐‑‒–—―−－｜-]+", line) else ""


def _find(source: TextSource, typed: re.Pattern[str], shown: str, sign: str) -> int | None:
    """Returns the number of the first line with the characters, or None if no line has them.

    Prefers a line that the page shows exactly as typed. `**` and `__` come in pairs, so for these, a line with an odd
    number of them comes first of all.
    """
    lines = (source.body if sign == "<!--" else without_code(source.body)).split("\n")
    counts = [len(typed.findall(line)) for line in lines]
    odd = sign in ("**", "__")
    found = [number for number, count in enumerate(counts) if (count % 2 if odd else count)]
    found = found or [number for number, count in enumerate(counts) if count]
    as_typed = [number for number in found if lines[number].strip() in shown]
    return next((source.body_line + number for number in as_typed or found), None)
