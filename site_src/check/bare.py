"""Addresses that are typed without https://: no link shows where they lead, and a short one may lead to the request."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from site_src.check.documents import texts_in
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.scan.bare import bare_hosts


def bare_addresses(manuscript: Manuscript) -> Iterator[Problem]:
    """An address without https:// in a text, as `name.nl/page`, is on a listed host: people type it, and no link shows where it leads."""
    content = manuscript.content
    listed = {*content.settings.outbound_hosts, urlsplit(content.settings.base_url).netloc}
    # An address of a conversation starter has a problem of its own.
    for programme in content.programmes.values():
        listed |= {urlsplit(address).netloc for address in programme.conversation_starter.values()}
    for document in (*content.documents.values(), *(source.lines for source in content.texts)):
        for location, text in texts_in(document):
            for host in sorted(bare_hosts(text) - listed):
                yield Problem(document.path, document.line_of(location), _bare(host), "bare-address")
    for source in manuscript.converted:
        for host in sorted(bare_hosts(manuscript.markups[source.path].html) - listed):
            lines = enumerate(source.body.split("\n"), start=source.body_line)
            found = [number for number, line in lines if host in bare_hosts(line)]
            for line in found or [source.body_line]:
                yield Problem(source.path, line, _bare(host), "bare-address")


def _bare(host: str) -> str:
    return (
        f'has an address on "{host}", which is not in "outbound_hosts". Make it a link, [text](https://{host}/…), and list the host; '
        "or delete it. A short address is no better: write the one that it leads to. If it is none, put a space after the dot."
    )
