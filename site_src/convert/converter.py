"""Converts all texts into a `Manuscript`, and gives the headings of a translation the ids of the original. The memo keeps the results.

The result depends only on the text, the words of the interface and the code. The quota state, the time and addresses do not
affect it (see `markup`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from site_src.cache import Memo, digest, fingerprint
from site_src.convert.heading_ids import Translation, inherit_ids
from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import (
    BOX_KINDS,
    Heading,
    Lost,
    Markup,
    NestedTooDeep,
    ShownPicture,
    TooMuchWork,
    Words,
)
from site_src.convert.published_pictures import Picture, convert_pictures
from site_src.convert.slow_texts import TimeLimit, longest_paragraph
from site_src.problems import Report
from site_src.read.content import Content, PageSource, TextSource
from site_src.read.in_force import BEFORE_ALL, content_at, list_moments
from site_src.read.labels import Labels

if TYPE_CHECKING:
    from site_src.convert.markdown import MarkdownConverter


# What the conversion of a text depends on: the text, the words of the interface, and whether it is a page.
_Text = tuple[str, Words, bool]


class Converter:
    """Converts texts. The Markdown libraries are slow to import, so they are loaded only for a new text."""

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._markdown: dict[bool, MarkdownConverter] = {}
        # The results of the last run. A text that has not changed is not loaded from the memo again.
        self._known: dict[_Text, Markup] = {}
        self._translations: dict[str, Translation] = {}

    def convert_texts(self, content: Content, report: Report, waits: bool = True) -> Manuscript:
        """Returns the manuscript. Leaves out texts that are nested too deep or take too long, and reports each of them.

        Converts a text with dated blocks once for each of its versions. Without `waits`, leaves out the PNG, JPEG and WebP
        pictures that are not in the memo.
        """
        moments = list_moments(content)
        contents = [content_at(content, moment) for moment in (BEFORE_ALL, *moments)]
        made: dict[tuple[str, str], Markup | None] = {}
        known: dict[_Text, Markup] = {}
        limit = TimeLimit()
        for version in contents:
            for text in version.texts:
                if (text.path, text.body) not in made:
                    words = _words(content.labels.get(text.language))
                    key = text.body, words, isinstance(text, PageSource)
                    markup = known.get(key) or self._known.get(key)
                    markup = markup or self._convert_within(limit, text, words, report)
                    made[text.path, text.body] = markup
                    if markup:
                        known[key] = markup
        failed = frozenset(path for (path, _), markup in made.items() if markup is None)
        pictures = convert_pictures(content.pictures, self._memo, report, waits)
        self._known, before, self._translations = known, self._translations, {}
        manuscripts = [
            _manuscript(version, made, failed, pictures, before, self._translations) for version in contents
        ]
        return replace(manuscripts[0], later=tuple(zip(moments, manuscripts[1:], strict=True)))

    def _convert_within(
        self, limit: TimeLimit, text: TextSource, words: Words, report: Report
    ) -> Markup | None:
        for_pages = isinstance(text, PageSource)
        try:
            if (kept := self._memo.find(_key(text.body, words, for_pages))) is not None:
                return _load(kept)
            with limit.one_text():
                return self.convert(text.body, words, for_pages)
        except NestedTooDeep:
            message = "has lists, quotations or brackets that are nested too deeply, or are never closed. Make it simpler."
            report.error(text.path, text.body_line, "nesting", message)
        except TooMuchWork as error:
            line = text.body_line + longest_paragraph(text.body)
            report.error(text.path, line, "slow-text", str(error))
        return None

    def convert(self, text: str, words: Words, for_pages: bool) -> Markup:
        """Returns the text's `Markup`. Raises NestedTooDeep."""
        key = _key(text, words, for_pages)
        kept = self._memo.get(key, lambda: _dump(self._library(for_pages).convert(text, words)))
        return _load(kept)

    def _library(self, for_pages: bool) -> MarkdownConverter:
        if for_pages not in self._markdown:
            from site_src.convert.markdown import MarkdownConverter

            self._markdown[for_pages] = MarkdownConverter(for_pages)
        return self._markdown[for_pages]


def _key(text: str, words: Words, for_pages: bool) -> str:
    code = fingerprint("site_src.convert", libraries=("markdown", "nh3"))
    return digest(code, str(for_pages), words.footnote_back, *words.box_titles, text)


def _manuscript(
    content: Content,
    made: Mapping[tuple[str, str], Markup | None],
    failed: frozenset[str],
    pictures: Mapping[str, Picture | None],
    before: Mapping[str, Translation],
    translations: dict[str, Translation],
) -> Manuscript:
    """Returns the manuscript of the content, without the texts whose conversion failed. Checks skip these texts.

    `before` contains the translations of the last run, and `translations` collects those of this one.
    """
    markups = {
        text.path: markup
        for text in content.texts
        if text.path not in failed and (markup := made[text.path, text.body])
    }
    content = replace(content, unreadable=content.unreadable | failed)
    pages = {(page.language, page.slug): page for page in content.pages if page.path in markups}
    inherited = inherit_ids(pages, markups, content.settings.default_language, before)
    translations |= inherited
    markups |= {path: translation.markup for path, translation in inherited.items()}
    own_ids = {path: translation.ids for path, translation in inherited.items() if translation.ids}
    return Manuscript(
        content, MappingProxyType(markups), MappingProxyType(own_ids), MappingProxyType(pages), pictures
    )


def _words(labels: Labels | None) -> Words:
    if labels is None:
        return Words()
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
        pictures=frozenset(ShownPicture(*picture) for picture in kept["pictures"]),
        raw_pictures=frozenset(kept["raw_pictures"]),
        headings=tuple(Heading(*heading) for heading in kept["headings"]),
        lost=frozenset((Lost(why), typed) for why, typed in kept["lost"]),
    )
