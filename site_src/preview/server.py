"""Serves the preview on 127.0.0.1, read-only. Checks the Host header, and serves only its own pages and built files."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import asdict
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from site_src.builder import Built, UnknownPreview
from site_src.gate.gate import GateRefused
from site_src.preview.choices import Choice, split_choice
from site_src.preview.pages import ADDRESS, FRAME, Filter, broken, contact_sheet, policy_sources, with_bar
from site_src.preview.sites import NothingGood, PreviewSites
from site_src.problems import InputRefused
from site_src.render.headers import headers_of

HOST = "127.0.0.1"
EVENTS = f"{ADDRESS}events"
# The interval of messages to an open page if nothing changes. Sending fails if the page was closed.
HEARTBEAT_SECONDS = 10.0
_PAGE = "index.html"
# Browsers request this path for pages that name no icon, such as the preview's own pages.
_ICON = "/favicon.ico"


class PreviewServer(ThreadingHTTPServer):
    """Serves the sites of a preview on 127.0.0.1. Raises OSError if the port is in use. Port 0 means any free port."""

    daemon_threads = True
    # A port on which another program listens is refused, never shared.
    allow_reuse_address = os.name == "posix"  # on Windows, this would share the port
    allow_reuse_port = False

    def __init__(self, sites: PreviewSites, port: int) -> None:
        super().__init__((HOST, port), _Handler)
        self.sites = sites
        sites.origin = f"http://{HOST}:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores a browser that closed its connection, as browsers do when a page reloads."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def hosts(self) -> frozenset[str]:
        """Returns the allowed values of the Host header. Any other value may be an attack by a foreign page (DNS rebinding)."""
        return frozenset(f"{name}:{self.server_port}" for name in (HOST, "localhost"))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Quotabord-preview", ""
    server: PreviewServer
    timeout = 30

    def do_GET(self) -> None:
        """Answers with a page, a file, the contact sheet or the stream of changes."""
        if self.headers.get("Host", "").lower() not in self.server.hosts:
            self._answer(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"Open {self.server.sites.origin}/ instead.\n".encode(),
                _PLAIN,
            )
            return
        try:
            address = urlsplit(self.path)
        except ValueError:
            self._answer(HTTPStatus.BAD_REQUEST, b"This is not an address.\n", _PLAIN)
            return
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path == EVENTS:
            self._stream()
        elif address.path == _ICON:
            self._answer(HTTPStatus.NO_CONTENT, b"", {})
        elif address.path == ADDRESS:
            chosen = Filter(**{name: query.get(name, "") for name in asdict(Filter())})
            self._own_page(chosen)
        else:
            self._file(unquote(address.path), framed=FRAME in parse_qs(address.query, keep_blank_values=True))

    do_HEAD = do_GET  # noqa: N815 - the library's name

    def _own_page(self, chosen: Filter) -> None:
        try:
            self._answer(HTTPStatus.OK, contact_sheet(self.server.sites, chosen), _own_headers(frames=True))
        except (GateRefused, InputRefused) as error:
            self._sorry(str(error))

    def _file(self, path: str, framed: bool) -> None:
        sites = self.server.sites
        try:
            choice, rest = split_choice(path)
            built = sites.built(choice)
        except NothingGood:
            self._sorry("")
            return
        except (ValueError, UnknownPreview, GateRefused, InputRefused) as error:
            self._sorry(str(error))
            return
        name = rest.lstrip("/")
        if not name or name.endswith("/"):
            name += _PAGE
        elif f"{name}/{_PAGE}" in built.files:
            self._answer(HTTPStatus.MOVED_PERMANENTLY, b"", {"Location": f"{choice.folder}{rest}/"})
            return
        status = HTTPStatus.OK
        if name not in built.files:
            status, name = HTTPStatus.NOT_FOUND, self._not_found(built, name)
        self._published(status, built, choice, name, rest, framed)

    def _published(
        self, status: HTTPStatus, built: Built, choice: Choice, name: str, rest: str, framed: bool
    ) -> None:
        data, headers = built.files[name], headers_of(name)
        del headers["Strict-Transport-Security"]  # only for HTTPS
        # A preview can show a closed programme as open, so pages of other sites must not read the address.
        headers.pop("Access-Control-Allow-Origin", None)
        headers["Cache-Control"] = "no-store"
        if name.endswith(".html"):
            if framed:
                headers.pop("X-Frame-Options", None)
                headers["Content-Security-Policy"] = headers["Content-Security-Policy"].replace(
                    "frame-ancestors 'none'", "frame-ancestors 'self'"
                )
            else:
                data = with_bar(data, self.server.sites.view, choice, rest, built)
                headers["Content-Security-Policy"] = _with_own(headers["Content-Security-Policy"])
        self._answer(status, data, headers)

    def _not_found(self, built: Built, name: str) -> str:
        language = name.partition("/")[0]
        return f"{language if language in built.site.languages else built.site.default_language}/404.html"

    def _sorry(self, sentence: str) -> None:
        page = broken(self.server.sites.view, sentence)
        self._answer(HTTPStatus.SERVICE_UNAVAILABLE, page, _own_headers(frames=False))

    def _stream(self) -> None:
        """Sends the version as a server-sent event: at once, and after each change."""
        self.send_response(HTTPStatus.OK)
        for name, value in (
            ("Content-Type", "text/event-stream"),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
            *_NOT_SHARED.items(),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        sent = ""
        # The stream ends with an OSError if the page is closed.
        with suppress(OSError):
            while self.command == "GET":
                version = self.server.sites.wait(sent, HEARTBEAT_SECONDS)
                self.wfile.write(f"data: {version}\n\n".encode() if version != sent else b":\n\n")
                sent = version

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, **_NOT_SHARED, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            with suppress(ConnectionError):
                self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing, because requests would hide the problems of the files in the terminal."""


_NOT_SHARED = {"Cross-Origin-Resource-Policy": "same-origin"}
_PLAIN = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}


def _with_own(policy: str) -> str:
    """Returns the policy, changed to allow the preview's style and script (by their hashes) and its stream."""
    own = policy_sources()
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip())
    for name, source in own.items():
        directives[name] = f"{directives.get(name, '')} {source}".strip()
    directives["connect-src"] = "'self'"
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _own_headers(frames: bool) -> dict[str, str]:
    headers = headers_of(_PAGE)
    del headers["Strict-Transport-Security"]
    policy = _with_own(headers["Content-Security-Policy"])
    if frames:
        policy = policy.replace("form-action 'none'", "form-action 'self'") + "; frame-src 'self'"
    headers["Content-Security-Policy"] = policy
    headers["Cache-Control"] = "no-store"
    return headers
