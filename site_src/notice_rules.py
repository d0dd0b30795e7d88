"""What the gate demands of the pages that say a state: the right notice, link and words, as a reader sees them.

Words are compared as letters and digits alone, so that layout and number forms do not matter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from site_src.markup_reader import Element, Tags, elements_with, letters_in
from site_src.quota import State

_HEADING = re.compile(r"h[1-6]")
_DATA = {"type": "application/ld+json"}


@dataclass(frozen=True, slots=True)
class PageExpectation:
    """What a programme's page must show; `address` is None where the link must be hidden.

    `document_title`, `heading` and `body` (of the notice) and `no_link` (the text in the place of a hidden link) are in
    letters, as `markup.letters` gives them. `availability` is what search engines are told, without the vocabulary's name.
    """

    programme: str
    state: State
    address: str | None
    document_title: str
    heading: str
    body: str
    no_link: str
    availability: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A past change of state: its label in letters."""

    state: State
    since: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What an overview says of a programme: heading, name and label in letters; `history` has the newest change first."""

    programme: str
    state: State
    heading: str
    name: str
    label: str
    history: tuple[Change, ...] | None


@dataclass(frozen=True, slots=True)
class OverviewExpectation:
    """A page with a summary of each programme, in elements of the class `of_class`."""

    of_class: str
    summaries: tuple[Summary, ...]


@dataclass(frozen=True, slots=True)
class FeedExpectation:
    """The entries of a programme's feed, the newest first: title in letters, and moment."""

    entries: tuple[tuple[str, datetime], ...]


def page_findings(tags: Tags, page: PageExpectation | None, shown: frozenset[str]) -> Iterator[str]:
    """A sentence for each way in which the page's notice or link is not what the state demands.

    `shown` are the addresses that may be published today, each on its own programme's pages.
    """
    classes = [(found, found[1]["class"].split()) for found in tags.found if "class" in found[1]]
    notices = [found for found, names in classes if "quota-notice" in names]
    starters = [found for found, names in classes if "conversation-starter" in names]
    for found in tags.found if shown else ():
        if found not in starters and not shown.isdisjoint(found[1].values()):
            yield f"has a conversation starter's address outside of its element, in <{found[0]}>."
    if page is None:
        if notices or starters:
            yield "has a quota notice or a conversation starter, but belongs to no programme."
        return
    said = [(tag, notice.get("data-programme"), notice.get("data-state")) for tag, notice in notices]
    if said != [("section", page.programme, str(page.state))]:
        yield f"must have exactly one quota notice, {page.state}, and has {said or 'none'}."
    else:
        yield from _misstatements(tags, page)
    if page.address is None and starters:
        yield "has an element of the class conversation-starter, and the link must be hidden now."
    if page.address is not None and not starters:
        yield f"lacks the conversation starter, which must be shown while the state is {page.state}."
    for tag, starter in starters if page.address is not None else ():
        if (tag, starter.get("data-programme"), starter.get("href")) != ("a", page.programme, page.address):
            yield f'has a conversation starter that leads to "{starter.get("href")}" instead of "{page.address}".'


def _misstatements(tags: Tags, page: PageExpectation) -> Iterator[str]:
    """A sentence for each text of the page that is not the one of its state."""
    (notice,) = elements_with(tags, of_class="quota-notice")
    headings = [element for element in elements_with(tags, inside=notice) if _HEADING.fullmatch(element.name)]
    said = [letters_in(tags, heading) for heading in headings[:1]]
    if said != [page.heading]:
        yield f"the notice's heading is not the title of the notice of {page.state}."
    elif not letters_in(tags, notice, headings[0].end).startswith(page.body):
        yield f"the notice's text is not that of the notice of {page.state}."
    if "hidden" in tags.names:
        yield "has the attribute hidden, and all of a notice must be seen."
    if [letters_in(tags, title) for title in elements_with(tags, name="title")][:1] != [page.document_title]:
        yield f"the title of the page does not say {page.state}."
    texts = {letters_in(tags, element) for element in elements_with(tags, of_class="no-link")}
    if texts - {page.no_link} or (texts and page.address is not None):
        yield f"the reason for a missing link is not that of {page.state}."
    if (found := _availability(tags)) != page.availability:
        yield f"tells search engines {', '.join(found) or 'nothing'} instead of {', '.join(page.availability) or 'nothing'}."


