"""The path of each surface of a programme, below the site's address, beginning with "/"."""

from __future__ import annotations

API = "/api/v1"
PROGRAMMES = f"{API}/programmes.json"
OPENAPI = f"{API}/openapi.json"


def programme_resource(programme: str) -> str:
    """The path of the programme's state for machines."""
    return f"{API}/programmes/{programme}.json"


def feed(language: str, programme: str) -> str:
    """The path of the Atom feed of the programme's changes."""
    return f"/{language}/{programme}/feed.xml"


def calendar(language: str, programme: str) -> str:
    """The path of the calendar of the programme's registration periods and openings."""
    return f"/{language}/{programme}/calendar.ics"


def embed(language: str, programme: str) -> str:
    """The path of the notice alone, for an `<iframe>` on a partner's page."""
    return f"/embed/{language}/{programme}.html"
