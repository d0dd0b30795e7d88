"""Lists the addresses of a site that an archive requests: those of the release, and those that the responses link to."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urldefrag, urljoin, urlsplit

from site_src.publish.gzip_twins import is_twin
from site_src.publish.manifest import Manifest

PAGE, NOT_FOUND_PAGE = "index.html", "404.html"
NO_SUCH_PAGE = "no-such-page/"
REDIRECTS = "_redirects"
_STATES = "api/v1/programmes.json"
_EVERY_SITE = (
    "",
    "robots.txt",
    "sitemap.xml",
    "release.json",
    ".well-known/security.txt",
    _STATES,
    "api/v1/openapi.json",
    NO_SUCH_PAGE,
)
_ATTRIBUTE = re.compile(r"""\s(?:href|src)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_IN_STYLE = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""", re.IGNORECASE)
_ABSOLUTE = re.compile(r"""https?://[^\s"'<>\\{}|^`]+""")
_SITEMAP = re.compile(r"^sitemap:\s*(\S+)/sitemap\.xml\s*$", re.IGNORECASE | re.MULTILINE)
_TEXTS = ("text/", "application/json", "application/xml", "application/atom+xml", "image/svg+xml")


class ArchivedSite:
    """Decides which addresses belong to the site at `address` (without "/" at its end).

    `base` is the address that the site's own pages give. It differs from `address` if the archive requests the site from a
    different host.
    """

    def __init__(self, address: str) -> None:
        self.address = self.base = address

    def learn_base(self, robots: bytes) -> None:
        """Sets `base` from the line of robots.txt that names the sitemap, if there is one."""
        if found := _SITEMAP.search(robots.decode("utf-8", errors="replace")):
            self.base = found[1]

    def resolve(self, link: str, page: str) -> str | None:
        """Returns the address that a link on the page `page` leads to, without its fragment; None if it is not on this site."""
        try:
            url = urldefrag(urljoin(page, link.strip()))[0]
            if url == self.base or url.startswith(f"{self.base}/"):
                url = self.address + url.removeprefix(self.base)
            place = urlsplit(url)
        except ValueError:  # for text that is not an address, such as "http://["
            return None
        is_own = url == self.address or url.startswith(f"{self.address}/")
        has_plain_text = url.isascii() and url.isprintable() and " " not in url
        return url if is_own and has_plain_text and place.path and "{" not in url else None

    def links_in(self, url: str, media_type: str, body: bytes) -> Iterator[str]:
        """Yields the addresses of this site that a response contains. May yield an address more than once."""
        if not media_type.lower().startswith((*_TEXTS, "text")):
            return
        # Lines of a calendar are folded (RFC 5545, section 3.1).
        text = re.sub(r"\r\n[ \t]", "", body.decode("utf-8", errors="replace"))
        named = [*_ABSOLUTE.findall(html.unescape(text)), *_IN_STYLE.findall(text)]
        named += [html.unescape(double or single) for double, single in _ATTRIBUTE.findall(text)]
        if url == f"{self.address}/{_STATES}":
            named += _programme_files(body)
        for link in named:
            if own := self.resolve(link, url):
                yield own


def _programme_files(body: bytes) -> list[str]:
    try:
        return [f"programmes/{programme['id']}.json" for programme in json.loads(body)["programmes"]]
    except (ValueError, KeyError, TypeError):
        return []


def first_addresses(address: str, manifest: Manifest | None, redirects: str) -> list[str]:
    """Returns the addresses to begin with: those of every site, and the release's files and redirects, if there is a manifest.

    `redirects` is the text of its `_redirects`.
    """
    paths = list(_EVERY_SITE)
    if manifest:
        paths += [place for path in manifest.files if (place := place_of(path)) is not None]
    paths += [
        line.split()[0].lstrip("/")
        for line in redirects.splitlines()
        if line.strip() and not line.startswith("#")
    ]
    return list(dict.fromkeys(f"{address}/{path}" for path in paths))


def place_of(path: str) -> str | None:
    """Returns the path that a visitor requests to get the file, or None if visitors do not request it."""
    name = path.rpartition("/")[2]
    if is_twin(path) or path.startswith("_"):
        return None
    if name == NOT_FOUND_PAGE:
        return f"{path.removesuffix(NOT_FOUND_PAGE)}{NO_SUCH_PAGE}"
    return path.removesuffix(PAGE) if name == PAGE else path


def find_circle(redirects: Iterable[tuple[str, str]]) -> list[str]:
    """Returns the addresses of a loop of redirects, the first one repeated at the end; empty if there is no loop."""
    leads = dict(redirects)
    for begin, next_one in leads.items():
        seen, url = [begin], next_one
        while url in leads and url not in seen:
            seen.append(url)
            url = leads[url]
        if url in seen:
            return [*seen[seen.index(url) :], url]
    return []
