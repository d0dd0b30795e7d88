"""`Guard`: checks each request before the desk gets it (host, method, login, rate, origin, size), and adds security headers."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import ceil

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from site_src.desk.rate_limit import CHANGES_A_MINUTE, LOOKS_A_MINUTE, RateLimit
from site_src.desk.roles import DeskOptions
from site_src.read.text import is_plain_line

USER_HEADER = "x-remote-user"
LONGEST_BODY, LONGEST_LOGIN = 8 * 1024, 100
FORM = "application/x-www-form-urlencoded"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not "no-referrer": browsers would then send "Origin: null" with a form.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
# Renders a refusal. Its arguments are the scope, the status, the key of the text, and the values in the text.
Refuse = Callable[..., Response]


class Guard:
    """ASGI middleware in front of the desk. It stores the login of the request in `scope["state"]["user"]`."""

    def __init__(self, app: ASGIApp, options: DeskOptions, refuse: Refuse) -> None:
        self._app, self._options, self._refuse = app, options, refuse
        self._limits = {"GET": RateLimit(LOOKS_A_MINUTE, 60), "POST": RateLimit(CHANGES_A_MINUTE, 60)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on if it is accepted; otherwise responds with a refusal. Adds the security headers to the response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        refusal = self._judge(scope, Headers(scope=scope))
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _judge(self, scope: Scope, headers: Headers) -> Response | None:
        scope.setdefault("state", {})["user"] = ""
        method = "GET" if scope["method"] == "HEAD" else str(scope["method"])
        if headers.getlist("host") != [self._options.host]:
            return self._refuse(scope, 421, "refused_host", address=self._options.origin)
        if method not in self._limits:
            return self._refuse(scope, 405, "refused_method")
        user = self._options.user or _find_user(headers)
        if not user:
            return self._refuse(scope, 403, "refused_user")
        scope["state"]["user"] = user
        if wait := self._limits[method].wait(user):
            refusal = self._refuse(scope, 429, "refused_rate", seconds=ceil(wait))
            refusal.headers["Retry-After"] = str(ceil(wait))
            return refusal
        return self._judge_change(scope, headers) if method == "POST" else None

    def _judge_change(self, scope: Scope, headers: Headers) -> Response | None:
        if headers.getlist("origin") != [self._options.origin]:
            return self._refuse(scope, 403, "refused_origin", address=self._options.origin)
        length = headers.get("content-length", "")
        if headers.get("content-type", "").partition(";")[0] != FORM or not re.fullmatch(
            "[0-9]{1,9}", length
        ):
            return self._refuse(scope, 415, "refused_form")
        # The server does not read more bytes than this header states.
        return self._refuse(scope, 413, "refused_size") if int(length) > LONGEST_BODY else None


def _find_user(headers: Headers) -> str:
    """Returns the login in the header X-Remote-User; "" if the header is missing, repeated, or not a plain line of text."""
    found = [value for name, value in headers.raw if name == USER_HEADER.encode()]
    if len(found) != 1 or len(found[0]) > LONGEST_LOGIN:
        return ""
    try:
        user = found[0].decode("utf-8").strip()
    except UnicodeDecodeError:
        return ""
    return user if is_plain_line(user) else ""
