"""The content with its converted texts, which the checks read. Some texts may be missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from site_src.convert.markup import Markup
from site_src.convert.published_pictures import Picture
from site_src.read.content import Content, PageSource, TextSource


@dataclass(frozen=True, slots=True, eq=False)
class Manuscript:
    """The content, and the `Markup` of each page and notice by the path of its file (`markups`). Instances compare by identity.

    `own_ids` maps the path of each translation to the ids of its headings: from the id that the heading's own words would
    give to the id that the heading has from the original. Links may use either id. `pictures` maps each name to its
    picture, or to None if the picture cannot be shown now.

    `content` is the content before the first dated change. `later` lists, in order of time, each moment (aware) at which
    texts or facts change by themselves, with the manuscript from that moment on.
    """

    content: Content
    markups: Mapping[str, Markup]
    own_ids: Mapping[str, Mapping[str, str]]
    pages: Mapping[tuple[str, str], PageSource]
    pictures: Mapping[str, Picture | None]
    later: tuple[tuple[datetime, Manuscript], ...] = ()

    @property
    def converted(self) -> tuple[TextSource, ...]:
        """Returns all pages and notices that have a `Markup`."""
        return tuple(text for text in self.content.texts if text.path in self.markups)

    def displayed(self, language: str, slug: str) -> PageSource | None:
        """Returns the page in `language`, or else the page in the default language, or None if there is no such page."""
        own = self.pages.get((language, slug))
        return own or self.pages.get((self.content.settings.default_language, slug))

    def at(self, instant: datetime) -> Manuscript:
        """Returns the manuscript in force at `instant` (aware): the same instance for every instant until the next moment."""
        past = [manuscript for moment, manuscript in self.later if moment <= instant]
        return past[-1] if past else self

    def moments_after(self, instant: datetime) -> list[datetime]:
        """Returns the moments after `instant` (aware) at which texts or facts change, in order of time."""
        return [moment for moment, _ in self.later if moment > instant]

    def versions(self) -> Iterator[tuple[datetime | None, Manuscript]]:
        """Yields (None, this manuscript), then (moment, manuscript) for each later manuscript whose texts differ from the one
        before it.
        """
        yield None, self
        before = self
        for moment, manuscript in self.later:
            if manuscript.markups != before.markups:
                yield moment, manuscript
            before = manuscript
