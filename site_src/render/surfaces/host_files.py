"""Renders files for hosts and crawlers: `_headers`, `_redirects`, sitemap.xml, robots.txt (RFC 9309), security.txt (RFC 9116).

`_headers` and `_redirects` have the format of Netlify and Cloudflare.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from markupsafe import escape

from site_src.render.headers import COMMON_HEADERS, PATH_CLASSES
from site_src.site.model import Page, Redirect, SecurityContact, SecurityRedirect, Site

SECURITY_TXT = ".well-known/security.txt"
_CLASSES = {row.name: row for row in PATH_CLASSES}
# Path patterns that do not overlap, and the class whose headers apply to each.
_PLACES = (
    ("/", "page"),
    ("/404.html", "not-found"),
    ("/{language}/*", "page"),
    ("/embed/*", "embed"),
    ("/assets/*", "style"),
    ("/api/*", "api"),
    ("/sitemap.xml", "sitemap"),
    ("/robots.txt", "robots"),
    (f"/{SECURITY_TXT}", "security"),
    ("/release.json", "release"),
)
# If a pattern matches many files, hosts derive the types of all others from their endings.
_TYPED = (
    ("/{language}/:programme/feed.xml", "feed"),
    ("/{language}/:programme/:year/feed.xml", "feed"),
    ("/{language}/:programme/calendar.ics", "calendar"),
)


def headers_file(site: Site) -> bytes:
    """Returns `_headers`: each path pattern, followed by its headers."""
    folder = urlsplit(site.base_url).path
    blocks = [_block(f"{folder}/*", COMMON_HEADERS)]
    for pattern, name in _PLACES:
        own = {} if pattern.endswith("*") else _content_type(name)
        headers = own | dict(_CLASSES[name].headers)
        blocks += [_block(folder + place, headers) for place in _places(pattern, site)]
    for pattern, name in _TYPED:
        blocks += [_block(folder + place, _content_type(name)) for place in _places(pattern, site)]
    return "".join(blocks).encode()


def redirects_file(site: Site) -> bytes:
    """Returns `_redirects`: old path, new path, status. Hosts that do not read it serve the page at the old path."""
    lines = [f"{rule.source} {rule.target} {rule.status}\n" for rule in _redirects(site)]
    return "".join(["# Old place, new place, status\n", *lines]).encode()


def _redirects(site: Site) -> Iterator[Redirect]:
    """Yields every redirect of the site: moved pages in each language, and security.txt if it is elsewhere."""
    folder = urlsplit(site.base_url).path
    for moved in site.moved:
        # With and without the final slash, because people type both.
        for source in (moved.route, moved.route.rstrip("/")):
            yield Redirect(folder + source, folder + site.page(moved.language, moved.slug).route, 301)
    if isinstance(site.security, SecurityRedirect):
        yield Redirect(f"{folder}/{SECURITY_TXT}", site.security.address, 302)


def _content_type(name: str) -> dict[str, str]:
    return {"Content-Type": _CLASSES[name].content_type}


def _places(pattern: str, site: Site) -> Iterable[str]:
    if "{language}" not in pattern:
        return [pattern]
    return [pattern.replace("{language}", code) for code in site.languages]


def _block(place: str, headers: Mapping[str, str]) -> str:
    return place + "\n" + "".join(f"  {name}: {value}\n" for name, value in headers.items()) + "\n"


def security_txt(site: Site, contact: SecurityContact) -> bytes:
    """Returns the bytes of the file, with the preferred contact first and times in UTC."""
    lines = [f"Contact: {address}" for address in contact.contacts]
    lines.append(f"Expires: {contact.expires:%Y-%m-%dT%H:%M:%SZ}")
    if contact.languages:
        lines.append(f"Preferred-Languages: {', '.join(contact.languages)}")
    lines.append(f"Canonical: {site.base_url}/{SECURITY_TXT}")
    if contact.policy:
        lines.append(f"Policy: {contact.policy}")
    return ("\n".join(lines) + "\n").encode()


_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap(site: Site, archives: Iterable[Page]) -> bytes:
    """Returns the sitemap: each page once for each language that has its own text, and the `archives` of the status page.

    The head of a page links its translations. `lastmod` follows from the inputs: the page's `updated`, or the last change of a state that the page shows.
    """
    entries = "".join(
        f"<url><loc>{escape(site.base_url + page.route)}</loc><lastmod>{_changed(site, page)}</lastmod></url>\n"
        for page in (*site.pages, *archives)
        if page.language in page.translations
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_NAMESPACE}">\n{entries}</urlset>\n'.encode()


def robots(site: Site) -> bytes:
    """Allows every crawler, including archives, to read everything. In a preview, allows none."""
    if site.preview:
        return b"User-agent: *\nDisallow: /\n"
    lines = (
        "# Search engines and archives are welcome to everything.",
        "User-agent: *",
        "Disallow:",
        "",
        f"Sitemap: {site.base_url}/sitemap.xml",
    )
    return ("\n".join(lines) + "\n").encode()


def _changed(site: Site, page: Page) -> str:
    """Returns the day of the page's last change, or the moment of a later change of state, in W3C's date and time format."""
    last = site.last_change(page)
    return last.isoformat() if last and last.date() >= page.updated else page.updated.isoformat()
