"""Checks addresses that are typed without https://, because a short address may redirect to the request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from site_src.check.documents import texts_in
from site_src.check.lines import problems_at
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem
from site_src.scan.bare import bare_hosts

_MARKDOWN = re.compile(r"[*_`\\]")


def addresses_without_https(manuscript: Manuscript) -> Iterator[Problem]:
    """An address such as `name.nl/page` is on a listed host; the gate refuses any other, because people type it."""
    content = manuscript.content
    allowed = {*content.settings.outbound_hosts, urlsplit(content.settings.base_url).netloc}
    # Another check reports addresses of conversation starters.
    for programme in content.programmes.values():
        allowed |= {urlsplit(address).netloc for address in programme.conversation_starter.values()}
    for document in (*content.documents.values(), *(source.lines for source in content.texts)):
        for location, text in texts_in(document):
            for host in sorted(bare_hosts(text) - allowed):
                yield Problem(document.path, document.line_of(location), _message(host), "link")
    for source in manuscript.converted:
        for host in sorted(bare_hosts(manuscript.markups[source.path].html) - allowed):
            lines = enumerate(_MARKDOWN.sub("", source.body).split("\n"), start=source.body_line)
            found = [number for number, line in lines if host in bare_hosts(line)]
            yield from problems_at(source, found, _message(host), "link")


def _message(host: str) -> str:
    return (
        f'has an address on {host}, which is not in "outbound_hosts" of site.yaml. List the host there, and make it a link: [text](https://{host}/…). '
        "For a short address, write the one that it leads to. If it is no address, put a blank behind the dot."
    )
