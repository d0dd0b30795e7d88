"""Works out from the inputs alone what each page, feed and API file must say at an instant.

Nothing here comes from the `Site`, its assembly or its rendering, because a fault there must not change the demands. For the
same reason, this package defines the paths, the words and the list of open states again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import groupby, pairwise
from urllib.parse import urlsplit

from site_src.check.inputs import Inputs
from site_src.convert.markup import letters
from site_src.gate.demanded_words import Heading, Wording, upcoming_heading
from site_src.gate.expectation import Expectation, list_paths, page_path, picture_addresses, pictures_of_pages
from site_src.gate.notice_rules import (
    Answer,
    Change,
    Entries,
    Histories,
    OverviewExpectation,
    PageExpectation,
    Summary,
)
from site_src.gate.surface_rules import ResourceExpectation
from site_src.quota.log import Event, state_at
from site_src.read.content import HOME, STATUS, Content, PageSource
from site_src.states import State

_LINK_ALLOWED = (State.OPEN, State.PLACES_AVAILABLE)
# The number of changes on the status page and in a feed. The gate has its own number, so it finds a page that lost changes.
# If you change the number, change RECENT in render/year_archives.py too.
_RECENT = 50


def expect(
    inputs: Inputs,
    instant: datetime,
    base_url: str | None = None,
    unconfirmed: frozenset[str] = frozenset(),
    is_preview: bool = False,
) -> Expectation:
    """Returns what the inputs demand of the files at `instant` (aware).

    The links of programmes in `unconfirmed` must be hidden, whatever the log says.
    """
    return _Demands(inputs, instant, base_url, unconfirmed, is_preview).all()


class _Demands:
    """Makes an `Expectation` from the inputs."""

    def __init__(
        self,
        inputs: Inputs,
        instant: datetime,
        base_url: str | None,
        unconfirmed: frozenset[str],
        is_preview: bool,
    ) -> None:
        manuscript = inputs.manuscript.at(instant)
        self._words = Wording(manuscript)
        self._content: Content = manuscript.content
        self._settings = self._content.settings
        self._base_url = base_url or self._settings.base_url
        self._is_preview, self._instant, self._retired = is_preview, instant, inputs.retired
        self._logs = logs = {id: inputs.logs[id] for id in self._content.programmes}
        self._states = {
            id: State.UNCONFIRMED if id in unconfirmed else state_at(log, instant) for id, log in logs.items()
        }
        self._past: dict[str, tuple[Event, ...]] = {
            id: tuple(event for event in reversed(log) if event.starts <= instant) for id, log in logs.items()
        }
        self._corrected = {
            id: {wrong.starts: right.starts for right, wrong in pairwise(past) if right.mistake}
            for id, past in self._past.items()
        }
        zone = self._settings.zone
        self._by_year = {
            id: {year: tuple(own) for year, own in groupby(past, lambda it: it.starts.astimezone(zone).year)}
            for id, past in self._past.items()
        }
        self._open = {id: self._addresses(id) for id, state in self._states.items() if state in _LINK_ALLOWED}
        sources = {(page.language, page.slug): page for page in self._content.pages}
        self._displayed: dict[tuple[str, str], PageSource] = {
            (code, slug): sources.get((code, slug)) or sources[self._settings.default_language, slug]
            for code in self._settings.languages
            for slug in {page.slug for page in self._content.pages}
        }

    def all(self) -> Expectation:
        """Returns the whole expectation."""
        programmes, languages = self._content.programmes, self._settings.languages
        resources = {id: self._resource(id) for id in programmes}
        pages = {
            page_path(code, slug): self._page(code, source)
            for (code, slug), source in self._displayed.items()
            if source.meta.programme
        }
        embeds = {f"embed/{code}/{id}.html": self._embed(code, id) for id in programmes for code in languages}
        archives = dict(self._archives())
        return Expectation(
            closed={
                id: tuple(programme.conversation_starter.values())
                for id, programme in programmes.items()
                if id not in self._open
            },
            open=self._open,
            linkable_hosts=frozenset(self._settings.outbound_hosts),
            own_host=urlsplit(self._base_url).netloc,
            pages={**pages, **embeds},
            resources={
                "api/v1/programmes.json": tuple(resources.values()),
                **{f"api/v1/programmes/{id}.json": (resource,) for id, resource in resources.items()},
            },
            overviews={
                page_path(code, slug): self._overview(code, slug)
                for code in languages
                for slug in (HOME, STATUS)
            },
            archives=archives,
            feeds=dict(self._feeds()),
            answers=tuple(self._answers()),
            others=frozenset(list_paths(self._content, self._is_preview)),
            listed=frozenset(self._listed(archives)),
            logo=picture_addresses(self._content, self._base_url),
            pictures=pictures_of_pages(self._content, self._base_url, self._displayed),
            retired=self._retired,
        )

    def _addresses(self, id: str) -> Mapping[str, str]:
        starter = self._content.programmes[id].conversation_starter
        default = starter[self._settings.default_language]
        return {code: starter.get(code, default) for code in self._settings.languages}

    def _page(self, code: str, source: PageSource) -> PageExpectation:
        id = str(source.meta.programme)
        state = self._states[id]
        own = source.slug == id and source.language == code
        return PageExpectation(
            programme=id,
            state=state,
            address=self._open.get(id, {}).get(code),
            document_title=self._words.page_title(code, state, source.meta.title),
            heading=self._heading(code, id),
            body=self._words.notice_body(code, id, state),
            no_link=self._words.no_link(code, state),
            availability=self._availability(id) if own else (),
        )

    def _embed(self, code: str, id: str) -> PageExpectation:
        """Returns the demands on an embedded page. It shows only the notice and never the link, in every state."""
        name, site = self._content.programmes[id].names[code], self._settings.title[code]
        state = self._states[id]
        return PageExpectation(
            programme=id,
            state=state,
            address=None,
            document_title=self._words.lane(code, id, state) + letters(site),
            heading=self._heading(code, id, above=letters(site + name)),
            body=self._words.notice_body(code, id, state),
            no_link="",
            availability=(),
        )

    def _heading(self, code: str, id: str, above: str = "") -> Heading:
        """Returns the heading of the notice. `above` is the text, in letters, that an embedded page puts before the heading."""
        title = self._words.notice_title(code, self._states[id])
        if self._states[id] is not State.UPCOMING:
            return Heading(above + letters(title))
        heading = upcoming_heading(
            self._words.labels(code),
            self._content.programmes[id],
            self._logs[id],
            self._instant,
            self._settings.zone,
            title,
        )
        return replace(heading, start=above + heading.start)

    def _answers(self) -> Iterator[Answer]:
        for id, state in self._states.items():
            for code in self._settings.languages:
                yield id, state, self._words.programme_state(code, id, state)

    def _availability(self, id: str) -> tuple[str, ...]:
        """Returns the schema.org ItemAvailability of the state, or () before the first opening and while unconfirmed."""
        if id in self._open:
            return ("InStock",)
        if self._states[id] is State.UNCONFIRMED:
            return ()
        ended = "SoldOut" if self._states[id] is State.QUOTA_REACHED else "OutOfStock"
        return (ended,) if any(event.state in _LINK_ALLOWED for event in self._past[id]) else ()

    def _resource(self, id: str) -> ResourceExpectation:
        return ResourceExpectation(
            id, self._states[id], self._open.get(id), self._past[id], self._corrected[id]
        )

    def _overview(self, code: str, slug: str) -> OverviewExpectation:
        return OverviewExpectation(
            of_class="card" if slug == HOME else "programme-status",
            summaries=tuple(
                Summary(
                    programme=id,
                    state=self._states[id],
                    name=letters(programme.names[code]),
                    label=self._words.label(code, self._states[id]),
                    lane=self._words.lane(code, id, self._states[id]),
                    history=self._changes(code, self._past[id][:_RECENT], id) if slug == STATUS else None,
                )
                for id, programme in self._content.programmes.items()
            ),
        )

    def _changes(self, code: str, events: tuple[Event, ...], id: str) -> tuple[Change, ...]:
        return tuple(
            (
                event.state,
                self._words.label(code, event.state),
                frozenset({event.starts, self._corrected[id].get(event.starts, event.starts)}),
            )
            for event in events
        )

    def _archives(self) -> Iterator[tuple[str, Histories]]:
        """Yields, for each year with changes that are not recent, the path of each language's page and the changes on it."""
        for year in sorted({year for id in self._past for year in self._archived(id)}):
            past = {id: years[year] for id, years in self._by_year.items() if year in years}
            for code in self._settings.languages:
                histories = {id: self._changes(code, events, id) for id, events in past.items()}
                yield page_path(code, f"{STATUS}/{year}"), histories

    def _listed(self, archives: Iterable[str]) -> Iterator[str]:
        """Yields the address of each page with a text of its own. A preview has no sitemap."""
        own = (page_path(page.language, page.slug) for page in self._content.pages)
        for path in () if self._is_preview else (*own, *archives):
            yield f"{self._base_url}/{path.removesuffix('index.html')}"

    def _feeds(self) -> Iterator[tuple[str, Entries]]:
        for code in self._settings.languages:
            for id, past in self._past.items():
                yield f"{code}/{id}/feed.xml", self._entries(code, past[:_RECENT], id)
                for year in self._archived(id):
                    yield f"{code}/{id}/{year}/feed.xml", self._entries(code, self._by_year[id][year], id)

    def _entries(self, code: str, events: tuple[Event, ...], id: str) -> Entries:
        corrected = self._corrected[id]
        return tuple(
            (self._words.programme_state(code, id, event.state), corrected.get(event.starts, event.starts))
            for event in events
        )

    def _archived(self, id: str) -> list[int]:
        recent = self._past[id][:_RECENT]
        return [year for year, events in self._by_year[id].items() if events[-1] not in recent]
