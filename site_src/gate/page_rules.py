"""What the gate demands of one file's text: no foreign host, nothing active, and the right link on each page.

The tags are read by a small reader of its own, so that this does not rest on the templates it judges. It knows only
tags that every browser reads in the same way; pages and pictures with any other are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from site_src.scan.decoding import as_browsers_read, unescaped, without_entities
from site_src.states import State

MARKUP_ENDINGS = (".html", ".htm", ".xhtml", ".svg", ".xml", ".atom", ".rss")

_TAG = re.compile(
    r"<(?:([a-zA-Z][\w:.-]*)((?:[ \t\r\n\f]+[\w:.-]+(?:=\"[^\"]*\")?)*)[ \t\r\n\f]*/?>"
    r"|/[a-zA-Z][\w:.-]*[ \t\r\n\f]*>|![dD][oO][cC][tT][yY][pP][eE] html>"
    r"|\?xml [^<>]*\?>|!--(?!-?>)(?:(?!--)[^<>])*-->)",
    re.ASCII,
)
_ATTRIBUTE = re.compile(r"[ \t\r\n\f]([\w:.-]+)(?:=\"([^\"]*)\")?", re.ASCII)
_HOST = re.compile(r"//(?<=[:\"'(=\s,;]//)/*([^/\s\"'<>()?#\\]+)")
_HOST_BEHIND_BACKSLASHES = re.compile(r":(?:/?\\)[/\\]+([^/\s\"'<>()?#\\]+)")
# Names of vocabularies, not places that a browser visits. Each begins with plain letters, which are quick to look for.
_NAMESPACES = (
    re.compile(
        r"""xmlns(?<=\bxmlns)(?::\w+)?=["']http://www\.(?:w3\.org/[^"']*|sitemaps\.org/schemas/sitemap/0\.9)["']"""
    ),
    re.compile(r'"(?<=[:,\[]")https://schema\.org(?:/[A-Za-z]*)?"'),
)
# Data for search engines: browsers neither run it nor look for tags in it.
_DATA_BLOCK = re.compile(r'<script type="application/ld\+json">([^<>]*)</script>')
_FROM_ELSEWHERE = re.compile(r"url\(\s*+[\"']?\s*+(?:(?!data:)[a-z][a-z0-9+.-]*:|[/\\]{2})")
_ACTIVE = frozenset(
    "animate applet audio base bgsound button embed fencedframe foreignobject form frame frameset iframe image img "
    "input math noembed noframes noscript object picture plaintext portal script select set source style template "
    "textarea track video xmp".split()
)
_ADDRESSES = frozenset(
    "action background cite codebase data formaction href longdesc manifest poster src".split()
)
_RUNS_OR_LOADS = frozenset(["imagesrcset", "ping", "srcdoc", "srcset", "style"])
# Browsers pass over these inside an address, and over all controls at its ends.
_ENDS_OF_SENTENCES = ".,;:!*]}\u3001\u3002\uff01\uff09\uff0c\uff0e\uff1a\uff1b\u300d"
_PASSED_OVER = re.compile(r"[\t\r\n]|^[\0- ]+|[\0- ]+$")
_LOCAL = re.compile(r"#|/(?![/\\\t\r\n])")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:https?:[/\\]*|[/\\]{2,})([^/\\?#]*)", re.IGNORECASE)

Tag = tuple[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Tags:
    """The start tags of a text in small letters, each with its attributes unescaped.

    `names` are those of all attributes; `addresses` is where the tags lead, as a browser reads it, without what begins on
    this very site; `beside` is the text without any tag.
    """

    found: tuple[Tag, ...]
    names: frozenset[str]
    addresses: tuple[str, ...]
    beside: str


@dataclass(frozen=True, slots=True)
class PageExpectation:
    """What a programme's page must show; `address` is None where the link must be hidden."""

    programme: str
    state: State
    address: str | None


def hosts_named(text: str, tags: Tags) -> frozenset[str]:
    """The hosts named by an address in the text or its tags."""
    plain = text
    if "xmlns" in text or "schema.org" in text:
        for names in _NAMESPACES:
            plain = names.sub("", plain)
    plain = without_entities(plain) if "&" in plain else plain
    found = [host for form in (plain, *unescaped(plain)) for host in _HOST.findall(form)]
    found += _HOST_BEHIND_BACKSLASHES.findall(plain)
    found += [authority[1] for value in tags.addresses if (authority := _AUTHORITY.match(value))]
    # The marks that end a sentence are no part of a host, and a dot behind one changes nothing.
    return frozenset(name for host in found if (name := host.lower().rstrip(_ENDS_OF_SENTENCES)))


