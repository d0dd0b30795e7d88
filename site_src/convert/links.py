"""Where a link in a text leads: to a page by its source file, to a contact by its name, or outside."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from site_src.convert.manuscript import Manuscript
from site_src.problems import did_you_mean

NOTICE_ANCHOR = "quota-notice"


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page of this site, in the reader's language unless `language` names another one."""

    slug: str
    language: str | None
    fragment: str


@dataclass(frozen=True, slots=True)
class SamePage:
    """A place on the page where the link stands."""

    fragment: str


@dataclass(frozen=True, slots=True)
class Outside:
    """Another site; `address` begins with https."""

    address: str


class DeadLink(Exception):
    """Raised with a sentence for the editor when a destination leads nowhere."""


def resolve(
    manuscript: Manuscript, path: str, destination: str, reader: str
) -> PageLink | SamePage | Outside:
    """Where `destination`, typed in the file `path`, leads a reader of language `reader`; raises DeadLink."""
    if destination.startswith("#"):
        return SamePage(unquote(destination[1:]))
    scheme = _split(destination).scheme
    if scheme == "contact":
        return Outside(_contact(manuscript, destination.removeprefix("contact:"), reader))
    if scheme == "https":
        return _outside(manuscript, destination)
    if scheme == "http" or destination.startswith("//"):
        raise DeadLink(f'"{destination}" does not begin with https. Write the full address: https://…')
    if scheme:
        raise DeadLink(
            f'"{destination}" begins with "{scheme}:". A link leads to a page, a contact or an address with https://…'
        )
    return _page(manuscript, path, destination)


def anchors_of(manuscript: Manuscript, language: str, slug: str) -> frozenset[str] | None:
    """The anchors of the page that a reader of `language` gets, or None if there is no such page."""
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


def _outside(manuscript: Manuscript, destination: str) -> Outside:
    host = _split(destination).netloc
    hosts = manuscript.content.settings.outbound_hosts
    if host not in hosts:
        raise DeadLink(
            f'"{destination}" leads to {host or "no host"}, which is not in "outbound_hosts" of site.yaml.{did_you_mean(host, hosts)}'
        )
    return Outside(destination)


def _split(destination: str) -> SplitResult:
    try:
        return urlsplit(destination)
    except ValueError:
        raise DeadLink(
            f'"{destination}" is not an address. Copy it again; its signs, such as "/" and "?", must be the plain ones.'
        ) from None


def _page(manuscript: Manuscript, path: str, destination: str) -> PageLink:
    file, _, fragment = destination.partition("#")
    # A notice is read on pages, so its links are those of a page in the language's folder.
    folder = posixpath.dirname(path).removesuffix("/_notices")
    target = posixpath.normpath(posixpath.join(folder, unquote(file)))
    content, _, rest = target.partition("/")
    language, _, inside = rest.partition("/")
    if (
        content != "content"
        or language not in manuscript.content.settings.languages
        or not inside.endswith(".md")
        or file.startswith("/")
    ):
        raise DeadLink(
            f'"{destination}" does not lead to a page. Write the name of the page\'s file, such as japan.md, or a full address.'
        )
    slug = posixpath.join(
        *("" if part == "index" else part for part in inside.removesuffix(".md").rsplit("/", 1))
    ).rstrip("/")
    here = path.split("/")[1]
    unreadable = manuscript.content.unreadable
    default = f"content/{manuscript.content.settings.default_language}/{inside}"
    if manuscript.displayed(language, slug) is None and not {target, default} & unreadable:
        paths = {page.path for page in manuscript.content.pages} | unreadable
        folder = f"content/{language}/"
        known = [path.removeprefix(folder) for path in paths if path.startswith(folder) and "/_" not in path]
        raise DeadLink(f'"{destination}" leads to a page that is not there.{did_you_mean(inside, known)}')
    return PageLink(slug, None if language == here else language, unquote(fragment))
