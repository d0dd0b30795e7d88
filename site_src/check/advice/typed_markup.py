"""Advice on markup that visitors see as typed: unclosed `**`, `[text](`, tables, or the markup of other programs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from site_src.check.code import without_code
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.content import TextSource
from site_src.read.text import explain_lookalikes

_CODE = re.compile(r"<(code|pre)\b[^>]*>.*?</\1>", re.DOTALL)


_FLAGS = re.MULTILINE | re.IGNORECASE
# The patterns on the page whose characters are found in the file by another pattern (`_IN_FILE`).
_EMPHASIS = r"\*\*|__(?=\w)|(?<=\w)__"
_LINK = r"\]\(|\] \((?=\S+\))"
_WRONG_BRACKETS = r"\)\[(?=(?:https?:|contact:|[^\]\s]{1,99}\.md)[^\]\s]{0,99}\])"
_TABLE = r"\|\s*:?-{2,}|^\|[^\n]*\|[ ]*$|^[^\n|]+ \| [^\n]+\n[^\n|]+ \| "
_STRIKE = r"~~(?=\w)"
_HEADING = r"^#{2,6} "
# Kinds of unconverted markup: the pattern on the page, and the message about it.
_KINDS = {
    _EMPHASIS: "has {sign}, which visitors see as typed. Close it on the same line: **word**.",
    r"_(?=\S)[^_\n]{0,60}[^\x00-\x7f_\n][^_\n]{0,60}_(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])_(?=\S)[^_\n]{0,60}[^\x00-\x7f_\n][^_\n]{0,60}_": "has _, which visitors see as typed, because letters touch it. Write *word*.",
    _LINK: 'has a link that visitors see as typed. Write it without a space between the brackets, and close both brackets: "[text](page.md)".',
    _WRONG_BRACKETS: 'has a link whose brackets are the wrong way round, so visitors see it as typed. Write "[text](page.md)".',
    r"(?<=\S)\]\[(?=[\w-]+\])": "has a link that visitors see as typed, because no line says where it leads. Write [text](page.md).",
    _TABLE: 'has a table that visitors see as typed. Put an empty line before it, put a line such as "|---|---|" below its first line, and give all its lines the same number of columns.',
    r"＊＊|］\s?[（(]|\]（|｀[^｀\n]*｀": "has {sign} with full-width characters, so visitors see it as typed. Type the plain characters: **word**, [text](page.md), `code`.",
    r"｛\s*[:：]?\s*[#＃.．][^{}｛｝\n]*[}｝]|\{\s*[:：]?\s*[#＃.．][^{}｛｝\n]*｝": 'has {sign} with full-width characters, so visitors see it as typed. Type the plain characters, as in "{{: #id}}".',
    r"(?<![\[［])[\[［]+_*TOC_*[\]］]+": 'has {sign}, which visitors see as typed. For a list of the page\'s headings, write "[TOC]" between two empty lines. A notice cannot have such a list.',
    r"~~~|```": "has a code fence that visitors see as typed. Put each line of the code in back-ticks: `code`.",
    _STRIKE: "has ~~, which visitors see as typed: it does not strike text through. Delete it.",
    r"==(?=\w)[^=\n]+==|(?<=\w)\^[\w ]{1,9}\^|(?<=\w)~\w{1,3}~": "has {sign}, which visitors see as typed, because this markup is not supported. Delete the characters around the text.",
    r"(?<![\w:]):[a-z][a-z_]{2,}:(?![\w:])": "has {sign}, the name of an emoji, which visitors see as typed. Delete it.",
    r"^\*\[[^\]\n]+\]:": "defines an abbreviation, but visitors see the line as typed. Explain the abbreviation in the text.",
    r"<!--": "opens a comment and never closes it, so visitors see it. Close it with -->, or delete it.",
    r"\{%|\{\{(?! *[\w.-]+ *\}\})": "has {sign} from a template, which visitors see as typed. Delete it: only [[…]] prints a value.",
    r"\{:?\s{0,9}[.#][a-z][^{}\n]{0,80}\}": "has {sign}, which visitors see as typed. Put it after a heading, or alone on the line below a paragraph.",
    r"^\[\d{1,2}\]: ": 'begins like a footnote, but visitors see it as typed. Write "[^1]" in the text, and "[^1]: …" for the footnote.',
    _HEADING: 'has {sign}, which visitors see as typed, because of the spaces before it. Begin the line with "## ".',
    r"(?<![`\\])`(?!`)": "has `, which visitors see as typed. Close it on the same line: `code`.",
}
_IN_FILE = {
    _EMPHASIS: r"\*\*|__",
    _LINK: r"(?<!\[)\][^\[\]\n]*\]\(|^[^\[\n]*\]\(|\]\([^)\n]*$|\] \(",
    _WRONG_BRACKETS: r"\)\[",
    _TABLE: r"\|\s*:?-{2,}|^[ ]{0,3}\|[^\n]*\|[ ]*$|^[^\n|]+ \| ",
    _STRIKE: "~~",
    _HEADING: r"^ +#{2,6} ",
}
_PATTERNS = [
    (re.compile(left, _FLAGS), message, re.compile(_IN_FILE.get(left, left), _FLAGS))
    for left, message in _KINDS.items()
]


def markup_left(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that visitors see no unconverted markup, such as `**bold` or `[text](`."""
    for source in manuscript.converted:
        shown = html.unescape(re.sub(r"<[^<>]*>", "", _CODE.sub("", manuscript.markups[source.path].html)))
        for left, message, typed in _PATTERNS:
            found = left.search(shown)
            if found and (line := _find(source, typed, shown, found[0].strip())):
                if "|---|" in message:
                    message += next(filter(None, map(_explain_rule, source.body.split("\n"))), "")  # noqa: PLW2901
                yield source.warning(line, "markdown-sign", message.format(sign=found[0].strip()))


def _explain_rule(line: str) -> str:
    """Explains the look-alike characters in a line like `|---|---|`. Returns "" for any other line."""
    return explain_lookalikes(line) if re.fullmatch(r"[|\s:‐‑‒–—―−－｜-]+", line) else ""


def _find(source: TextSource, typed: re.Pattern[str], shown: str, sign: str) -> int | None:
    """Returns the number of the first line with the characters, or None if no line has them.

    Prefers a line with an odd number of `**` or `__`, which come in pairs, and one that the page shows exactly as typed.
    """
    lines = (source.body if sign == "<!--" else without_code(source.body)).split("\n")
    counts = [len(typed.findall(line)) for line in lines]
    odd = sign in ("**", "__")
    found = [number for number, count in enumerate(counts) if (count % 2 if odd else count)]
    found = found or [number for number, count in enumerate(counts) if count]
    as_typed = [number for number in found if lines[number].strip() in shown]
    return next((source.body_line + number for number in as_typed or found), None)
