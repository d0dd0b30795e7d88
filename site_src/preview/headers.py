"""The HTTP headers of the preview: those of a published file, changed for this machine, the bar and the contact sheet."""

from __future__ import annotations

import base64
import hashlib

from site_src.preview.pages import read_asset
from site_src.render.headers import headers_of

NOT_SHARED = {"Cross-Origin-Resource-Policy": "same-origin"}
PLAIN = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
_POLICY = "Content-Security-Policy"


def preview_headers(name: str, framed: bool = False) -> dict[str, str]:
    """Returns the headers of the built file `name`. `framed` is True for a page in a frame of the contact sheet, without the bar."""
    headers = headers_of(name)
    del headers["Strict-Transport-Security"]  # only for HTTPS
    # A preview can show a closed programme as open, so pages of other sites must not read the address.
    headers.pop("Access-Control-Allow-Origin", None)
    headers["Cache-Control"] = "no-store"
    if framed:
        headers.pop("X-Frame-Options", None)
        headers[_POLICY] = headers[_POLICY].replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    elif name.endswith(".html"):
        headers[_POLICY] = _allow_own(headers[_POLICY])
    return headers


def sheet_headers() -> dict[str, str]:
    """Returns the headers of the contact sheet, which has a form and frames."""
    headers = preview_headers("index.html")
    policy = headers[_POLICY].replace("form-action 'none'", "form-action 'self'")
    return {**headers, _POLICY: f"{policy}; frame-src 'self'"}


def _allow_own(policy: str) -> str:
    """Returns the policy, changed to allow the preview's style and script (by their hashes) and its stream."""
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip())
    for name, file in (("style-src", "preview.css"), ("script-src", "preview.js")):
        hashed = base64.b64encode(hashlib.sha256(read_asset(file).encode()).digest()).decode()
        directives[name] = f"{directives.get(name, '')} 'sha256-{hashed}'".strip()
    directives["connect-src"] = "'self'"
    return "; ".join(f"{name} {value}" for name, value in directives.items())
