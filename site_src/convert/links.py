"""Resolves the destination of a link: a page's source file, a contact's name, a place on the page, or another site's address."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from unicodedata import normalize
from urllib.parse import SplitResult, unquote, urlsplit

from site_src.convert.link_advice import name_file_of, relative_link, suggest_link
from site_src.convert.manuscript import Manuscript
from site_src.convert.markup import NOTICE_ANCHOR
from site_src.problems import did_you_mean
from site_src.read.text import describe, explain_lookalikes

# An address in the file that has one of these does not work, and editors cannot see why.
_BLANK_OR_INVISIBLE = re.compile(
    r"[\s\u00ad\u034f\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u3164\ufe00-\ufe0f\ufeff]"
)
_FORM = " Write the name of the page's file, such as japan.md, or a full address."


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page of this site. `language` is None for a page in the reader's language."""

    slug: str
    language: str | None
    fragment: str


@dataclass(frozen=True, slots=True)
class SamePage:
    """A place on the page that contains the link."""

    fragment: str


@dataclass(frozen=True, slots=True)
class Outside:
    """An address on another site, which begins with https."""

    address: str


class DeadLink(Exception):
    """Raised for a destination that leads nowhere. The message is for the editor."""


def resolve(
    manuscript: Manuscript, path: str, destination: str, reader: str
) -> PageLink | SamePage | Outside:
    """Resolves `destination`, as typed in the file `path`, for a reader of the language `reader`. Raises DeadLink."""
    if destination.startswith("#"):
        return SamePage(_place(manuscript, path, _unquote(destination[1:])))
    scheme = _split(destination).scheme
    if scheme == "contact":
        return Outside(_contact(manuscript, destination.removeprefix("contact:"), reader))
    if scheme == "https":
        return _outside(manuscript, path, destination)
    if scheme == "http" or destination.startswith("//"):
        own = urlsplit(manuscript.content.settings.base_url).netloc
        if _split(destination).netloc == own:
            raise DeadLink(
                f'"{destination}" is an address of this site.{name_file_of(manuscript, path, destination)}'
            )
        raise DeadLink(f'"{destination}" does not begin with https. Write the full address: https://…')
    if scheme:
        raise DeadLink(
            f'"{destination}" begins with "{scheme}:".{suggest_link(manuscript, path, destination) or " A link leads to a page, a contact, or an address that begins with https://."}'
        )
    return _page(manuscript, path, destination)


def _unquote(text: str) -> str:
    return normalize("NFC", unquote(text))


def _place(manuscript: Manuscript, path: str, fragment: str) -> str:
    """Returns the id for `fragment` on the page of the file `path`.

    A translated heading has the id of the original heading, but a link may use the id that its own words would give. If the
    fragment is not such an id, returns it unchanged.
    """
    if path not in manuscript.markups or fragment in manuscript.markups[path].anchors:
        return fragment
    return manuscript.own_ids.get(path, {}).get(fragment, fragment)


def anchors_of(manuscript: Manuscript, language: str, slug: str) -> frozenset[str] | None:
    """Returns the anchors of the page that a reader of `language` gets, or None if there is no such page."""
    source = manuscript.displayed(language, slug)
    if source is None:
        return None
    own = {NOTICE_ANCHOR} if source.meta.programme else set()
    return frozenset(own.union(manuscript.markups[source.path].anchors))


def _contact(manuscript: Manuscript, name: str, reader: str) -> str:
    settings = manuscript.content.settings
    if name not in settings.contacts:
        raise DeadLink(
            f'"contact:{name}" is not in the contacts of site.yaml.{did_you_mean(name, settings.contacts)}'
        )
    addresses = settings.contacts[name].addresses
    return addresses.get(reader, addresses[settings.default_language])


def _outside(manuscript: Manuscript, path: str, destination: str) -> Outside:
    settings = manuscript.content.settings
    host = _split(destination).netloc
    hosts = settings.outbound_hosts
    if host == urlsplit(settings.base_url).netloc:
        raise DeadLink(
            f'"{destination}" is an address of this site.{name_file_of(manuscript, path, destination)}'
        )
    if cut := re.search("[<>]", destination):
        raise DeadLink(
            f'"{destination[: cut.start()]}" is in a tag whose quotation marks are not closed. Close them.'
        )
    if odd := _BLANK_OR_INVISIBLE.search(destination):
        about = (
            "a line break"
            if odd[0] == "\n"
            else describe(odd[0])
            if odd[0].isspace()
            else f"the invisible character U+{ord(odd[0]):04X}"
        )
        raise DeadLink(f'"{" ".join(destination.split())}" contains {about}. Delete it.')
    if not host:
        near = destination.partition(":")[2].lstrip("/")
        raise DeadLink(f'"{destination}" has no host. Write "https://{near}".')
    if host not in hosts:
        raise DeadLink(
            f'"{destination}" leads to {host}, which is not in "outbound_hosts" of site.yaml.'
            f"{explain_lookalikes(host) or did_you_mean(host, hosts)}"
        )
    return Outside(destination)


def _split(destination: str) -> SplitResult:
    try:
        return urlsplit(destination)
    except ValueError:
        raise DeadLink(
            f'"{destination}" is not an address. Copy it again, and check that characters such as "/" and "?" are the plain ones.'
        ) from None


def _page(manuscript: Manuscript, path: str, destination: str) -> PageLink:
    file, _, fragment = destination.partition("#")
    # Notices appear on pages, so links in notices are relative to the folder of the language.
    folder = posixpath.dirname(path).removesuffix("/_notices")
    target = posixpath.normpath(posixpath.join(folder, _unquote(file)))
    content, _, rest = target.partition("/")
    language, _, inside = rest.partition("/")
    is_language = content == "content" and language in manuscript.content.settings.languages
    if not is_language or not inside.endswith(".md") or file.startswith("/"):
        cure = suggest_link(manuscript, path, destination) or _FORM
        raise DeadLink(f'"{destination}" does not lead to a page.{explain_lookalikes(destination)}{cure}')
    slug = _slug_of(inside)
    default = f"content/{manuscript.content.settings.default_language}/{inside}"
    page = manuscript.displayed(language, slug)
    if page is None and not {target, default} & manuscript.content.unreadable:
        raise DeadLink(f'"{destination}" {_explain_absence(manuscript, path, destination, language, inside)}')
    place = _unquote(fragment)
    place = _place(manuscript, page.path, place) if page else place
    return PageLink(slug, None if language == path.split("/")[1] else language, place)


def _slug_of(inside: str) -> str:
    return re.sub(r"(?:^|/)index$", "", inside.removesuffix(".md"))


def _explain_absence(manuscript: Manuscript, path: str, destination: str, language: str, inside: str) -> str:
    """Returns what to write instead of a link to a page that does not exist."""
    pages, folder = manuscript.content.pages, f"content/{language}/"
    slug, fragment = _slug_of(inside), destination.partition("#")[2]
    if new := next((page for page in pages if slug in page.meta.moved_from), None):
        file = relative_link(manuscript, path, manuscript.displayed(language, new.slug) or new)
        return f'is the old name of a page. Write "{file}{"#" + fragment if fragment else ""}".'
    paths = {page.path for page in pages} | manuscript.content.unreadable
    known = [path.removeprefix(folder) for path in paths if path.startswith(folder) and "/_" not in path]
    near = suggest_link(manuscript, path, destination) or did_you_mean(inside, known)
    return f"leads to a page that does not exist.{explain_lookalikes(destination)}{near}"
