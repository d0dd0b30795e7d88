"""Renders files for hosts and crawlers: `_headers`, `_redirects`, sitemap.xml, robots.txt (RFC 9309), security.txt (RFC 9116).

`_headers` and `_redirects` are in the format of Netlify and Cloudflare.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from markupsafe import escape

from site_src.render.headers import COMMON_HEADERS, PATH_CLASSES
from site_src.site.model import Page, Redirect, SecurityContact, SecurityRedirect, Site

SECURITY_TXT = ".well-known/security.txt"
_CLASSES = {row.name: row for row in PATH_CLASSES}
# Path patterns that do not overlap. Each has the name of the class whose headers apply.
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
# Files whose type hosts do not know. If a pattern above matches many files, hosts choose the type by the file's extension.
_TYPED = (
    ("/{language}/:programme/feed.xml", "feed"),
    ("/{language}/:programme/:year/feed.xml", "feed"),
    ("/{language}/:programme/calendar.ics", "calendar"),
)


def headers_file(site: Site) -> bytes:
    """Returns `_headers`, which lists each path pattern with its headers."""
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
    """Returns `_redirects`. Each line contains the old path, the new path and the HTTP status.

    A host that does not read this file serves the page at the old path instead.
    """
    lines = [f"{rule.source} {rule.target} {rule.status}\n" for rule in _redirects(site)]
    return "".join(["# Old place, new place, status\n", *lines]).encode()


def _redirects(site: Site) -> Iterator[Redirect]:
    """Yields every redirect of the site: each moved page in each language, and security.txt if it is on another site."""
    folder = urlsplit(site.base_url).path
    for moved in site.moved:
        # With and without the final slash, because people type either form.
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
    """Returns security.txt, with the preferred contact first and the expiry in UTC."""
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
    """Returns the sitemap, which lists each page once for each language in which it has its own text, and the `archives`.

    `archives` are the archive pages of the status page. `lastmod` is the page's `updated`, or the last change of a state on
    the page if that is later. The sitemap does not list translations, because the head of each page
    links to them.
    """
    entries = "".join(
        f"<url><loc>{escape(site.base_url + page.route)}</loc><lastmod>{_changed(site, page)}</lastmod></url>\n"
        for page in (*site.pages, *archives)
        if page.language in page.translations
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_NAMESPACE}">\n{entries}</urlset>\n'.encode()


def robots(site: Site) -> bytes:
    """Returns robots.txt, which allows all crawlers, including archives, to read everything. In a preview, it allows nothing."""
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
    """Returns the later of the page's `updated` day and the moment of its last change of state, in W3C's datetime format."""
    last = site.last_change(page)
    return last.isoformat() if last and last.date() >= page.updated else page.updated.isoformat()
