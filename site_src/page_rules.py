"""What the gate demands of one file's text: no foreign host, nothing active, and the right link on each page.

The tags are read by a small reader of its own, so that this does not rest on the templates it judges.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from site_src.quota import State

_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
_TAG = re.compile(r"<([a-zA-Z][\w:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?")
_HOST = re.compile(r"(?<=[:\"'(=\s])//([^/\s\"'<>()?#\\]+)")
# Names of vocabularies, not places that a browser visits.
_NAMESPACES = re.compile(r"""\bxmlns(?::\w+)?=["']http://www\.w3\.org/[^"']*["']""")
_ACTIVE = frozenset(
    [
        "script",
        "iframe",
        "object",
        "embed",
        "applet",
        "form",
        "input",
        "button",
        "frame",
        "frameset",
        "portal",
        "base",
        "img",
        "video",
        "audio",
        "source",
        "track",
    ]
)


Tags = tuple[tuple[str, dict[str, str]], ...]


@dataclass(frozen=True, slots=True)
class PageExpectation:
    """What a programme's page must show; `address` is None where the link must be hidden."""

    programme: str
    state: State
    address: str | None


def unlisted_hosts(text: str, hosts: frozenset[str]) -> set[str]:
    """The hosts named by an address in the text that are not among `hosts`."""
    found = _HOST.findall(html.unescape(_NAMESPACES.sub("", text)))
    return {host.lower() for host in found} - hosts


def forbidden_content(text: str, tags: Tags) -> Iterator[str]:
    """A sentence for each thing that runs, loads or submits: published pages have none."""
    for tag, attributes in tags:
        if tag in _ACTIVE:
            yield f"has the element <{tag}>, and what is published has none of these."
        for name, value in attributes.items():
            if name.startswith("on") or name in ("style", "srcdoc", "ping"):
                yield f'has the attribute "{name}", which is not allowed.'
            if re.match(r"\s*(javascript|data|vbscript)\s*:", value, re.IGNORECASE):
                yield f'has an address that runs: {name}="{value[:40]}".'
        if tag == "meta" and "refresh" in attributes.get("http-equiv", "").lower():
            yield "sends the reader on by itself (meta refresh)."
    if re.search(r"@import|url\(\s*[\"']?(?:[a-z]+:)?//", text, re.IGNORECASE):
        yield "loads style or an image from elsewhere."


def page_findings(tags: Tags, page: PageExpectation | None) -> Iterator[str]:
    """A sentence for each way in which the page's notice or link is not what the state demands."""
    notices = [
        attributes for tag, attributes in tags if "quota-notice" in attributes.get("class", "").split()
    ]
    starters = [
        attributes
        for tag, attributes in tags
        if "conversation-starter" in attributes.get("class", "").split()
    ]
    if page is None:
        if notices or starters:
            yield "has a quota notice or a conversation starter, but belongs to no programme."
        return
    shown = [(notice.get("data-programme"), notice.get("data-state")) for notice in notices]
    if shown != [(page.programme, str(page.state))]:
        yield f"must have exactly one quota notice, {page.state}, and has {shown or 'none'}."
    if page.address is None and starters:
        yield "has an element of the class conversation-starter, and the link must be hidden now."
    if page.address is not None and not starters:
        yield f"lacks the conversation starter, which must be shown while the state is {page.state}."
    for starter in starters if page.address is not None else ():
        if (starter.get("data-programme"), starter.get("href")) != (page.programme, page.address):
            yield f'has a conversation starter that leads to "{starter.get("href")}" instead of "{page.address}".'


def tags_of(text: str) -> Tags:
    """Each start tag in small letters, with its attributes unescaped; comments are left out."""
    tags = []
    for match in _TAG.finditer(_COMMENT.sub("", text)):
        attributes: dict[str, str] = {}
        for name, double, single, bare in _ATTRIBUTE.findall(match[2]):
            attributes.setdefault(name.lower(), html.unescape(double or single or bare))
        tags.append((match[1].lower(), attributes))
    return tuple(tags)