def _availability(tags: Tags) -> tuple[str, ...]:
    """What the page's blocks of data say of any offer."""
    blocks = [element for element in elements_with(tags, name="script") if element.attributes == _DATA]
    values = []
    for block in blocks:
        try:
            values += list(_values(json.loads("".join(tags.texts[block.start : block.end])), "availability"))
        except ValueError:
            return ("what is not JSON",)
    return tuple(str(value).rpartition("/")[2] for value in values)


def _values(document: Any, key: str) -> Iterator[Any]:
    """Each value of the key, however deep."""
    inner = (
        document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    )
    if isinstance(document, dict) and key in document:
        yield document[key]
    for value in inner:
        yield from _values(value, key)


def overview_findings(tags: Tags, page: OverviewExpectation) -> Iterator[str]:
    """A sentence for each summary of a programme that is missing, or is not what its state demands."""
    found = elements_with(tags, of_class=page.of_class)
    said = [element.attributes.get("data-programme") for element in found]
    if sorted(map(str, said)) != sorted(summary.programme for summary in page.summaries):
        yield f"must say the state of each programme once, and says that of {said or 'none'}."
        return
    by_programme = {element.attributes["data-programme"]: element for element in found}
    for summary in page.summaries:
        if not _agrees(tags, by_programme[summary.programme], summary):
            yield f"does not say of {summary.programme} that its state is {summary.state}."
        if summary.history is not None and not _has_history(
            tags, by_programme[summary.programme], summary.history
        ):
            yield f"does not have the changes of {summary.programme} as the log has them."
    labels = {summary.name + summary.label for summary in page.summaries}
    lanes = {letters_in(tags, lane) for lane in elements_with(tags, of_class="lane")}
    if lanes - labels or len(elements_with(tags, of_class="state")) != len(page.summaries):
        yield "says a state besides those of the programmes."


def _agrees(tags: Tags, element: Element, summary: Summary) -> bool:
    headings = [inner for inner in elements_with(tags, inside=element) if _HEADING.fullmatch(inner.name)]
    states = elements_with(tags, of_class="state", inside=element)
    said = [(tag.attributes.get("data-state"), letters_in(tags, tag)) for tag in states]
    return (
        element.attributes.get("data-state") == summary.state
        and [letters_in(tags, heading) for heading in headings] == [summary.heading]
        and said == [(summary.state, summary.label)]
    )


def _has_history(tags: Tags, element: Element, history: tuple[Change, ...]) -> bool:
    said = []
    for row in elements_with(tags, name="tr", inside=element):
        cells = [
            cell for cell in elements_with(tags, name="td", inside=row) if "data-state" in cell.attributes
        ]
        moments = {_moment(time.attributes) for time in elements_with(tags, name="time", inside=row)}
        said += [(cell.attributes["data-state"], letters_in(tags, cell), moments) for cell in cells]
    return said == [(change.state, change.label, {change.since}) for change in history]


def _moment(attributes: Mapping[str, str]) -> datetime | None:
    try:
        return datetime.fromisoformat(attributes.get("datetime", ""))
    except ValueError:
        return None


def feed_findings(tags: Tags, feed: FeedExpectation) -> Iterator[str]:
    """A sentence if the feed's entries are not the changes of the log."""
    said = []
    for entry in elements_with(tags, name="entry"):
        titles = [letters_in(tags, title) for title in elements_with(tags, name="title", inside=entry)]
        moments = [
            "".join(tags.texts[updated.start : updated.end])
            for updated in elements_with(tags, name="updated", inside=entry)
        ]
        said.append((titles, [_moment({"datetime": moment}) for moment in moments]))
    if said != [([title], [since]) for title, since in feed.entries]:
        yield "does not have the changes of the programme as the log has them."
