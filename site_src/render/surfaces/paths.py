"""Returns the paths of a programme's surfaces (API, feed, calendar, embedded notice, archive), and permanent identifiers.

The paths are relative to the site's address. The identifiers do not depend on the site's address.
"""

from __future__ import annotations

from uuid import UUID, uuid5

API = "/api/v1"
PROGRAMMES = f"{API}/programmes.json"
OPENAPI = f"{API}/openapi.json"


def programme_resource(programme: str) -> str:
    """Returns the path of the JSON file with the programme's state."""
    return f"{API}/programmes/{programme}.json"


def feed(language: str, programme: str, year: int | None = None) -> str:
    """Returns the path of the programme's Atom feed with the recent changes, or with all changes of `year`."""
    return f"/{language}/{programme}/{f'{year}/' if year else ''}feed.xml"


def year_page(language: str, year: int) -> str:
    """Returns the path of the page with all changes of a year."""
    return f"/{language}/status/{year}/"


def calendar(language: str, programme: str) -> str:
    """Returns the path of the calendar of the programme's registration periods and openings."""
    return f"/{language}/{programme}/calendar.ics"


def embed(language: str, programme: str) -> str:
    """Returns the path of the notice alone, for an `<iframe>` on a partner's page."""
    return f"/embed/{language}/{programme}.html"


# A random value that must never change. If it changed, subscribers would see every entry as new.
_NAMESPACE = UUID("8d7c7f0e-54a4-4f0c-9a55-0d2a6d1b4c37")


def permanent_id(*parts: str) -> UUID:
    """Returns the version 5 UUID (RFC 9562) of the parts. The same parts always give the same UUID."""
    return uuid5(_NAMESPACE, "\n".join(parts))
