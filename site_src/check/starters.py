"""Checks the addresses of conversation starters: they are typed nowhere else, and each programme has its own.

A typed address would stay on the page when the quota is reached. It is refused even while the state is open, because
otherwise the gate would stop the closing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import permutations
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from site_src.cache import Memo, digest, fingerprint
from site_src.check.lines import texts_in
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.read.settings import PROGRAMMES, SETTINGS_FILE
from site_src.scan.addresses import AddressScanner, carries, overlap
from site_src.scan.decoding import without_entities
from site_src.scan.folding import views
from site_src.scan.unpacking import Unsearchable

_STARTER = "conversation_starter"
# The path, pieces of text with their lines, the line to report if an address spans several pieces, and the converted
# HTML.
_Source = tuple[str, Sequence[tuple[int, str]], int, str | None]


def typed_addresses(manuscript: Manuscript, memo: Memo) -> Iterator[Problem]:
    """Checks that only the programme's own file contains the address of its conversation starter, in any encoding."""
    content = manuscript.content
    starters = {
        id: tuple(
            address
            for address in programme.conversation_starter.values()
            if not _is_front_page(address, content.settings.outbound_hosts)
        )
        for id, programme in content.programmes.items()
    }
    hosts = content.settings.outbound_hosts
    scanner = AddressScanner(starters, (), hosts)
    # In the memo, because it takes a fifth of a build and texts rarely change. The gate always scans the published files.
    code = digest(fingerprint("site_src.scan", __name__), json.dumps([starters, hosts]))
    for source in _sources(manuscript):
        find = partial(_lines_typed_in, source, scanner)
        path, pieces, first_line, html = source
        parts = (f"{line} {text}" for line, text in pieces)
        for line in memo.get(digest(code, path, str(first_line), html or "", *parts), find):
            yield _typed(path, line)


def _sources(manuscript: Manuscript) -> Iterator[_Source]:
    for path, document in manuscript.content.documents.items():
        pieces = [
            (document.line_of(location), text)
            for location, text in texts_in(document)
            if not (path.startswith(f"{PROGRAMMES}/") and location[0] == _STARTER)
        ]
        yield path, pieces, document.first_line, None
    for source in manuscript.content.texts:
        pieces = [(source.lines.line_of(location), text) for location, text in texts_in(source.lines)]
        pieces += enumerate(source.body.split("\n"), start=source.body_line)
        markup = manuscript.markups.get(source.path)
        yield source.path, pieces, source.body_line, markup.html if markup else None


def _lines_typed_in(source: _Source, scanner: AddressScanner) -> list[int]:
    """Returns the line of each piece that contains an address. If an address spans several pieces, returns the source's own line."""
    _, pieces, otherwise, html = source
    if _has_address(scanner, "\n".join(text for _, text in pieces)):
        return [line for line, text in pieces if _has_address(scanner, text)] or [otherwise]
    # Markdown removes some typed characters, such as asterisks in the middle of an address.
    return [otherwise] if html and any(scanner.find_in(views(without_entities(html)))) else []


def distinct_addresses(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no programme's address is or contains the address of a different programme, or is a front page that pages
    may link to.
    """
    content = manuscript.content
    for (first, one), (second, other) in permutations(sorted(content.programmes.items()), 2):
        for code, address in other.conversation_starter.items():
            known = one.conversation_starter.values()
            if first < second and any(overlap(address, theirs) for theirs in known):
                yield _about(
                    manuscript,
                    second,
                    code,
                    f"is also the address of {first}. Each programme needs its own address, so that one can be hidden while the other is shown.",
                )
            elif any(carries(address, theirs) for theirs in known):
                message = (
                    f"contains the address of {first}, which would be published with it. Leave that part out."
                )
                yield _about(manuscript, second, code, message)
    for id, programme in content.programmes.items():
        for code, address in programme.conversation_starter.items():
            if _is_front_page(address, content.settings.outbound_hosts):
                yield _about(
                    manuscript,
                    id,
                    code,
                    f'is the front page of {urlsplit(address).netloc}, to which pages may link ("outbound_hosts"). Write the full address of the request form.',
                )


def linkable_starters(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that a host with a conversation starter is not in `outbound_hosts`, unless `shared_hosts` lists the host too."""
    settings = manuscript.content.settings
    starters = {
        _without_www(urlsplit(address).netloc): id
        for id, programme in sorted(manuscript.content.programmes.items(), reverse=True)
        for address in programme.conversation_starter.values()
        # Another check reports addresses that cannot be addresses of a request.
        if not _is_front_page(address, settings.outbound_hosts)
    }
    shared = {_without_www(host) for host in settings.shared_hosts}
    for number, host in enumerate(settings.outbound_hosts):
        programme = starters.get(_without_www(host))
        if programme and _without_www(host) not in shared:
            line = manuscript.content.documents[SETTINGS_FILE].line_of(("outbound_hosts", number))
            message = (
                f"outbound_hosts: {host} is the host of {programme}'s conversation starter, so a page could link to the request form. "
                f'Delete the host here. If pages must link to other pages of {host}, add "shared_hosts: [{host}]" instead.'
            )
            yield Problem(SETTINGS_FILE, line, message, "address")


def _has_address(scanner: AddressScanner, text: str) -> bool:
    """Returns True if the text contains an address, or more packed data than can be searched, which no normal text has."""
    try:
        return any(scanner.find(text.encode()))
    except Unsearchable:
        return True


def _is_front_page(address: str, hosts: tuple[str, ...]) -> bool:
    parts = urlsplit(address)
    return parts.netloc in hosts and parts.path in ("", "/")


def _without_www(host: str) -> str:
    return host.removeprefix("www.")


def _typed(path: str, line: int) -> Problem:
    own = PurePosixPath(path).stem if path.startswith(f"{PROGRAMMES}/") else None
    cure = (
        "Delete it."
        if own
        else "Delete it. On a programme's page, write [[conversation-starter]] alone in a paragraph instead."
    )
    return Problem(
        path,
        line,
        f"has a conversation starter's address, which would stay here when the quota is reached. {cure}",
        "typed-address",
    )


def _about(manuscript: Manuscript, programme: str, code: str, message: str) -> Problem:
    path = f"{PROGRAMMES}/{programme}.yaml"
    line = manuscript.content.documents[path].line_of((_STARTER, code))
    return Problem(path, line, f"{_STARTER}.{code}: {message}", "address")
