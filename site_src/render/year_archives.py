"""Separates recent changes (RECENT) from older ones, and renders the archives of the older ones: for each year, a page with
all programmes and a feed for each programme.

The feeds follow RFC 5005, section 4. Archives do not show the present state, so a change of state does not change the
archives of past years, and they are cached like other pages. The pages link to each other, so they change when a year is
added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from site_src.quota.status import ProgrammeStatus, PublicChange
from site_src.render.page_memo import PageMemo, View
from site_src.render.surfaces import paths
from site_src.site.model import Kind, Page, Site

# The number of changes on the status page, in its timeline and in a feed. Older ones are in the archive of their year.
RECENT = 50


@dataclass(frozen=True, slots=True)
class YearOfProgramme:
    """A programme's changes in one year, the newest first, and the names that the templates print with them."""

    id: str
    names: Mapping[str, str]
    time_zone: str
    time_zone_names: Mapping[str, str]
    changes: tuple[PublicChange, ...]


def archive_files(site: Site, frame: View, memo: PageMemo) -> dict[str, bytes]:
    """Returns every archive of the site by path. The result is empty if all changes are recent."""
    zone = ZoneInfo(site.time_zone)
    files: dict[str, bytes] = {}
    years = _years(site, zone)
    pages = year_pages(site)
    for year in _all_years(years):
        parts = {id: _in_year(status, year, zone) for id, status in site.programmes.items()}
        for code in site.languages:
            page = pages[code, year]
            path = f"{page.route.strip('/')}/index.html"
            archived = tuple(parts[one.id] for one in site.programmes_for(code) if parts[one.id].changes)
            files[path] = memo.page(
                path, frame, "year.html", code, page.slug,
                page=page, year=year, years=_all_years(years), archived=archived,
            )  # fmt: skip
            for id, own in years.items():
                if year in own:
                    earlier = max((other for other in own if other < year), default=None)
                    path = paths.feed(code, id, year).strip("/")
                    files[path] = memo.page(
                        path, frame, "feed.xml", code, id,
                        page=frame.site.page(code, id), status=parts[id], changes=parts[id].changes,
                        year=year, earlier=earlier,
                    )  # fmt: skip
    return files


def year_pages(site: Site) -> dict[tuple[str, int], Page]:
    """Returns the page of each language and year of the archive, the latest year first.

    Each page is in the reader's language. Its `updated` is the day of the last change that it shows.
    """
    zone = ZoneInfo(site.time_zone)
    pages = {}
    for year in _all_years(_years(site, zone)):
        updated = _last_day(site, year, zone)
        for code, language in site.languages.items():
            title = language.labels.changes_in_year.format(year=year)
            pages[code, year] = replace(
                site.page(code, "status"),
                source_language=code, slug=f"status/{year}", route=paths.year_page(code, year), kind=Kind.PAGE,
                title=title, menu_title=title, description="", updated=updated, body=(),
                translations=tuple(site.languages),
            )  # fmt: skip
    return pages


def archived_years(status: ProgrammeStatus, zone: ZoneInfo) -> tuple[int, ...]:
    """Returns the years in `zone` with changes that are not recent, the latest first.

    Each year has an archive of all its changes.
    """
    years = {change.since.astimezone(zone).year for change in status.changes[RECENT:]}
    return tuple(sorted(years, reverse=True))


def _years(site: Site, zone: ZoneInfo) -> dict[str, tuple[int, ...]]:
    return {id: archived_years(status, zone) for id, status in site.programmes.items()}


def _all_years(years: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """Returns the years of all programmes, the latest first."""
    return tuple(sorted({year for own in years.values() for year in own}, reverse=True))


def _last_day(site: Site, year: int, zone: ZoneInfo) -> date:
    """Returns the day of the last change in that year. If a change of that year was corrected later, the correction counts too."""
    changes = [change for status in site.programmes.values() for change in _changes_in(status, year, zone)]
    last = max(max(change.since, change.corrected or change.since) for change in changes)
    return last.astimezone(zone).date()


def _changes_in(status: ProgrammeStatus, year: int, zone: ZoneInfo) -> tuple[PublicChange, ...]:
    return tuple(change for change in status.changes if change.since.astimezone(zone).year == year)


def _in_year(status: ProgrammeStatus, year: int, zone: ZoneInfo) -> YearOfProgramme:
    return YearOfProgramme(
        status.id,
        dict(status.names),
        status.time_zone,
        dict(status.time_zone_names),
        _changes_in(status, year, zone),
    )
