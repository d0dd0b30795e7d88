"""Checks for what is almost a [[token]], and would be published as typed: a missing bracket, one too many, or code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_src.check.code import blank, without_code
from site_src.check.tokens import TOKEN, problems_with_token
from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import CONVERSATION_STARTER
from site_src.problems import Problem
from site_src.read.content import PageSource, TextSource
from site_src.read.text import FORBIDDEN, explain_lookalikes, to_plain

# Words with a missing bracket, or in braces: `[[word]`, `[word]]`, `[word]`, `{{word}}`. Also the name of a fact without
# any bracket.
_ALMOST_TOKEN = re.compile(
    r"(?<!\[)\[\[? *([a-z][a-z0-9._-]*) *\](?![\](\[:])|(?<!\[)\[ *([a-z][a-z0-9._-]*) *\]\](?!\])|\{\{ *([a-z][a-z0-9._-]*) *\}\}"
    r"|(?<!\[)\[\[([a-z][a-z0-9._-]*)\]\](?!\])|(?<![\w.\[])((?:[a-z][a-z0-9-]{0,40}\.)?[a-z][a-z0-9]{0,40}(?:_[a-z0-9]+)+)(?![\w\]])",
    re.IGNORECASE,
)
# Brackets beside a token: the outer ones of `[[[word]]]` are published, and so is the address after `[[word]](page.md)`.
_BESIDE_TOKEN = re.compile(
    r"(?<!\[)(?P<more>\[+)?\[\[(?P<word>[^\[\]\n]+)\]\](?(more)\]+(?![(\[])|(?P<to>\([^()\s]+\)))"
)
_CODE = re.compile(r"<code>.*?</code>", re.DOTALL)
_REFERENCE = re.compile(r"&#(?:[xX]0*([0-9a-fA-F]{1,6})|0*([0-9]{1,7}))(?![0-9a-fA-F])")


def almost_tokens(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no word is almost a token, and that the conversation starter's token is not shown as code."""
    words = sorted({CONVERSATION_STARTER, *(name for _, name, _ in manuscript.content.facts)})
    for source in manuscript.converted:
        yield from _beside_tokens(source)
        # A fast test: few texts have such a word outside brackets.
        body = to_plain(TOKEN.sub("", source.body)).lower()
        if any(word in body for word in words):
            yield from _almost_tokens_in(source, words)
        code = "".join(_CODE.findall(manuscript.markups[source.path].html))
        if isinstance(source, PageSource) and source.meta.programme and f"[[{CONVERSATION_STARTER}]]" in code:
            message = "is shown as code, because of the spaces or back-ticks before it. Begin the line with the token."
            yield from problems_with_token(source, CONVERSATION_STARTER, message)


def _beside_tokens(source: TextSource) -> Iterator[Problem]:
    for match in _BESIDE_TOKEN.finditer(source.body) if "[[" in source.body else ():
        if match["to"]:
            message = f'"{match[0]}" is not a link. Write "[[[{match["word"]}]]]{match["to"]}".'
        else:
            message = f'"{match[0]}" has too many brackets. Write "[[{match["word"]}]]".'
        yield source.problem(source.line_at(match.start()), "token", message)


def _almost_tokens_in(source: TextSource, words: list[str]) -> Iterator[Problem]:
    # `tokens` checks the tokens. Spaces replace them here, so that the other characters keep their positions.
    body = TOKEN.sub(lambda token: blank(token[0]), without_code(source.body))
    for match in _ALMOST_TOKEN.finditer(to_plain(body)):
        word = next(filter(None, match.groups())).lower()
        typed = body[match.start() : match.end()]
        if word in words or word.rpartition(".")[2] in words:
            message = f'"{typed}" is almost a token.{explain_lookalikes(typed)} Write "[[{word}]]".'
            yield source.problem(source.line_at(match.start()), "token", message)


def invisible_references(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no `&#…;` produces a character that hides or reorders text, and therefore may not be typed."""
    for source in manuscript.content.texts:
        for match in _REFERENCE.finditer(source.body):
            code = int(match[1], 16) if match[1] else int(match[2])
            if code < 0x110000 and FORBIDDEN.search(chr(code)):
                message = f'has a reference "&#…;" to the invisible character U+{code:04X}. Delete it.'
                yield source.problem(source.line_at(match.start()), "control-character", message)
