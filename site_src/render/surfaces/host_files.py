"""`_headers` and `_redirects`, for hosts that read their rules from the site itself (format of Netlify and Cloudflare).

Such a host merges all rules that match a path, so no header is in two rules that match the same path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from site_src.render.headers import COMMON_HEADERS, PATH_CLASSES
from site_src.render.surfaces.security_txt import SECURITY_TXT
from site_src.site.model import Redirect, SecurityRedirect, Site

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
# Where a pattern matches many files, hosts derive the types of all others from their endings.
_TYPED = (
    ("/{language}/:programme/feed.xml", "feed"),
    ("/{language}/:programme/calendar.ics", "calendar"),
)


def headers_file(site: Site) -> bytes:
    """`_headers`: each path pattern, followed by its headers."""
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
    """`_redirects`: old path, new path, status. Hosts that do not read it serve the page at the old path."""
    lines = [f"{rule.source} {rule.target} {rule.status}\n" for rule in _redirects(site)]
    return "".join(["# Old place, new place, status\n", *lines]).encode()


def _redirects(site: Site) -> Iterator[Redirect]:
    """Every redirect of the site: moved pages in each language, and security.txt if it is elsewhere."""
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
