"""What the gate demands of the files for machines: the state and the addresses that the log gives, and nothing else.

Read with a JSON reader of its own choice and compared with plain values, so that it does not rest on the models it judges.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from site_src.quota.log import Event
from site_src.states import State

# A calendar's lines are folded after 75 bytes (RFC 5545, section 3.1).
_FOLDS = ("\r\n ", "\r\n\t")


@dataclass(frozen=True, slots=True)
class ResourceExpectation:
    """What a file for machines must say of a programme; `addresses` is None where the link must be hidden.

    `past` are the events that have taken effect, the newest first.
    """

    programme: str
    state: State
    addresses: Mapping[str, str] | None
    past: tuple[Event, ...]


def unfolded(path: str, text: str) -> str:
    """A calendar's text with its lines as they were before folding; any other text as it is."""
    if path.endswith(".ics"):
        for fold in _FOLDS:
            text = text.replace(fold, "")
    return text


def resource_findings(data: bytes, expected: tuple[ResourceExpectation, ...]) -> Iterator[str]:
    """A sentence for each way in which the file contradicts the log; none for a file that need not say anything."""
    if not expected:
        return
    try:
        document = json.loads(data)
        found = document.get("programmes", [document])
        said = {item["id"]: item for item in found}
    except (ValueError, TypeError, KeyError, AttributeError):
        yield "is not the JSON that it should be."
        return
    if len(found) != len(said) or said.keys() != {resource.programme for resource in expected}:
        yield f"must say the state of {', '.join(resource.programme for resource in expected)}, each once."
        return
    for resource in expected:
        yield from _contradictions(said[resource.programme], resource)


def _contradictions(item: Mapping[str, Any], resource: ResourceExpectation) -> Iterator[str]:
    history = [_change(event) for event in resource.past]
    # While nobody vouches for the state, the past stays, and nothing is said of the present.
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
        # As text, so that 1 is not taken for true.
        said, right = (
            json.dumps(form, ensure_ascii=False, sort_keys=True) for form in (item.get(key), value)
        )
        if key not in item or said != right:
            yield f"says {resource.programme}.{key} = {said} instead of {right}."


def _change(event: Event) -> dict[str, Any]:
    since = event.starts.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return {"state": str(event.state), "since": since, "placesAvailable": event.places}
