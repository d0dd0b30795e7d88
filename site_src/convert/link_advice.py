"""Suggests what to write instead of a dead link: the intended page's file, contact or address."""

from __future__ import annotations

import posixpath
import re
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from site_src.convert.manuscript import Manuscript
from site_src.problems import did_you_mean, nearest
from site_src.read.content import PageSource
from site_src.read.text import to_plain

# The path of a page's file as other programs write it, and files that are not pages.
_FILE_OF_PAGE = re.compile(r"(?:file:|[a-z]:/).*/([^/?#]+\.md)$", re.IGNORECASE)
_PICTURE = re.compile(r"^(?!\w+://)[^?#]*\.(?:png|jpe?g|webp|svg|gif|heic)$", re.IGNORECASE)
_DOCUMENT = re.compile(r"^(?!\w+://)[^?#]*\.(?:pdf|docx?|xlsx?|pptx?|odt|zip|txt|hwpx?)$", re.IGNORECASE)
_HOST = re.compile(r"(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?=[/?#]|$)", re.IGNORECASE)


def suggest_link(manuscript: Manuscript, path: str, destination: str) -> str:
    """Suggests a destination, such as ` Write "japan.md".`, if `destination` names a page, contact or host in a wrong form.

    Returns "" if there is nothing to suggest.
    """
    plain = to_plain(destination).strip().replace("\\", "/")
    if _PICTURE.search(plain):
        return f' It is a picture. To show it, write "![What it shows]({posixpath.basename(plain)})".'
    if _DOCUMENT.search(plain):
        return " Only pages and pictures are published. Write the document's text on a page, or link to its address on another site."
    if "@" in plain:
        return ' Email addresses are not published. Link to a contact in site.yaml instead: "contact:…".'
    scheme, _, name = plain.rpartition(":")
    contacts = manuscript.content.settings.contacts
    if (not scheme or nearest(scheme, ["contact"])) and name.strip().lower() in contacts:
        return f' Write "contact:{name.strip().lower()}".'
    if file := _FILE_OF_PAGE.match(plain):
        plain = file[1]
    if page := _named_page(manuscript, path, plain):
        _, hash, fragment = plain.partition("#")
        return f' Write "{relative_link(manuscript, path, page)}{hash}{fragment.strip()}".'
    host = _HOST.match(plain)
    if host and not scheme and not re.match(r"[^?#]*\.md(?:[?#]|$)", plain):
        return f' If you mean that address, write "https://{plain}".'
    return ""


def _named_page(manuscript: Manuscript, path: str, typed: str) -> PageSource | None:
    """Returns the page that `typed` names with a folder, a language or the wrong extension: `/en/japan/`, `japan.html`."""
    route = unquote(re.split("[?#]", typed)[0]).strip("/ ").lower()
    parts = [part for part in route.split("/") if part not in ("", ".", "..", "content")]
    language, is_language = path.split("/")[1], False
    if parts and parts[0] in manuscript.content.settings.languages:
        language, is_language = parts.pop(0), True
    slug = re.sub(r"\.(?:md|html?)$", "", "/".join(parts))
    slug = re.sub(r"(?:^|/)index$", "", slug)
    return manuscript.displayed(language, slug) if slug or is_language or typed.startswith("/") else None


def name_file_of(manuscript: Manuscript, path: str, address: str) -> str:
    """Returns advice to write a relative link in the file `path` instead of the full `address` of a page of this site."""
    settings = manuscript.content.settings
    parts = urlsplit(address)
    route = parts.path.removeprefix(urlsplit(settings.base_url).path).strip("/").removesuffix("index.html")
    language, _, slug = normalize("NFC", unquote(route)).strip("/").partition("/")
    pages = manuscript.content.pages
    moved = next((page.slug for page in pages if slug in page.meta.moved_from), slug)
    file = f"{moved or 'index'}.md"
    page = next((page for page in pages if (page.language, page.slug) == (language, moved)), None)
    page = page or manuscript.displayed(settings.default_language, moved)
    if language not in settings.languages or page is None:
        known = [
            relative_link(manuscript, path, page) for page in pages if page.language == path.split("/")[1]
        ]
        return f" Write the name of the page's file.{did_you_mean(file, known)}"
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f' Write the name of the page\'s file: "{relative_link(manuscript, path, page)}{fragment}".'


def relative_link(manuscript: Manuscript, path: str, page: PageSource) -> str:
    """Returns the relative link from the file `path` to the page.

    The link names the file in the language of `path` if that file leads to the same page.
    """
    here = path.split("/")[1]
    inside = page.path.split("/", 2)[2]
    own = here in manuscript.content.settings.languages and page.language in (
        here,
        manuscript.content.settings.default_language,
    )
    folder = posixpath.dirname(path).removesuffix("/_notices")
    return posixpath.relpath(f"content/{here}/{inside}" if own else page.path, folder)
