"""Advice on raw HTML: tags and attributes that the cleaning removes, and incomplete tags."""

from __future__ import annotations

import re
from collections.abc import Iterator

from site_src.check.code import without_code
from site_src.convert.allowed_html import ALLOWED_ATTRIBUTES, ALLOWED_TAGS, DROPPED_TAGS, REMOVED_WITH_CONTENT
from site_src.convert.manuscript import Manuscript
from site_src.convert.markdown_rules import TAG, find_unclosed
from site_src.problems import Problem
from site_src.read.text import explain_lookalikes

# The colon is optional after a heading and after an inline element.
_ATTRIBUTE_LIST = re.compile(
    r"\{:([^{}\n]*)\}|^#[^\n{]*?[ ]\{([^:{}\n][^{}\n]*)\}[ ]*$|(?<=[*_)\]`])\{([^:{}\n][^{}\n]*)\}",
    re.MULTILINE,
)
_WORD = re.compile(r"(?<!\S)([^\s=.#][^\s=]*)(?:=(?:\"[^\"]*\"|'[^']*'|\S*))?")
_KEY = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?")
_INSTRUCTION = re.compile(r"<(\?|!\[)[^<>]*>?")
_BROKEN_TAG = re.compile(
    r"<(/?(?:div|p|span|a|table|tr|td|th|ul|ol|li|br|hr|h[1-6]|strong|em))(?=[\s/])[^<>=]*=[^<>]*>",
    re.IGNORECASE,
)


def cleaned(manuscript: Manuscript) -> Iterator[Problem]:
    """Reports each tag and attribute that the cleaning removes, so that raw HTML cannot run or load anything on a page."""
    for source in manuscript.content.texts:
        body = without_code(source.body)
        found = {(source.line_at(offset), message) for offset, message in _removed(body)}
        for line, message in sorted(found):
            yield source.warning(line, "cleaned-html", message)


def _removed(body: str) -> Iterator[tuple[int, str]]:
    """Yields the offset of each tag or attribute list that the cleaning changes or removes, with a message about it."""
    unclosed = {tag.start() for tag in find_unclosed(body)} if "<" in body else set[int]()
    for tag in TAG.finditer(body):
        if tag.start() in unclosed:
            message = f"{tag[0]} is never closed, so visitors see it as typed. Close it. If it is not a tag, put it in back-ticks: `{tag[0]}`."
            yield tag.start(), message
        elif not tag[0].startswith("</"):
            yield from ((tag.start(), message) for message in _judge_tag(tag[1].lower(), tag[2]))
    for tag in _BROKEN_TAG.finditer(body):
        if not TAG.match(body, tag.start()):
            message = (
                f"<{tag[1]}> is not a complete tag, so visitors see it as typed. Close its quotation marks."
            )
            yield tag.start(), message
    for instruction in _INSTRUCTION.finditer(body):
        message = f'"<{instruction[1]}" and everything up to the next ">" is left out. Delete it.'
        yield instruction.start(), message
    for attributes in _ATTRIBUTE_LIST.finditer(body):
        for key in _WORD.findall(attributes[attributes.lastindex or 1]):
            if key not in ALLOWED_ATTRIBUTES["*"]:
                message = f'the attribute "{key}" is left out.{explain_lookalikes(key)} Only .class, #id and lang have an effect.'
                yield attributes.start(), message


def _judge_tag(name: str, attributes: str) -> Iterator[str]:
    if name in REMOVED_WITH_CONTENT:
        yield f"<{name}> is left out, with its content. Delete it."
    elif name in ALLOWED_TAGS:
        allowed = ALLOWED_ATTRIBUTES["*"] | ALLOWED_ATTRIBUTES.get(name, set())
        for key in map(str.lower, _KEY.findall(attributes)):
            if key not in allowed:
                yield f'the attribute "{key}" of <{name}> is left out. Delete it.'
    elif name not in DROPPED_TAGS and name != "img":  # another check reports pictures
        yield f"<{name}> is left out, but the text in it stays. Use Markdown, or delete the tag."
