"""Renders `/{lang}/{programme}/calendar.ics` with the known registration periods and openings (RFC 5545, RFC 7986)."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypedDict

from site_src.cache import Memo, digest, fingerprint
from site_src.quota.status import ProgrammeStatus
from site_src.render.surfaces import paths
from site_src.render.surfaces.paths import permanent_id
from site_src.render.year_archives import RECENT
from site_src.site.model import Language, Site


class _Entry(TypedDict):
    """One entry as JSON values. `start` is a day, or a moment in UTC, in ISO form."""

    uid: str
    sequence: int
    start: str
    summary: str
    description: str
    status: str


class _Calendar(TypedDict):
    name: str
    source: str
    page: str
    language: str
    revised: str
    entries: list[_Entry]


def calendar_files(site: Site, memo: Memo) -> dict[str, bytes]:
    """Returns a calendar for each programme and language, by path. Calendars show neither the state nor the link."""
    code = fingerprint(__name__, libraries=("icalendar",))
    files = {}
    for language in site.languages.values():
        for status in site.programmes.values():
            calendar = _calendar(site, language, status)
            text = memo.get(digest(code, json.dumps(calendar)), partial(_written, calendar))
            files[paths.calendar(language.code, status.id).strip("/")] = text.encode()
    return files


def _calendar(site: Site, language: Language, status: ProgrammeStatus) -> _Calendar:
    page = site.page(language.code, status.id)
    labels = language.labels
    name = f"{labels.calendar_of.format(programme=status.names[language.code])} – {language.title}"
    return _Calendar(
        name=f"{labels.preview} {name}" if site.preview else name,
        source=site.base_url + paths.calendar(language.code, status.id),
        page=site.base_url + page.route,
        language=language.code,
        revised=page.updated.isoformat(),
        entries=_entries(language, status),
    )


def _entries(language: Language, status: ProgrammeStatus) -> list[_Entry]:
    """Returns an entry for each day on which a period begins, and for each opening.

    An opening on the day of a period is a revision of that day's entry, with the time and a higher SEQUENCE.
    """
    formats, labels, programme = language.formats, language.labels, status.names[language.code]
    openings: dict[date, list[datetime]] = {}
    for opening in status.openings:
        openings.setdefault(opening.since.astimezone(formats.zone).date(), []).append(opening.since)
    openings = {day: openings[day] for day in sorted(openings)[-RECENT:]}
    entries = []
    periods = {period.begins: period for period in status.registration_periods}
    for day in sorted({*periods, *openings}):
        known = openings.get(day, [])
        if not known:
            expected = periods[day].certainty == "expected"
            reason = periods[day].reason.get(language.code, labels.expected_reason)
            lines = [formats.local_day(day).text, *([reason] if expected else []), labels.see_page]
            label = labels.calendar_period if expected else labels.calendar_period_confirmed
            words = label.format(programme=programme), "\n".join(lines)
            entries.append(_entry(language, status, (day.isoformat(), "1"), 0, words, tentative=expected))
        for number, moment in enumerate(known, start=1):
            lines = [
                moment.text
                for moment in formats.moments(moment, status.time_zone, status.time_zone_names[language.code])
            ]
            summary = labels.calendar_opening.format(programme=programme)
            at = (day.isoformat(), str(number), moment.isoformat())
            entries.append(_entry(language, status, at, 1, (summary, "\n".join([*lines, labels.see_page]))))
    return entries


def _entry(
    language: Language,
    status: ProgrammeStatus,
    at: tuple[str, ...],
    sequence: int,
    words: tuple[str, str],
    tentative: bool = False,
) -> _Entry:
    day, number, *moment = at
    return _Entry(
        uid=str(permanent_id("calendar", language.code, status.id, day, number)),
        sequence=sequence,
        start=moment[0] if moment else day,
        summary=words[0],
        description=words[1],
        status="TENTATIVE" if tentative else "CONFIRMED",
    )


def _written(calendar: _Calendar) -> str:
    # This import takes a tenth of a second, and is needed only if a date or a text changed.
    from icalendar import Calendar, Event, vDuration, vText

    written = Calendar()
    written.add("version", "2.0")
    written.add("prodid", "-//Quotabord//Registration periods//EN")
    written.add("name", vText(calendar["name"]), parameters={"LANGUAGE": calendar["language"]})
    written.add("x-wr-calname", vText(calendar["name"]))
    written.add("source", calendar["source"], parameters={"VALUE": "URI"})
    written.add("url", calendar["page"])
    written.add("refresh-interval", vDuration(timedelta(hours=1)), parameters={"VALUE": "DURATION"})
    written.add("x-published-ttl", "PT1H")
    revised = datetime.fromisoformat(f"{calendar['revised']}T00:00:00+00:00")
    for entry in calendar["entries"]:
        event = Event()
        moment = datetime.fromisoformat(entry["start"]) if "T" in entry["start"] else None
        start = moment or date.fromisoformat(entry["start"])
        event.add("uid", entry["uid"])
        event.add("sequence", entry["sequence"])
        event.add("dtstamp", revised)
        event.add("dtstart", start)
        if moment is None:
            event.add("dtend", start + timedelta(days=1))
        event.add("summary", entry["summary"], parameters={"LANGUAGE": calendar["language"]})
        event.add("description", entry["description"], parameters={"LANGUAGE": calendar["language"]})
        event.add("url", calendar["page"])
        event.add("status", entry["status"])
        event.add("transp", "TRANSPARENT")
        written.add_component(event)
    text: bytes = written.to_ical()
    return text.decode()
