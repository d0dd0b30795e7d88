"""Selects the content in force at an instant (dated blocks, dated values of facts), and lists the moments of change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from site_src.instants import FIRST_YEAR
from site_src.read.content import Content, NoticeSource, PageSource, TextSource
from site_src.read.dated_blocks import hide_blocks
from site_src.read.input_keys import Fact

# An instant before every moment that an input can have.
BEFORE_ALL = datetime(FIRST_YEAR - 1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ComingChange:
    """A dated change of the content at `moment` (aware, UTC).

    `texts` lists the paths of the pages and notices that change, in order. `facts` lists the names of the facts that get
    a new value. The name of a programme's fact begins with the programme and a dot.
    """

    moment: datetime
    texts: tuple[str, ...]
    facts: tuple[str, ...]


def content_at(content: Content, instant: datetime) -> Content:
    """Returns the content as visitors get it at `instant` (aware): bodies without hidden blocks, and one value for each fact.

    The date of a page's last update is the date of its last dated change, if that is later.
    """
    settings, zone = content.settings, content.settings.zone
    day = instant.astimezone(zone).date()
    programmes = {
        id: programme.model_copy(update={"facts": _facts_at(programme.facts, day)})
        for id, programme in content.programmes.items()
    }
    return replace(
        content,
        settings=settings.model_copy(update={"facts": _facts_at(settings.facts, day)}),
        programmes=programmes,
        notices={key: _notice_at(notice, instant) for key, notice in content.notices.items()},
        pages=tuple(_page_at(content, page, instant) for page in content.pages),
    )


def list_moments(content: Content) -> list[datetime]:
    """Returns every moment at which texts or facts change, in order of time (aware, UTC)."""
    zone = content.settings.zone
    blocks = {block.moment for text in content.texts for block in text.blocks}
    return sorted(blocks.union(*(_moments_of_fact(fact, zone) for _, fact in _name_facts(content))))


def list_coming_changes(content: Content, instant: datetime) -> list[ComingChange]:
    """Returns the dated changes to the content after `instant` (aware), in order of time."""
    zone = content.settings.zone
    by_text = {text.path: set(_moments_of_text(content, text)) for text in content.texts}
    return [
        ComingChange(
            moment,
            tuple(sorted(path for path, moments in by_text.items() if moment in moments)),
            tuple(name for name, fact in _name_facts(content) if moment in _moments_of_fact(fact, zone)),
        )
        for moment in list_moments(content)
        if moment > instant
    ]


def _facts_at(facts: Mapping[str, Fact], day: date) -> dict[str, Fact]:
    return {name: fact.at(day) for name, fact in facts.items()}


def _notice_at(notice: NoticeSource, instant: datetime) -> NoticeSource:
    return replace(notice, body=hide_blocks(notice.body, notice.blocks, instant)) if notice.blocks else notice


def _page_at(content: Content, page: PageSource, instant: datetime) -> PageSource:
    past = [moment for moment in _moments_of_text(content, page) if moment <= instant]
    if not past and not page.blocks:
        return page
    days = (moment.astimezone(content.settings.zone).date() for moment in past)
    meta = page.meta.model_copy(update={"updated": max([page.meta.updated, *days])})
    return replace(page, meta=meta, body=hide_blocks(page.body, page.blocks, instant))


def _moments_of_text(content: Content, text: TextSource) -> Iterator[datetime]:
    """Yields the moments at which a block of the text, or a fact that the text prints, changes."""
    yield from (block.moment for block in text.blocks)
    for name, fact in _name_facts(content):
        programme, dot, short = name.rpartition(".")
        is_own = not dot or isinstance(text, NoticeSource) or text.meta.programme == programme
        if fact.values and (f"[[{name}]]" in text.body or (is_own and f"[[{short}]]" in text.body)):
            yield from _moments_of_fact(fact, content.settings.zone)


def _moments_of_fact(fact: Fact, zone: ZoneInfo) -> list[datetime]:
    """Returns the moments at which the fact gets a new value. Before its first day, a fact has its first value."""
    days = (dated.valid_from for dated in fact.values[1:])
    return [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]


def _name_facts(content: Content) -> Iterator[tuple[str, Fact]]:
    """Yields each fact with its name. The name of a programme's fact begins with the programme and a dot."""
    yield from content.settings.facts.items()
    for id, programme in content.programmes.items():
        yield from ((f"{id}.{name}", fact) for name, fact in programme.facts.items())