def forbidden_content(text: str, tags: Tags, logo: re.Pattern[str] | None) -> Iterator[str]:
    """A sentence for each thing that runs, loads or submits: published pages have none.

    The one picture that may be shown is the owner's, at an address that `logo` matches.
    """
    # A prefix changes nothing: <s:script> is a script where s stands for that vocabulary.
    elements = [_local(tag) for tag, _ in tags.found]
    blocks = _DATA_BLOCK.findall(text) if "script" in elements else []
    active = _ACTIVE - {"script"} if len(blocks) == elements.count("script") else _ACTIVE
    pictures = [attributes.get("src", "") for tag, attributes in tags.found if tag == "img"]
    if logo and all(map(logo.fullmatch, pictures)):
        active -= {"img"}
    if any(not _is_json(block) for block in blocks):
        yield "has a block of data that is not JSON."
    for tag in active.intersection(elements):
        yield f"has the element <{tag}>, and what is published has none of these."
    for name in set(map(_local, tags.names)):
        if name.startswith("on") or name in _RUNS_OR_LOADS:
            yield f'has the attribute "{name}", which is not allowed.'
    if "http-equiv" in tags.names and any(
        "refresh" in attributes.get("http-equiv", "").lower() for _, attributes in tags.found
    ):
        yield "sends the reader on by itself (meta refresh)."
    for value in tags.addresses:
        scheme = _SCHEME.match(value)
        if scheme and scheme[1].lower() not in ("http", "https", "mailto", "tel"):
            yield f'has an address that is no place to go to: "{value[:40]}".'
    forms = (form.lower() for form in (text, *unescaped(text)))
    if any("@import" in form or ("url(" in form and _FROM_ELSEWHERE.search(form)) for form in forms):
        yield "loads style or an image from elsewhere."


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def doubtful_markup(data: bytes, text: str, tags: Tags) -> Iterator[str]:
    """A sentence for what browsers may read otherwise than this gate does: to be asked of markup only."""
    if b"\0" in data or text.encode() != data:
        yield "is not UTF-8 text, so that no one can say how browsers read it."
    _, bracket, after = tags.beside.partition("<")
    if bracket:
        yield f'has a tag that browsers may read in more than one way: "<{after[:40]}". Write <name key="value">.'


def page_findings(tags: Tags, page: PageExpectation | None, shown: frozenset[str]) -> Iterator[str]:
    """A sentence for each way in which the page's notice or link is not what the state demands.

    `shown` are the addresses that may be published today, each on its own programme's pages.
    """
    classes = [(found, found[1]["class"].split()) for found in tags.found if "class" in found[1]]
    notices = [found for found, names in classes if "quota-notice" in names]
    starters = [found for found, names in classes if "conversation-starter" in names]
    for found in tags.found if shown else ():
        if found not in starters and not shown.isdisjoint(found[1].values()):
            yield f"has a conversation starter's address outside of its element, in <{found[0]}>."
    if page is None:
        if notices or starters:
            yield "has a quota notice or a conversation starter, but belongs to no programme."
        return
    said = [(tag, notice.get("data-programme"), notice.get("data-state")) for tag, notice in notices]
    if said != [("section", page.programme, str(page.state))]:
        yield f"must have exactly one quota notice, {page.state}, and has {said or 'none'}."
    if page.address is None and starters:
        yield "has an element of the class conversation-starter, and the link must be hidden now."
    if page.address is not None and not starters:
        yield f"lacks the conversation starter, which must be shown while the state is {page.state}."
    for tag, starter in starters if page.address is not None else ():
        if (tag, starter.get("data-programme"), starter.get("href")) != ("a", page.programme, page.address):
            yield f'has a conversation starter that leads to "{starter.get("href")}" instead of "{page.address}".'


def tags_of(text: str) -> Tags:
    """The tags of the text."""
    pieces = _TAG.split(text)
    tags = zip(pieces[1::3], pieces[2::3], strict=True)
    found = tuple((name.lower(), _attributes(inside)) for name, inside in tags if name)
    names = frozenset().union(*(attributes for _, attributes in found))
    leading = [name for name in names if _local(name) in _ADDRESSES]
    addresses = (attributes[name] for name in leading for _, attributes in found if name in attributes)
    elsewhere = tuple(_PASSED_OVER.sub("", address) for address in addresses if not _LOCAL.match(address))
    return Tags(found, names, elsewhere, "".join(pieces[::3]))


# Most tags of a page stand on every other one too.
@lru_cache(maxsize=8192)
def _attributes(inside: str) -> Mapping[str, str]:
    attributes: dict[str, str] = {}
    for key, value in _ATTRIBUTE.findall(inside):
        attributes.setdefault(key.lower(), as_browsers_read(value) if "&" in value else value)
    return MappingProxyType(attributes)
