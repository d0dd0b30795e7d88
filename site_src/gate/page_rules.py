"""Finds content that published files must not have (scripts, forms, frames, loads from other sites), and the hosts in a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from site_src.gate.markup_reader import Tags, hosts_of, local_name
from site_src.scan.bare_addresses import bare_hosts
from site_src.scan.decoding import without_entities
from site_src.scan.escapes import unescaped

MARKUP_ENDINGS = (".html", ".htm", ".xhtml", ".svg", ".xml", ".atom", ".rss")

_HOST = re.compile(r"//(?<=[:\"'(=\s,;]//)/*([^/\s\"'<>()?#\\]+)")
_HOST_BEHIND_BACKSLASHES = re.compile(r":(?:/?\\)[/\\]+([^/\s\"'<>()?#\\]+)")
# Names of XML namespaces and vocabularies, which browsers do not visit. Each pattern begins with plain letters, which are
# fast to find.
_NAMESPACES = (
    re.compile(
        r"""xmlns(?<=\bxmlns)(?::\w+)?=["']http://www\.(?:w3\.org/[^"']*|sitemaps\.org/schemas/sitemap/0\.9)["']"""
    ),
    re.compile(r'"(?<=[:,\[]")https://schema\.org(?:/[A-Za-z]*)?"'),
)
# Data for search engines. Browsers do not run this data, or parse tags in it.
_DATA_BLOCK = re.compile(r'<script type="application/ld\+json">([^<>]*)</script>')
_FROM_ELSEWHERE = re.compile(r"url\(\s*+[\"']?\s*+(?:(?!data:)[a-z][a-z0-9+.-]*:|[/\\]{2})")
_ACTIVE = frozenset(
    "animate applet audio base bgsound button embed fencedframe foreignobject form frame frameset iframe image img "
    "input math noembed noframes noscript object picture plaintext portal script select set source style template "
    "textarea track video xmp".split()
)
_RUNS_OR_LOADS = frozenset(["imagesrcset", "ping", "srcdoc", "srcset", "style"])
# Elements that load a picture, each with the only attribute that may contain the picture's address.
_PICTURES = {"img": "src", "source": "srcset"}
_ENDS_OF_SENTENCES = ".,;:!*]}\u3001\u3002\uff01\uff09\uff0c\uff0e\uff1a\uff1b\u300d"
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
# Attributes that contain text for readers.
_WORDS = frozenset({"alt", "aria-label", "content", "title"})
# Attributes in SVG whose value may contain the address of something to paint with.
_PAINT = frozenset(
    "clip-path cursor fill filter marker marker-end marker-mid marker-start mask stroke".split()
)


def hosts_named(text: str, tags: Tags) -> frozenset[str]:
    """Returns the hosts of all addresses in the text and its tags, including addresses without a scheme such as `name.nl/page`."""
    plain = text
    if "xmlns" in text or "schema.org" in text:
        for names in _NAMESPACES:
            plain = names.sub("", plain)
    plain = without_entities(plain) if "&" in plain else plain
    found = [host for form in (plain, *unescaped(plain)) for host in _HOST.findall(form)]
    found += _HOST_BEHIND_BACKSLASHES.findall(plain)
    found += hosts_of(tags.addresses)
    words = (attributes.get(name, "") for name in _WORDS & tags.names for _, attributes in tags.found)
    found += bare_hosts("\n".join((text, *words)))
    # Characters that end a sentence are not part of a host. A host with a dot at its end is the same host.
    return frozenset(name for host in found if (name := host.lower().rstrip(_ENDS_OF_SENTENCES)))


def forbidden_content(text: str, tags: Tags, pictures: re.Pattern[str] | None) -> Iterator[str]:
    """Yields a message about everything in the file that runs, loads or submits something, which no published file may do.

    The file may load pictures, but only from addresses that `pictures` matches.
    """
    # <s:script> is a script if `s` is the prefix of that namespace, so the prefix is ignored.
    elements = [local_name(tag) for tag, _ in tags.found]
    blocks = _DATA_BLOCK.findall(text) if "script" in elements else []
    active = _ACTIVE - {"script"} if len(blocks) == elements.count("script") else _ACTIVE
    allows_pictures = pictures is not None and _loads_only(tags, pictures)
    if allows_pictures:
        active -= {"picture", *_PICTURES}
    if any(not _is_json(block) for block in blocks):
        yield "has structured data (JSON-LD) that is not JSON."
    for tag in active.intersection(elements):
        yield f"has the element <{tag}>, which published files must not have."
    yield from _forbidden_attributes(tags, _RUNS_OR_LOADS - {"srcset"} if allows_pictures else _RUNS_OR_LOADS)
    for value in tags.addresses:
        scheme = _SCHEME.match(value)
        if scheme and scheme[1].lower() not in ("http", "https", "mailto", "tel"):
            yield f'has an address with a scheme that is not allowed: "{value[:40]}".'
    painted = [attributes.get(name, "") for name in tags.names & _PAINT for _, attributes in tags.found]
    parts = (text, "\n".join(painted)) if painted else (text,)
    forms = (form.lower() for part in parts for form in (part, *unescaped(part)))
    if any("@import" in form or ("url(" in form and _FROM_ELSEWHERE.search(form)) for form in forms):
        yield "loads a style sheet or an image from another site."


def _loads_only(tags: Tags, pictures: re.Pattern[str]) -> bool:
    """Returns True if `pictures` matches the address of every picture, and no other attribute can load a picture."""
    for tag, attributes in tags.found:
        allowed = _PICTURES.get(tag)
        if allowed and not pictures.fullmatch(attributes.get(allowed, "")):
            return False
        if any(name in attributes and name != allowed for name in ("src", "srcset")):
            return False
    return True


def _forbidden_attributes(tags: Tags, forbidden: frozenset[str]) -> Iterator[str]:
    for name in set(map(local_name, tags.names)):
        if name.startswith("on") or name in forbidden:
            yield f'has the attribute "{name}", which is not allowed.'
    for _, attributes in tags.found if "http-equiv" in tags.names else ():
        if (value := attributes.get("http-equiv", "content-type").lower()) != "content-type":
            yield f'has <meta http-equiv="{value[:40]}">, but only the server may send such a header.'


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def doubtful_markup(data: bytes, text: str, tags: Tags) -> Iterator[str]:
    """Yields a message about everything in a markup file that browsers may read differently from this gate."""
    if b"\0" in data or text.encode() != data:
        yield "is not UTF-8 text, so different browsers may read it differently."
    _, bracket, after = tags.beside.partition("<")
    if bracket:
        yield f'has a tag that browsers may read in more than one way: "<{after[:40]}". Write <name key="value">.'
