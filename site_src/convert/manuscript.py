"""The content with its converted texts, complete or not, as the checks read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from site_src.convert.markup import Markup
from site_src.read.content import Content, PageSource, TextSource


@dataclass(frozen=True, slots=True, eq=False)
class Manuscript:
    """Content and the `Markup` of each page and notice, by the path of its file. Instances compare by identity.

    `own_ids` maps the path of a translation to a mapping from the id that a heading's words give to the id that it
    inherits; links may use either.
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
        """The page that a reader of `language` gets, in it or else in the default language; or None."""
        own = self.pages.get((language, slug))
        return own or self.pages.get((self.content.settings.default_language, slug))
