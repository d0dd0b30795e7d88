"""Converts a text to clean `Markup` with Python-Markdown, and cleans its HTML.

This module is slow to import. It is needed only for a text that is not in the memo (see `converter`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import markdown
from markdown.extensions.attr_list import AttrListExtension
from markdown.extensions.def_list import DefListExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.extensions.toc import TocExtension
from markdown.inlinepatterns import InlineProcessor

from site_src.convert.allowed_html import CLEANER
from site_src.convert.boxes import Boxes, show_boxes
from site_src.convert.inventory import Inventory
from site_src.convert.markdown_rules import (
    ExplicitIds,
    Footnotes,
    keep_prose,
    make_slug,
    note_cut_rows,
    show_prose,
)
from site_src.convert.markup import (
    BOX_KINDS,
    HREF,
    ID,
    TOKEN,
    TOKEN_END,
    TOKEN_START,
    Heading,
    Lost,
    Markup,
    NestedTooDeep,
    Words,
)
from site_src.convert.slow_texts import refuse_deep_tags, refuse_open_brackets

# How Python-Markdown keeps an escaped character, such as "\\_", until the end of a conversion.
_ESCAPED = re.compile("\x02([0-9]{1,6})\x03")
_NO_CHARACTER = re.compile(r"&#[0-9]{8,};?")
_RAW_PICTURE = re.compile(r"<img\b[^<>]*?\bsrc\s*=\s*[\"']?([^\"'<>\s]*)", re.IGNORECASE)
# A link in raw HTML, as typed. The cleaning removes forbidden addresses, so a check must report them before it.
_RAW_LINK = re.compile(r"<a\b[^<>]*?\bhref\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)'|([^\s\"'<>]+))", re.IGNORECASE)
# Kana, Chinese characters and their punctuation, but not Korean, which has spaces between words.
_WITHOUT_BLANKS = r"[\u3000-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60]"
_BREAK = re.compile(
    rf"(?<={_WITHOUT_BLANKS})((?:</(?:a|b|em|i|strong)>)*)\n((?:<(?:a|b|em|i|strong)\b[^<>]*>)*)(?={_WITHOUT_BLANKS})"
)
_PREFORMATTED = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)
_HEADING = re.compile(r'<h([1-6])(?:[^<>]*?\sid="([^"]*)")?')
# A character that link destinations contain. An unused definition without such a character is a sentence.
_DESTINATION = re.compile(r"[/.:#]")
# Does not match the marks of boxes, which `show_boxes` replaces later.
_CLASS = re.compile(' class="([^"\ue002]*)"')


class _TokenPattern(InlineProcessor):
    """The pattern of `[[word]]` outside code. After a backslash or between back-ticks, the text stays as typed."""

    def handleMatch(  # type: ignore[override]  # noqa: N802 - the library's name
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002
    ) -> tuple[str, int, int]:
        return f"{TOKEN_START}{m[1]}{TOKEN_END}", m.start(), m.end()


# Only these characters can trigger the rules below. Each rule reads each piece of text, so leaving out the rules that
# cannot apply saves two fifths of the conversion, which is the largest part of a build.
_SIGNS = ("<", "&", "![", "]:")
_RULES_WITH_SIGN = (
    *("html", "autolink", "automail", "entity"),
    *("image_link", "image_reference", "short_image_ref", "reference", "short_reference"),
)


def _join_lines(clean: str) -> str:
    """Returns the HTML without line breaks between two characters of a script without spaces, except in code."""
    pieces = _PREFORMATTED.split(clean)
    return "".join(piece if number % 2 else _BREAK.sub(r"\1\2", piece) for number, piece in enumerate(pieces))


class MarkdownConverter:
    """Python-Markdown, set up once, and reset before each text so that nothing leaks from one text to the next.

    With `for_pages`, texts can have footnotes, and their headings get ids. Notices have neither, because a notice is part
    of pages that may use the same ids.
    """

    def __init__(self, for_pages: bool) -> None:
        self._for_pages = for_pages
        self._set_up()

    def _set_up(self) -> None:
        for_pages = self._for_pages
        self._inventory, self._interrupted = Inventory(), False
        self._footnotes, self._explicit, self._cut_rows = Footnotes(), ExplicitIds(), set[str]()
        self._box_titles: dict[str, str] = {}
        # Every footnote contains one of `_SIGNS`, so only the full set of rules needs footnotes.
        self._full = self._make([self._footnotes, _anchors()] if for_pages else [])
        self._plain = self._make([_anchors()] if for_pages else [])
        self._plain.preprocessors.deregister("html_block")
        for rule in _RULES_WITH_SIGN:
            self._plain.inlinePatterns.deregister(rule)

    def _make(self, more: list[markdown.Extension]) -> markdown.Markdown:
        extensions: list[markdown.Extension] = [
            TableExtension(),
            DefListExtension(),
            SaneListExtension(),
            AttrListExtension(),
            *more,
        ]
        converter = markdown.Markdown(extensions=extensions, output_format="html")
        converter.inlinePatterns.register(_TokenPattern(r"\[\[([^\[\]\n]+)\]\]"), "token", 175)
        converter.treeprocessors.register(self._inventory, "inventory", 1)
        converter.treeprocessors.register(self._explicit, "explicit_ids", 6)
        keep_prose(converter)
        note_cut_rows(converter, self._cut_rows)
        Boxes(converter, self._box_titles)
        return converter

    def convert(self, text: str, words: Words = Words()) -> Markup:  # noqa: B008 - immutable
        """Returns the text as `Markup`. Raises NestedTooDeep if Python-Markdown or the cleaner would take minutes."""
        refuse_open_brackets(text)
        self._prepare(words)
        converter = self._full if any(sign in text for sign in _SIGNS) else self._plain
        try:
            self._interrupted = True
            raw = converter.reset().convert(text)
            self._interrupted = False
        except RecursionError:
            raise NestedTooDeep from None
        if converter is self._full:
            refuse_deep_tags(raw)
            raw = show_prose(raw)
        clean = _join_lines(CLEANER.clean(raw))
        # A reference with thousands of digits does not give a character, and Python refuses to parse it.
        in_html = {"".join(link) for link in _RAW_LINK.findall(raw)} if converter is self._full else set()
        links = {
            _ESCAPED.sub(lambda code: chr(int(code[1])), link) for link in self._inventory.links | in_html
        }
        typed = {html.unescape(_NO_CHARACTER.sub("\ufffd", link)) for link in links}
        return Markup(
            html=show_boxes(clean),
            tokens=frozenset(map(html.unescape, TOKEN.findall(clean))),
            links=frozenset(typed | set(map(html.unescape, HREF.findall(clean)))),
            anchors=tuple(ID.findall(clean)),
            classes=frozenset(name for names in _CLASS.findall(clean) for name in names.split()),
            pictures=frozenset(self._inventory.pictures),
            raw_pictures=frozenset(_RAW_PICTURE.findall(raw)),
            headings=tuple(
                Heading(int(level), id, id in self._explicit.found) for level, id in _HEADING.findall(clean)
            ),
            lost=frozenset(self._find_lost(converter)),
        )

    def _prepare(self, words: Words) -> None:
        """Clears what the last text left, and sets the words of the next."""
        if self._interrupted:  # for example inside a list, which the next text would continue
            self._set_up()
        self._inventory.links, self._inventory.pictures = set(), set()
        self._cut_rows.clear()
        self._footnotes.twice.clear()
        self._footnotes.setConfig("BACKLINK_TITLE", words.footnote_back.replace("{number}", "{}"))
        self._box_titles.update(zip(BOX_KINDS, words.box_titles, strict=True))

    def _find_lost(self, converter: markdown.Markdown) -> Iterator[tuple[Lost, str]]:
        """Yields each typed text that the converted text does not contain, with the reason."""
        yield from ((Lost.CELL, row) for row in self._cut_rows)
        yield from ((Lost.NOTE, name) for name in self._footnotes.twice)
        for name, (target, _) in converter.references.items():
            if target not in self._inventory.links and not _DESTINATION.search(target):
                yield Lost.DEFINITION, name


def _anchors() -> TocExtension:
    """Returns the extension that gives all headings ids. `[TOC]` lists the second-level headings, the parts of a page."""
    return TocExtension(slugify=make_slug, permalink=False, toc_depth="2-2")
