"""The gate's rules for files for machines: JSON files state what follows from the log, and the sitemap lists every page.

The rules read JSON and compare plain values, so they do not depend on the models that wrote the files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any

from site_src.quota.log import Event
from site_src.states import State

# Lines of a calendar are folded after 75 bytes (RFC 5545, section 3.1).
_FOLDS = ("\r\n ", "\r\n\t")
_LOCATION = re.compile(r"<loc>([^<]*)</loc>")


@dataclass(frozen=True, slots=True)
class ResourceExpectation:
    """What a JSON file must state about a programme. `addresses` is None if the link must be hidden.

    `past` contains the events that have taken effect, the newest first. `corrected` maps the moment of each mistaken closing
    to the moment of its correction.
    """

    programme: str
    state: State
    addresses: Mapping[str, str] | None
    past: tuple[Event, ...]
    corrected: Mapping[datetime, datetime]


def unfolded(path: str, text: str) -> str:
    """Returns the text with the folded lines of a calendar joined. Returns any other text unchanged."""
    if path.endswith(".ics"):
        for fold in _FOLDS:
            text = text.replace(fold, "")
    return text


def resource_findings(data: bytes, expected: tuple[ResourceExpectation, ...]) -> Iterator[str]:
    """Yields a message for each way in which the file contradicts the log. If `expected` is empty, yields nothing."""
    if not expected:
        return
    try:
        document = json.loads(data)
        found = document.get("programmes", [document])
        said = {item["id"]: item for item in found}
    except (ValueError, TypeError, KeyError, AttributeError):
        yield "is not the expected JSON."
        return
    if len(found) != len(said) or said.keys() != {resource.programme for resource in expected}:
        yield f"must name the state of {', '.join(resource.programme for resource in expected)}, each programme once."
        return
    for resource in expected:
        yield from _contradictions(said[resource.programme], resource)


def sitemap_findings(data: bytes, listed: frozenset[str]) -> Iterator[str]:
    """Yields a message for each page that the sitemap must list and does not, lists twice, or must not list."""
    found = [unescape(address) for address in _LOCATION.findall(data.decode(errors="replace"))]
    for address in sorted(listed - set(found)):
        yield f"does not list the page {address}."
    for address in sorted(set(found) - listed):
        yield f"lists {address}, which is not one of the pages that the sitemap must list."
    if len(found) > len(set(found)):
        yield "lists a page twice."


def _contradictions(item: Mapping[str, Any], resource: ResourceExpectation) -> Iterator[str]:
    history = [_change(event, resource.corrected.get(event.starts)) for event in resource.past]
    # While the state is unconfirmed, the file contains the past changes, but nothing about the present.
    present = history[0] if history and resource.state is not State.UNCONFIRMED else None
    wanted = {
        "state": str(resource.state),
        "acceptingRequests": resource.addresses is not None,
        "conversationStarter": dict(resource.addresses) if resource.addresses is not None else None,
        "since": present["since"] if present else None,
        "placesAvailable": present["placesAvailable"] if present else None,
        "history": history,
    }
    for key, value in wanted.items():
        # Compared as text, because in Python 1 equals True.
        said, right = (
            json.dumps(form, ensure_ascii=False, sort_keys=True) for form in (item.get(key), value)
        )
        if key not in item or said != right:
            yield f"says {resource.programme}.{key} = {said} instead of {right}."


def _change(event: Event, corrected: datetime | None) -> dict[str, Any]:
    return {
        "state": str(event.state),
        "since": _utc(event.starts),
        "placesAvailable": event.places,
        "correctedAt": _utc(corrected) if corrected else None,
    }


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
