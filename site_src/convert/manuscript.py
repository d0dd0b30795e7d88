"""Everything that was read, with each text converted: what the checks look at, complete or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from site_src.convert.markup import Markup
from site_src.read.content import Content, PageSource, TextSource


@dataclass(frozen=True, slots=True, eq=False)
class Manuscript:
    """Content and the `Markup` of each page and notice, by the path of its file. Each one equals itself alone.

    `own_ids` has, by the path of a translation, the id that each heading inherits by the id that its words would give it:
    links may name either.
    """

    content: Content
    markups: Mapping[str, Markup]
    own_ids: Mapping[str, Mapping[str, str]]
    pages: Mapping[tuple[str, str], PageSource]

    @property
    def converted(self) -> tuple[TextSource, ...]:
        """All pages and notices that have a `Markup`."""
        return tuple(text for text in self.content.texts if text.path in self.markups)

    def displayed(self, language: str, slug: str) -> PageSource | None:
        """The page that a reader of `language` gets: their own, else the default language's."""
        own = self.pages.get((language, slug))
        return own or self.pages.get((self.content.settings.default_language, slug))
