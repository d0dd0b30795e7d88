"""With which headers each published file is served: one table for every host.

`_headers` and the preview are made from it, and tests compare the nginx files of deploy/nginx/ with it. To add a kind of
file, add a row; the first row whose pattern fits a path counts, and `OTHER` is what fits none: served as plain bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# What shows the state is asked for anew by browsers each time; a cache before the host may keep it for some seconds only.
_STATE = {"Cache-Control": "public, max-age=0, must-revalidate, s-maxage=5"}
_HOUR = {"Cache-Control": "public, max-age=3600"}
# The version of the API, as openapi.json has it.
API_VERSION = "1.0.0"
# The name of such a file carries a hash of its bytes.
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


def _policy(ancestors: str) -> str:
    """A Content-Security-Policy: our own style and pictures, nothing that runs, and who may show us in a frame."""
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )


_CLOSED = {
    "Content-Security-Policy": _policy("'none'"),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# For pages of other sites: a frame, or a script that reads it.
_SHARED = {
    "Content-Security-Policy": _policy("'none'"),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}
# The Dutch API Design Rules (API-57) want the full version in each answer; openapi.json promises it.
_API = {"API-Version": API_VERSION}
_FRAMED = {
    "Content-Security-Policy": _policy("*"),
    "Cross-Origin-Resource-Policy": "cross-origin",
}

# Every answer has these, errors and redirects included.
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
    """Files that are served alike. `pattern` is a regular expression for the whole published path.

    `media_type` is RFC 9110's, without parameters; `charset` is "" where the format has none of its own to say (JSON is
    always UTF-8). `headers` come on top of COMMON_HEADERS.
    """

    name: str
    pattern: str
    media_type: str
    charset: str
    headers: Mapping[str, str]

    @property
    def content_type(self) -> str:
        """The value of Content-Type."""
        return f"{self.media_type}; charset={self.charset}" if self.charset else self.media_type

    @property
    def all_headers(self) -> dict[str, str]:
        """Every header with which such a file is served."""
        return {"Content-Type": self.content_type, **self.headers, **COMMON_HEADERS}


PATH_CLASSES: tuple[PathClass, ...] = (
    PathClass("embed", r"embed/.+\.html", "text/html", "utf-8", _FRAMED | _STATE),
    PathClass("page", r"(.+/)?index\.html", "text/html", "utf-8", _CLOSED | _STATE),
    PathClass("not-found", r"(.+/)?404\.html", "text/html", "utf-8", _CLOSED | _STATE),
    PathClass("style", r"assets/.+\.css", "text/css", "utf-8", _CLOSED | _FOR_EVER),
    PathClass("icon", r"assets/.+\.svg", "image/svg+xml", "utf-8", _CLOSED | _FOR_EVER),
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
    """The class of a published path, such as `en/japan/index.html`; OTHER for one that the table does not foresee."""
    return next((row for row in PATH_CLASSES if re.fullmatch(row.pattern, path)), OTHER)


def headers_of(path: str) -> dict[str, str]:
    """The headers with which the file at a published path is served, `Content-Type` first."""
    return class_of(path).all_headers
