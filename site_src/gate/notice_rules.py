"""The gate's rules for pages that show a state: notice, link, heading, overviews, archives and feeds, as a reader sees them.

The rules compare only letters and digits, so layout and number formats do not matter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from site_src.gate.demanded_words import Heading
from site_src.gate.markup_reader import Element, Outline, Tags
from site_src.states import State

# A past change: its state, the label of the state in letters, and the moments of its beginning and its correction.
Change = tuple[State, str, frozenset[datetime]]
# The changes of each programme on an archive page, the newest first.
Histories = Mapping[str, tuple[Change, ...]]
# A line about a programme on the page `/`: the programme, its state, and the line in letters.
Answer = tuple[str, State, str]
# The entries of a feed, the newest first: the title in letters, and the moment.
Entries = tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class PageExpectation:
    """What a programme's page must show. `address` is None if the link must be hidden.

    `document_title`, `body` (the label and text of the notice) and `no_link` (the text in place of a hidden link) are in
    letters, as `markup.letters` returns them. `availability` is the value for search engines, without the name of the
    vocabulary.
    """

    programme: str
    state: State
    address: str | None
    document_title: str
    heading: Heading
    body: str
    no_link: str
    availability: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What an overview must show about a programme. `name` (the heading), `label` and `lane` (in the timeline) are in letters.

    `history` lists the changes, the newest first. It is None if the overview must not list changes.
    """

    programme: str
    state: State
    name: str
    label: str
    lane: str
    history: tuple[Change, ...] | None


@dataclass(frozen=True, slots=True)
class OverviewExpectation:
    """A page with a summary of each programme, in elements of the class `of_class`."""

    of_class: str
    summaries: tuple[Summary, ...]


def page_findings(tags: Tags, page: PageExpectation | None, shown: frozenset[str]) -> Iterator[str]:
    """Yields a message for each way in which the page's notice or link differs from what the state demands.

    `shown` contains the addresses that may be published now, each on the pages of its own programme.
    """
    classes = [(found, found[1]["class"].split()) for found in tags.found if "class" in found[1]]
    notices = [found for found, names in classes if "quota-notice" in names]
    starters = [found for found, names in classes if "conversation-starter" in names]
    for found in tags.found if shown else ():
        if found not in starters and not shown.isdisjoint(found[1].values()):
            yield f"has a conversation starter's address outside its element, in <{found[0]}>."
    if page is None:
        if notices or starters:
            yield "has a quota notice or a conversation starter, but does not belong to a programme."
        return
    said = [(tag, notice.get("data-programme"), notice.get("data-state")) for tag, notice in notices]
    if said != [("section", page.programme, str(page.state))]:
        yield f"must have exactly one quota notice, {page.state}, but has {said or 'none'}."
    else:
        yield from _misstatements(tags, page)
    if page.address is None and starters:
        yield "has an element of the class conversation-starter, but the link must be hidden now."
    if page.address is not None and not starters:
        yield f"does not have the conversation starter, which must be shown while the state is {page.state}."
    for tag, starter in starters if page.address is not None else ():
        if (tag, starter.get("data-programme"), starter.get("href")) != ("a", page.programme, page.address):
            yield f'has a conversation starter that leads to "{starter.get("href")}" instead of "{page.address}".'


def _misstatements(tags: Tags, page: PageExpectation) -> Iterator[str]:
    """Yields a message for each text of the page that does not match its state."""
    outline = tags.outline
    if "hidden" in tags.names:
        yield "has the attribute hidden, but a notice must be visible."
    (notice,) = outline.of_class("quota-notice")
    headings = outline.headings(notice)
    if not headings or not page.heading.matches(outline.letters(headings[0]), _moments(outline, headings[0])):
        yield f"the notice's heading is not the title of the notice for {page.state}."
    elif not outline.letters(notice, headings[0].end).startswith(page.body):
        yield f"the notice's text is not the text of the notice for {page.state}."
    if [outline.letters(title) for title in outline.named("title")[:1]] != [page.document_title]:
        yield f"the title of the page does not name the state {page.state}."
    texts = {outline.letters(element) for element in outline.of_class("no-link")}
    if texts - {page.no_link} or (texts and page.address is not None):
        yield f"the text in place of the link is not the text for {page.state}."
    if (found := _availability(outline)) != page.availability:
        said, right = (", ".join(words) or "nothing" for words in (found, page.availability))
        yield f"says {said} to search engines instead of {right}."


def _moments(outline: Outline, element: Element) -> tuple[datetime | None, ...]:
    """Returns the moment of each `<time>` in the element, or None for a `<time>` without a valid moment."""
    return tuple(_moment(time.attributes.get("datetime", "")) for time in outline.named("time", element))


