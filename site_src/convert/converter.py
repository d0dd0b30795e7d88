"""Converts all texts of the content into a `Manuscript`; a text that was converted before comes from the memo.

The converted Markdown depends only on the text, the words of the interface and the code; not on the quota state, the
time or an address (see `markup`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from site_src.cache import Memo, digest, fingerprint
from site_src.convert.headings import inherit_ids, match_headings
from site_src.convert.limits import TimeLimit, longest_paragraph
from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import BOX_KINDS, Heading, Lost, Markup, NestedTooDeep, TooMuchWork, Words
from site_src.problems import Report
from site_src.read.content import Content, PageSource
from site_src.read.labels import Labels

if TYPE_CHECKING:
    from site_src.convert.markdown import MarkdownConverter


class Converter:
    """Converts texts. The Markdown libraries are slow to import, so they are loaded only for a new text."""

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._markdown: dict[bool, MarkdownConverter] = {}

    def convert_texts(self, content: Content, report: Report) -> Manuscript:
        """The manuscript, without texts that are nested too deep or take too long; `report` gets a problem for each."""
        markups: dict[str, Markup] = {}
        failed: set[str] = set()
        limit = TimeLimit()
        for text in content.texts:
            labels = content.labels.get(text.path.split("/")[1])
            words = _words(labels) if labels else Words()
            try:
                with limit.one_text():
                    markups[text.path] = self.convert(text.body, words, isinstance(text, PageSource))
            except NestedTooDeep:
                message = "has lists, quotes or brackets that are nested too deep, or never closed. Make it simpler."
                report.error(text.path, text.body_line, "nesting", message)
                failed.add(text.path)
            except TooMuchWork as error:
                line = text.body_line + longest_paragraph(text.body)
                report.error(text.path, line, "slow-text", str(error))
                failed.add(text.path)
        # Checks skip texts that could not be converted.
        content = replace(content, unreadable=content.unreadable | failed)
        pages = {(page.language, page.slug): page for page in content.pages if page.path in markups}
        own_ids = _inherit_ids(pages, markups, content.settings.default_language)
        return Manuscript(
            content, MappingProxyType(markups), MappingProxyType(own_ids), MappingProxyType(pages)
        )

    def convert(self, text: str, words: Words, for_pages: bool) -> Markup:
        """The text's `Markup`; raises NestedTooDeep."""
        code = fingerprint("site_src.convert", libraries=("markdown", "nh3"))
        key = digest(code, str(for_pages), words.footnote_back, *words.box_titles, text)
        kept = self._memo.get(key, lambda: _dump(self._library(for_pages).convert(text, words)))
        return _load(kept)

    def _library(self, for_pages: bool) -> MarkdownConverter:
        if for_pages not in self._markdown:
            from site_src.convert.markdown import MarkdownConverter

            self._markdown[for_pages] = MarkdownConverter(for_pages)
        return self._markdown[for_pages]


def _words(labels: Labels) -> Words:
    return Words(labels.footnote_back, tuple(getattr(labels, f"box_{kind}") for kind in BOX_KINDS))


def _dump(made: Markup) -> dict[str, Any]:
    values = {field.name: getattr(made, field.name) for field in fields(Markup)}
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()}


def _load(kept: Mapping[str, Any]) -> Markup:
    return Markup(
        html=str(kept["html"]),
        tokens=frozenset(kept["tokens"]),
        links=frozenset(kept["links"]),
        anchors=tuple(kept["anchors"]),
        classes=frozenset(kept["classes"]),
        pictures=frozenset(kept["pictures"]),
        headings=tuple(Heading(*heading) for heading in kept["headings"]),
        lost=frozenset((Lost(why), typed) for why, typed in kept["lost"]),
    )


def _inherit_ids(
    pages: Mapping[tuple[str, str], PageSource], markups: dict[str, Markup], default: str
) -> dict[str, Mapping[str, str]]:
    """Gives each translation in `markups` the ids of its original. Returns, by path, the inherited id for each own id."""
    own_ids: dict[str, Mapping[str, str]] = {}
    for (language, slug), page in pages.items():
        original = pages.get((default, slug))
        if original is None or language == default:
            continue
        if ids := match_headings(markups[page.path], markups[original.path]):
            own_ids[page.path] = ids
            markups[page.path] = inherit_ids(markups[page.path], ids)
    return own_ids
