"""The path of each surface of a programme, below the site's address, and permanent identifiers, which do not depend on that address."""

from __future__ import annotations

from uuid import UUID, uuid5

API = "/api/v1"
PROGRAMMES = f"{API}/programmes.json"
OPENAPI = f"{API}/openapi.json"


def programme_resource(programme: str) -> str:
    """The path of the programme's state for machines."""
    return f"{API}/programmes/{programme}.json"


def feed(language: str, programme: str, year: int | None = None) -> str:
    """The path of the Atom feed of the programme's recent changes, or of the archive of those of a year."""
    return f"/{language}/{programme}/{f'{year}/' if year else ''}feed.xml"


def year_page(language: str, year: int) -> str:
    """The path of the page with all changes of a year."""
    return f"/{language}/status/{year}/"


def calendar(language: str, programme: str) -> str:
    """The path of the calendar of the programme's registration periods and openings."""
    return f"/{language}/{programme}/calendar.ics"


def embed(language: str, programme: str) -> str:
    """The path of the notice alone, for an `<iframe>` on a partner's page."""
    return f"/embed/{language}/{programme}.html"


# A random value that never changes: with another one, subscribers would see every entry as new.
_NAMESPACE = UUID("8d7c7f0e-54a4-4f0c-9a55-0d2a6d1b4c37")


def permanent_id(*parts: str) -> UUID:
    """The version 5 UUID (RFC 9562) of the parts: the same parts always give the same UUID."""
    return uuid5(_NAMESPACE, "\n".join(parts))
