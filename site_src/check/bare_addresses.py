"""Checks the addresses that texts, titles and labels print without a link: `https://name.nl/page` and `name.nl/page`.

The gate refuses addresses on other hosts too, but names the published page instead of the file with the mistake.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from site_src.check.code import blank
from site_src.check.lines import printed_values, problems_at, texts_in
from site_src.convert.manuscript import Manuscript
from site_src.problems import Problem, Severity, did_you_mean
from site_src.read.text import explain_lookalikes
from site_src.scan.bare_addresses import bare_hosts

# An address as the gate reads it in published files: its host ends before any of these characters.
_BARE = re.compile(r"//(?<=[:\"'(=\s,;]//)/*([^/\s\"'<>()?#\\\[\]]+)")
# The beginning of an address in which a character is missing, or is a look-alike.
_ODD_BEGIN = re.compile(r"\bhttps?(\s?[:;：∶﹕]?\s?[/／]{1,2}\s?)(?=[\w-]+[.．]\w)", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z]+:$", re.IGNORECASE)
_ENDS_OF_SENTENCES = ".,;:!*]}\u3001\u3002\uff01\uff09\uff0c\uff0e\uff1a\uff1b\u300d"
_HOST = re.compile(r"[a-z0-9.-]+", re.IGNORECASE | re.ASCII)
_MARKDOWN = re.compile(r"[*_`\\]")
# A tag whose quotation marks are not closed is text for Markdown, and visitors see it.
_LINK = re.compile(r"""\]\(<?\S+|\]:\s*\S+|<(?:[^<>"']|"[^<>"]*"|'[^<>']*')*>""")


def bare_addresses(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that an address in a text, title or label is on a listed host, and has no text directly after its host."""
    content = manuscript.content
    allowed = {*content.settings.outbound_hosts, *content.starter_hosts}
    for path, line, text in _printed_texts(manuscript):
        for odd in _ODD_BEGIN.finditer(text) if "http" in text.lower() else ():
            if odd[1] != "://":
                about = f'has an address that begins with "{odd[0]}".{explain_lookalikes(odd[0])} Write https:// with plain characters.'
                yield Problem(path, line + text.count("\n", 0, odd.start()), about, "link")
        for match in _BARE.finditer(text) if "//" in text else ():
            host = match[1].lower().rstrip(_ENDS_OF_SENTENCES)
            if host not in allowed:
                typed = "".join(_SCHEME.findall(text[max(match.start() - 8, 0) : match.start()])) + match[0]
                message, severity = _explain_host(manuscript, allowed, host, typed)
                yield Problem(path, line + text.count("\n", 0, match.start()), message, "link", severity)


def addresses_on_pages(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that no page has an address on another host that the text hides: `&#47;&#47;name.nl`, `title="//name.nl"`.

    The gate would refuse it on every page, without the file and the line.
    """
    settings = manuscript.content.settings
    allowed = {
        *settings.outbound_hosts,
        *manuscript.content.starter_hosts,
        urlsplit(settings.base_url).netloc,
    }
    for source in manuscript.converted:
        markup = manuscript.markups[source.path]
        # The other checks report these.
        reported = _hosts_in(_LINK.sub(" ", source.body)) | _hosts_in(
            "".join(f'"{link}"' for link in (*markup.links, *(picture.name for picture in markup.pictures)))
        )
        for host in sorted(_hosts_in(html.unescape(markup.html).replace("\\/", "/")) - reported - allowed):
            lines = enumerate(source.body.split("\n"), start=source.body_line)
            found = [
                number for number, line in lines if host in _MARKDOWN.sub("", html.unescape(line)).lower()
            ]
            message = f'has an address on {host}, which is not in "outbound_hosts" of site.yaml. List the host there, or delete the address.'
            yield from problems_at(source, found, message, "link")


def _hosts_in(text: str) -> set[str]:
    return {match[1].lower().rstrip(_ENDS_OF_SENTENCES) for match in _BARE.finditer(text)}


def _explain_host(manuscript: Manuscript, allowed: set[str], host: str, typed: str) -> tuple[str, Severity]:
    settings = manuscript.content.settings
    plain = _HOST.match(host)
    name = plain[0].rstrip(".-") if plain else ""
    if name == urlsplit(settings.base_url).netloc:
        message = f'has the address "{typed}" of this site, which may change. Link to the page\'s file instead: [text](page.md).'
        return message, "warning"
    if name in allowed:
        message = f'has the address "https://{name}" with text directly after it. Put a space between them, or write [text](https://{name}).'
        return message, "error"
    near = did_you_mean(name, settings.outbound_hosts)
    message = f'has the address "{typed}", but {name or host} is not in "outbound_hosts" of site.yaml. List the host there, or delete the address.{near}'
    return message, "error"


def _printed_texts(manuscript: Manuscript) -> Iterator[tuple[str, int, str]]:
    """Yields the file, first line and text of everything that pages print (bodies, front matter, labels), without links."""
    for document, location, text in printed_values(manuscript.content):
        yield document.path, document.line_of(location), text
    for source in manuscript.converted:
        # `links` checks the links. Spaces replace them here, so that the other characters keep their positions.
        yield source.path, source.body_line, _LINK.sub(lambda link: blank(link[0]), source.body)


def addresses_without_https(manuscript: Manuscript) -> Iterator[Problem]:
    """Checks that an address such as `name.nl/page` is on a listed host. Visitors type such addresses, so the gate refuses others."""
    content = manuscript.content
    # Another check reports addresses of conversation starters.
    listed = {
        *content.settings.outbound_hosts,
        urlsplit(content.settings.base_url).netloc,
        *content.starter_hosts,
    }
    for document in (*content.documents.values(), *(source.lines for source in content.texts)):
        texts = list(texts_in(document))
        if bare_hosts("\n".join(text for _, text in texts)) <= listed:
            continue
        for location, text in texts:
            for host in sorted(bare_hosts(text) - listed):
                yield document.problem(location, "link", _message(host))
    for source in manuscript.converted:
        for host in sorted(bare_hosts(manuscript.markups[source.path].html) - listed):
            lines = enumerate(_MARKDOWN.sub("", source.body).split("\n"), start=source.body_line)
            found = [number for number, line in lines if host in bare_hosts(line)]
            yield from problems_at(source, found, _message(host), "link")


def _message(host: str) -> str:
    return (
        f'has an address on {host}, which is not in "outbound_hosts" of site.yaml. List the host there, and write the address as a link: [text](https://{host}/…). '
        "If it is a shortened address, write the full address that it redirects to. If it is not an address, put a space after the dot."
    )
