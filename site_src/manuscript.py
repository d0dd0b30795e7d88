"""Everything that was read, with each text converted: what the checks look at, complete or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from site_src.content import Content, PageSource, TextSource
from site_src.markup import Converter, Markup, NestedTooDeep
from site_src.problems import Problem


@dataclass(frozen=True, slots=True)
class Manuscript:
    """Content and the `Markup` of each page and notice, by the path of its file."""

    content: Content
    markups: Mapping[str, Markup]
    pages: Mapping[tuple[str, str], PageSource]

    @property
    def converted(self) -> tuple[TextSource, ...]:
        """All pages and notices that have a `Markup`."""
        return tuple(text for text in self.content.texts if text.path in self.markups)

    def displayed(self, language: str, slug: str) -> PageSource | None:
        """The page that a reader of `language` gets: their own, else the default language's."""
        own = self.pages.get((language, slug))
        return own or self.pages.get((self.content.settings.default_language, slug))


def convert_texts(content: Content, problems: list[Problem]) -> Manuscript:
    """The manuscript; a text that would bring the converter down is a problem and is left out."""
    markups: dict[str, Markup] = {}
    for language in content.settings.languages:
        labels = content.labels.get(language)
        converter = Converter(footnote_back=labels.footnote_back if labels else "")
        for page in content.pages:
            if page.language == language:
                _convert(page, converter, markups, problems)
    converter = Converter(footnote_back=None)
    for notice in content.notices.values():
        _convert(notice, converter, markups, problems)
    pages = {(page.language, page.slug): page for page in content.pages if page.path in markups}
    return Manuscript(content, MappingProxyType(markups), MappingProxyType(pages))


def _convert(
    source: TextSource,
    converter: Converter,
    markups: dict[str, Markup],
    problems: list[Problem],
) -> None:
    try:
        markups[source.path] = converter.convert(source.body)
    except NestedTooDeep:
        problems.append(
            Problem(
                source.path,
                source.body_line,
                "has lists, quotes or brackets that are nested too deep, or never closed. Make the text simpler.",
                "nesting",
            )
        )
