"""The HTTP headers of each published file: one table for every host, with Content-Security-Policy, caching and media types.

`_headers` and the preview use the table, and tests compare the nginx files in deploy/nginx/ with it. To add a kind of file,
add a row. The first row whose pattern matches a path applies. If no row matches, `OTHER` applies, which serves plain bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# For files that show the state. Browsers check these files on each use, and shared caches keep them for at most 5 seconds.
_STATE = {"Cache-Control": "public, max-age=0, must-revalidate, s-maxage=5"}
_HOUR = {"Cache-Control": "public, max-age=3600"}
# The version of the API, which is also in openapi.json.
API_VERSION = "1.0.0"
# For files whose name contains a hash of their bytes.
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def _policy(ancestors: str) -> str:
    """Returns a Content-Security-Policy: styles and images only from this site, no scripts, framed only by `ancestors`."""
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )


_CLOSED = {
    "Content-Security-Policy": _policy("'none'"),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# For other sites: their scripts may read `_SHARED` files, and their frames may show `_FRAMED` pages.
_SHARED = {
    "Content-Security-Policy": _policy("'none'"),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}
# The Dutch API Design Rules (API-57) require the full version in each response; openapi.json documents it.
_API = {"API-Version": API_VERSION}
_FRAMED = {
    "Content-Security-Policy": _policy("*"),
    "Cross-Origin-Resource-Policy": "cross-origin",
}

# Every response has these headers, including errors and redirects.
COMMON_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Strict-Transport-Security": "max-age=31536000",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer autoplay camera display-capture encrypted-media fullscreen geolocation gyroscope magnetometer "
            "microphone midi payment picture-in-picture publickey-credentials-get screen-wake-lock usb xr-spatial-tracking"
        ).split()
    ),
}


@dataclass(frozen=True, slots=True)
class PathClass:
    """A class of files with the same headers. `pattern` is a regular expression for the whole published path.

    `media_type` is a media type (RFC 9110) without parameters. `charset` is "" if the format has no such parameter, as for
    JSON, which is always UTF-8. `headers` are added to COMMON_HEADERS.
    """

    name: str
    pattern: str
    media_type: str
    charset: str
    headers: Mapping[str, str]

    @property
    def content_type(self) -> str:
        """Returns the value of Content-Type."""
        return f"{self.media_type}; charset={self.charset}" if self.charset else self.media_type

    @property
    def all_headers(self) -> dict[str, str]:
        """Returns every header of a file of this class."""
        return {"Content-Type": self.content_type, **self.headers, **COMMON_HEADERS}


PATH_CLASSES: tuple[PathClass, ...] = (
    PathClass("embed", r"embed/.+\.html", "text/html", "utf-8", _FRAMED | _STATE),
    PathClass("page", r"(.+/)?index\.html", "text/html", "utf-8", _CLOSED | _STATE),
    PathClass("not-found", r"(.+/)?404\.html", "text/html", "utf-8", _CLOSED | _STATE),
    PathClass("style", r"assets/.+\.css", "text/css", "utf-8", _CLOSED | _FOR_EVER),
    PathClass("icon", r"assets/.+\.svg", "image/svg+xml", "utf-8", _CLOSED | _FOR_EVER),
    PathClass("webp", r"assets/.+\.webp", "image/webp", "", _CLOSED | _FOR_EVER),
    PathClass("jpeg", r"assets/.+\.jpg", "image/jpeg", "", _CLOSED | _FOR_EVER),
    PathClass("png", r"assets/.+\.png", "image/png", "", _CLOSED | _FOR_EVER),
    PathClass("api", r"api/.+\.json", "application/json", "", _SHARED | _STATE | _API),
    PathClass("feed", r".+/feed\.xml", "application/atom+xml", "utf-8", _CLOSED | _STATE),
    PathClass("calendar", r".+/calendar\.ics", "text/calendar", "utf-8", _CLOSED | _STATE),
    PathClass("sitemap", r"sitemap\.xml", "application/xml", "utf-8", _CLOSED | _HOUR),
    PathClass("robots", r"robots\.txt", "text/plain", "utf-8", _CLOSED | _HOUR),
    PathClass("security", r"\.well-known/security\.txt", "text/plain", "utf-8", _CLOSED | _HOUR),
    PathClass("release", r"release\.json", "application/json", "", _CLOSED | _STATE),
)
OTHER = PathClass("other", ".*", "application/octet-stream", "", _CLOSED | _STATE)


def class_of(path: str) -> PathClass:
    """Returns the class of a published path, such as `en/japan/index.html`, or OTHER if no row of the table matches."""
    return next((row for row in PATH_CLASSES if re.fullmatch(row.pattern, path)), OTHER)


def headers_of(path: str) -> dict[str, str]:
    """Returns the headers of the file at a published path, `Content-Type` first."""
    return class_of(path).all_headers
