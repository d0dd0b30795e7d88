"""Separates recent changes (RECENT) from older ones, and renders the archives of the older ones: per year a page with all
programmes, and a feed per programme.

The feeds follow RFC 5005, section 4. Archives say nothing about the present, so a change of state does not change the
archives of past years, and they are kept like other pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from site_src.quota.decision import ProgrammeStatus, PublicChange
from site_src.render.parts import KnownPages, View
from site_src.render.surfaces import paths
from site_src.site.model import Site

# The number of changes on the status page, in its timeline and in a feed. Older ones are in the archive of their year.
RECENT = 50


@dataclass(frozen=True, slots=True)
class YearOfProgramme:
    """A programme's changes in one year, the newest first, and what the templates need to print them."""

    id: str
    names: Mapping[str, str]
    time_zone: str
    time_zone_names: Mapping[str, str]
    changes: tuple[PublicChange, ...]


def archive_files(site: Site, frame: View, known: KnownPages) -> dict[str, bytes]:
    """Returns every archive of the site by its path. The result is empty if all changes are recent."""
    zone = ZoneInfo(site.time_zone)
    files: dict[str, bytes] = {}
    years = {id: archived_years(status, zone) for id, status in site.programmes.items()}
    for year in sorted({year for own in years.values() for year in own}):
        parts = {id: _in_year(status, year, zone) for id, status in site.programmes.items()}
        for code in site.languages:
            files |= _page(site, frame, known, code, year, parts)
            for id, own in years.items():
                if year in own:
                    earlier = max((other for other in own if other < year), default=None)
                    path = paths.feed(code, id, year).strip("/")
                    files[path] = known.page(
                        path, frame, "feed.xml", code, id,
                        page=frame.site.page(code, id), status=parts[id], changes=parts[id].changes,
                        year=year, earlier=earlier,
                    )  # fmt: skip
    return files


def archived_years(status: ProgrammeStatus, zone: ZoneInfo) -> tuple[int, ...]:
    """Returns the years in `zone` with changes that are not recent, the latest first.

    Each year has an archive of all its changes.
    """
    years = {change.since.astimezone(zone).year for change in status.changes[RECENT:]}
    return tuple(sorted(years, reverse=True))


def _page(
    site: Site, frame: View, known: KnownPages, code: str, year: int, parts: Mapping[str, YearOfProgramme]
) -> dict[str, bytes]:
    status = frame.site.page(code, "status")
    route = paths.year_page(code, year)
    page = replace(status, title=f"{status.title} {year}", route=route, description="", body=())
    path = f"{route.strip('/')}/index.html"
    archived = tuple(parts[one.id] for one in site.programmes_for(code) if parts[one.id].changes)
    text = known.page(path, frame, "year.html", code, "status", page=page, year=year, archived=archived)
    return {path: text}


def _in_year(status: ProgrammeStatus, year: int, zone: ZoneInfo) -> YearOfProgramme:
    changes = tuple(change for change in status.changes if change.since.astimezone(zone).year == year)
    return YearOfProgramme(
        status.id, dict(status.names), status.time_zone, dict(status.time_zone_names), changes
    )