def _availability(outline: Outline) -> tuple[str, ...]:
    """Returns the availability of each offer in the page's structured data (JSON-LD)."""
    values: list[Any] = []
    for block in outline.named("script"):
        try:
            values += _values(json.loads(outline.text(block)), "availability")
        except ValueError:
            values.append("what is not JSON")
    return tuple(str(value).rpartition("/")[2] for value in values)


def _values(document: Any, key: str) -> Iterator[Any]:
    """Yields each value of the key, at any depth."""
    if isinstance(document, dict) and key in document:
        yield document[key]
    inner = document.values() if isinstance(document, dict) else document
    for value in inner if isinstance(document, dict | list) else ():
        yield from _values(value, key)


def overview_findings(tags: Tags, page: OverviewExpectation) -> Iterator[str]:
    """Yields a message for each summary of a programme that is missing or does not match the state."""
    outline = tags.outline
    found = outline.of_class(page.of_class)
    said = [str(element.attributes.get("data-programme")) for element in found]
    if sorted(said) != sorted(summary.programme for summary in page.summaries):
        yield f"must name the state of each programme once, but names the state of {', '.join(said) or 'none'}."
        return
    by_programme = dict(zip(said, found, strict=True))
    histories = _find_histories(outline)
    for summary in page.summaries:
        element = by_programme[summary.programme]
        if not _agrees(outline, element, summary):
            yield f"does not say that the state of {summary.programme} is {summary.state}."
        if summary.history is not None and histories.get(summary.programme, []) != _demand(summary.history):
            yield f"does not list the changes of {summary.programme} that are in the quota log."
    lanes = {outline.letters(lane) for lane in outline.of_class("lane")}
    if lanes - {summary.lane for summary in page.summaries}:
        yield "has a timeline that shows a different state."
    if len(outline.of_class("state")) != len(page.summaries):
        yield "names a state that does not belong to a programme."


def _agrees(outline: Outline, element: Element, summary: Summary) -> bool:
    states = outline.of_class("state", element)
    said = [(tag.attributes.get("data-state"), outline.letters(tag)) for tag in states]
    return (
        element.attributes.get("data-state") == summary.state
        and [outline.letters(heading) for heading in outline.headings(element)] == [summary.name]
        and said == [(summary.state, summary.label)]
    )


def archive_findings(tags: Tags, histories: Histories) -> Iterator[str]:
    """Yields a message if the page does not show exactly these changes, or names any other state."""
    outline = tags.outline
    said = [element.attributes.get("data-programme") for element in outline.of_class("history")]
    found = _find_histories(outline)
    if sorted(map(str, said)) != sorted(histories):
        yield f"must list the changes of {', '.join(sorted(histories))}, each programme once."
    for programme, history in histories.items():
        if found.get(programme, []) != _demand(history):
            yield f"does not list the changes of {programme} that are in the quota log."
    if outline.of_class("state") or outline.of_class("lane"):
        yield "names a state outside its list of changes."


# A change as a page shows it: its state, its label in letters, and its moments.
_Row = tuple[str, str, set[datetime | None]]


def _find_histories(outline: Outline) -> Mapping[str | None, list[_Row]]:
    """Returns the changes that the page shows, by programme."""
    found: dict[str | None, list[_Row]] = {}
    for element in outline.of_class("history"):
        rows = found.setdefault(element.attributes.get("data-programme"), [])
        for row in outline.named("tr", element):
            cells = [cell for cell in outline.named("td", row) if "data-state" in cell.attributes]
            moments = set(_moments(outline, row))
            rows += [(cell.attributes["data-state"], outline.letters(cell), moments) for cell in cells]
    return found


def _demand(history: tuple[Change, ...]) -> list[_Row]:
    return [(state, label, set(moments)) for state, label, moments in history]


def answer_findings(tags: Tags, answers: tuple[Answer, ...]) -> Iterator[str]:
    """Yields a message if the page `/` does not name exactly the state of each programme in each language."""
    outline = tags.outline
    said = [
        (
            answer.attributes.get("data-programme"),
            answer.attributes.get("data-state"),
            outline.letters(answer),
        )
        for answer in outline.of_class("answer")
    ]
    if sorted(map(str, said)) != sorted(
        str((programme, str(state), text)) for programme, state, text in answers
    ):
        yield "does not name each programme's state in each language."


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def feed_findings(tags: Tags, entries: Entries) -> Iterator[str]:
    """Yields a message if the entries of the feed are not exactly the changes in the log."""
    outline = tags.outline
    said = [
        (
            [outline.letters(title) for title in outline.named("title", entry)],
            [_moment(outline.text(updated)) for updated in outline.named("updated", entry)],
        )
        for entry in outline.named("entry")
    ]
    if said != [([title], [since]) for title, since in entries]:
        yield "does not list the changes of the programme that are in the quota log."
