"""Checks about conversation starters' addresses: typed nowhere else, told apart, and real.

A typed address would stay on the page when the quota is reached, so it is refused at once, also while the state
is open; the gate would otherwise find it at the worst moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from site_src.addresses import AddressScanner, overlap
from site_src.content import PROGRAMMES
from site_src.manuscript import Manuscript
from site_src.problems import Problem
from site_src.yaml_source import Document, Location

_STARTER = "conversation_starter"
_PLACEHOLDER = re.compile(r"https://([^/]*\.)?example(/|$)")


def typed_addresses(manuscript: Manuscript) -> Iterator[Problem]:
    """No file but the programme's own has a conversation starter's address, in any encoding."""
    content = manuscript.content
    starters = {
        id: tuple(programme.conversation_starter.values()) for id, programme in content.programmes.items()
    }
    scanner = AddressScanner(starters, (), content.settings.outbound_hosts)
    for page in content.texts:
        if any(scanner.find(page.body.encode())):
            lines = page.body.split("\n")
            found = [n for n, line in enumerate(lines) if any(scanner.find(line.encode()))]
            for number in found or [0]:
                yield _typed(page.path, page.body_line + number)
    for path, document in content.documents.items():
        for location, value in texts_in(document):
            if _STARTER not in location and any(scanner.find(value.encode())):
                yield _typed(path, document.line_of(location))
    for page in content.pages:
        for location, value in texts_in(page.lines):
            if any(scanner.find(value.encode())):
                yield _typed(page.path, page.lines.line_of(location))


def distinct_addresses(manuscript: Manuscript) -> Iterator[Problem]:
    """Two programmes never share an address, and none is the front page of a host that pages may link to."""
    content = manuscript.content
    for (first, one), (second, other) in combinations(sorted(content.programmes.items()), 2):
        for code, address in other.conversation_starter.items():
            if any(overlap(address, known) for known in one.conversation_starter.values()):
                yield _about(
                    manuscript,
                    second,
                    code,
                    f"is the address of {first} too. Each programme needs its own, so that one can be hidden while the other is shown.",
                )
    for id, programme in content.programmes.items():
        for code, address in programme.conversation_starter.items():
            parts = urlsplit(address)
            if parts.netloc in content.settings.outbound_hosts and parts.path in ("", "/"):
                yield _about(
                    manuscript,
                    id,
                    code,
                    f'is the front page of {parts.netloc}, to which pages may link ("outbound_hosts"). Give the full address of the request.',
                )


def placeholders(manuscript: Manuscript) -> Iterator[Problem]:
    """An address under .example stands for one that is not known yet: a warning, and an error with --strict."""
    for path, document in manuscript.content.documents.items():
        for location, value in texts_in(document):
            if _PLACEHOLDER.match(value):
                name = ".".join(map(str, location))
                yield Problem(
                    path,
                    document.line_of(location),
                    f"{name}: {value} is a placeholder. Put the real address here.",
                    "placeholder",
                    "warning",
                )


def texts_in(document: Document) -> Iterator[tuple[Location, str]]:
    """Each text of the document, with the way to it."""
    return _texts(document.value, ())


def _texts(value: Any, at: Location) -> Iterator[tuple[Location, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*at, key))
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _texts(item, (*at, number))


def _typed(path: str, line: int) -> Problem:
    own = PurePosixPath(path).stem if path.startswith(f"{PROGRAMMES}/") else None
    cure = (
        "Delete it."
        if own
        else "Delete it; on a programme's page, write [[conversation-starter]] alone in a paragraph instead."
    )
    return Problem(
        path,
        line,
        f"has a conversation starter's address, which would stay when the quota is reached. {cure}",
        "typed-address",
    )


def _about(manuscript: Manuscript, programme: str, code: str, message: str) -> Problem:
    path = f"{PROGRAMMES}/{programme}.yaml"
    line = manuscript.content.documents[path].line_of((_STARTER, code))
    return Problem(path, line, f"{_STARTER}.{code}: {message}", "address")
