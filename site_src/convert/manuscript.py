"""Everything that was read, with each text converted: what the checks look at, complete or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from site_src.convert.conversions import Conversions
from site_src.convert.headings import inherit_ids, match_headings
from site_src.convert.markup import Markup, NestedTooDeep, TooMuchWork
from site_src.memo import Recall
from site_src.problems import Problem
from site_src.read.content import Content, PageSource, TextSource


@dataclass(frozen=True, slots=True, eq=False)
class Manuscript:
    """Content and the `Markup` of each page and notice, by the path of its file. Each one equals itself alone.

    `own_ids` has, by the path of a translation, the id that each heading inherits by the id that its words would give it:
    links may name either. `recall` keeps what is slow to find out about them; no answer depends on it.
    """

    content: Content
    markups: Mapping[str, Markup]
    own_ids: Mapping[str, Mapping[str, str]]
    pages: Mapping[tuple[str, str], PageSource]
    recall: Recall

    @property
    def converted(self) -> tuple[TextSource, ...]:
        """All pages and notices that have a `Markup`."""
        return tuple(text for text in self.content.texts if text.path in self.markups)

    def displayed(self, language: str, slug: str) -> PageSource | None:
        """The page that a reader of `language` gets: their own, else the default language's."""
        own = self.pages.get((language, slug))
        return own or self.pages.get((self.content.settings.default_language, slug))


def convert_texts(content: Content, conversions: Conversions, problems: list[Problem]) -> Manuscript:
    """The manuscript; a text that would bring the converter down, or hold it up, is a problem and is left out."""
    markups: dict[str, Markup] = {}
    failed: set[str] = set()
    for text in content.texts:
        labels = content.labels.get(text.path.split("/")[1])
        footnote_back = labels.footnote_back if labels else ""
        try:
            markups[text.path] = conversions.convert(text.body, footnote_back, isinstance(text, PageSource))
        except NestedTooDeep:
            message = (
                "has lists, quotes or brackets that are nested too deep, or never closed. Make it simpler."
            )
            problems.append(Problem(text.path, text.body_line, message, "nesting"))
            failed.add(text.path)
        except TooMuchWork as error:
            message = (
                "would take minutes to read, and a closing must not wait for it. Make several paragraphs or pages "
                "of what stands here, and close its brackets."
            )
            problems.append(Problem(text.path, text.body_line + error.line, message, "slow-text"))
            failed.add(text.path)
    # Nothing else blames a text that could not be converted.
    content = replace(content, unreadable=content.unreadable | failed)
    pages = {(page.language, page.slug): page for page in content.pages if page.path in markups}
    own_ids = _inherit_ids(pages, markups, content.settings.default_language)
    return Manuscript(
        content,
        MappingProxyType(markups),
        MappingProxyType(own_ids),
        MappingProxyType(pages),
        conversions.recall,
    )


def _inherit_ids(
    pages: Mapping[tuple[str, str], PageSource], markups: dict[str, Markup], default: str
) -> dict[str, Mapping[str, str]]:
    """Gives each translation in `markups` the ids of its original; the ids that its own words gave, by its path."""
    own_ids: dict[str, Mapping[str, str]] = {}
    for (language, slug), page in pages.items():
        original = pages.get((default, slug))
        if original is None or language == default:
            continue
        if ids := match_headings(markups[page.path], markups[original.path]):
            own_ids[page.path] = ids
            markups[page.path] = inherit_ids(markups[page.path], ids)
    return own_ids
