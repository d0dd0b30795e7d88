"""Checks that a conversation starter's address is typed only in its programme's file.

A typed address would stay on the page when the quota is reached. It is refused even while the state is open, because
otherwise the gate would stop the closing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial

from site_src.cache import Memo, digest, fingerprint
from site_src.check.lines import texts_in
from site_src.check.starters import STARTER, is_front_page
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.settings import PROGRAMMES
from site_src.scan.addresses import AddressScanner
from site_src.scan.decoding import without_entities
from site_src.scan.folding import views
from site_src.scan.unpacking import Unsearchable

# The path, pieces of text with their lines, the line to report if an address spans several pieces, and the converted HTML.
_Source = tuple[str, Sequence[tuple[int, str]], int, str]


def typed_addresses(manuscript: Manuscript, memo: Memo) -> Iterator[Problem]:
    """Checks that only the programme's own file contains the address of its conversation starter, in any encoding."""
    content = manuscript.content
    hosts = content.settings.outbound_hosts
    starters = {
        id: tuple(
            address
            for address in programme.conversation_starter.values()
            if not is_front_page(address, hosts)
        )
        for id, programme in content.programmes.items()
    }
    scanner = AddressScanner(starters, (), hosts)
    # In the memo, because it takes a fifth of a build and texts rarely change. The gate always scans the published files.
    code = digest(fingerprint("site_src.scan", __name__), json.dumps([starters, hosts]))
    for source in _sources(manuscript):
        path, pieces, first_line, html = source
        parts = (f"{line} {text}" for line, text in pieces)
        key = digest(code, path, str(first_line), html, *parts)
        for line in memo.get(key, partial(_lines_typed_in, source, scanner)):
            yield _typed(path, line)


def _sources(manuscript: Manuscript) -> Iterator[_Source]:
    for path, document in manuscript.content.documents.items():
        is_programme = path.startswith(f"{PROGRAMMES}/")
        pieces = [
            (document.line_of(location), text)
            for location, text in texts_in(document)
            if not (is_programme and location[0] == STARTER)
        ]
        yield path, pieces, document.first_line, ""
    for source in manuscript.content.texts:
        pieces = [(source.lines.line_of(location), text) for location, text in texts_in(source.lines)]
        pieces += enumerate(source.body.split("\n"), start=source.body_line)
        markup = manuscript.markups.get(source.path)
        yield source.path, pieces, source.body_line, markup.html if markup else ""


def _lines_typed_in(source: _Source, scanner: AddressScanner) -> list[int]:
    """Returns the line of each piece that contains an address, or the source's own line if an address spans several."""
    _, pieces, otherwise, html = source
    if _has_address(scanner, "\n".join(text for _, text in pieces)):
        return [line for line, text in pieces if _has_address(scanner, text)] or [otherwise]
    # Markdown removes some typed characters, such as asterisks in the middle of an address.
    return [otherwise] if any(scanner.find_in(views(without_entities(html)))) else []


def _has_address(scanner: AddressScanner, text: str) -> bool:
    """Returns True if the text contains an address, or more packed data than can be searched, which no normal text has."""
    try:
        return any(scanner.find(text.encode()))
    except Unsearchable:
        return True


def _typed(path: str, line: int) -> Problem:
    cure = "Delete it."
    if not path.startswith(f"{PROGRAMMES}/"):
        cure += " On a programme's page, write [[conversation-starter]] alone in a paragraph instead."
    message = f"has a conversation starter's address, which would stay here when the quota is reached. {cure}"
    return Problem(path, line, message, "typed-address")
