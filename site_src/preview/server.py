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

from site_src.builder import UnknownPreview
from site_src.gate.gate import GateRefused
from site_src.preview.choices import split_choice
from site_src.preview.contact_sheet import Filter, contact_sheet
from site_src.preview.headers import NOT_SHARED, PLAIN, preview_headers, sheet_headers
from site_src.preview.pages import ADDRESS, FRAME, broken, with_bar
from site_src.preview.sites import NothingGood, PreviewSites
from site_src.problems import InputRefused

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
        super().__init__((HOST, port), _PreviewHandler)
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


class _PreviewHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Quotabord-preview", ""
    server: PreviewServer
    timeout = 30

    def do_GET(self) -> None:
        """Answers with a page, a file, the contact sheet or the stream of changes."""
        if self.headers.get("Host", "").lower() not in self.server.hosts:
            sentence = f"Open {self.server.sites.origin}/ instead.\n"
            self._answer(HTTPStatus.MISDIRECTED_REQUEST, sentence.encode(), PLAIN)
            return
        try:
            address = urlsplit(self.path)
        except ValueError:
            self._answer(HTTPStatus.BAD_REQUEST, b"This is not an address.\n", PLAIN)
            return
        query = {name: values[0] for name, values in parse_qs(address.query, keep_blank_values=True).items()}
        if address.path == EVENTS:
            self._stream()
        elif address.path == _ICON:
            self._answer(HTTPStatus.NO_CONTENT, b"", {})
        elif address.path == ADDRESS:
            chosen = Filter(**{name: query.get(name, "") for name in asdict(Filter())})
            self._sheet(chosen)
        else:
            self._file(unquote(address.path), framed=FRAME in query)

    do_HEAD = do_GET  # noqa: N815 - the library's name

    def _sheet(self, chosen: Filter) -> None:
        try:
            self._answer(HTTPStatus.OK, contact_sheet(self.server.sites, chosen), sheet_headers())
        except (GateRefused, InputRefused) as error:
            self._sorry(str(error))

    def _file(self, path: str, framed: bool) -> None:
        sites = self.server.sites
        try:
            choice, rest = split_choice(path)
            built = sites.built(choice)
        except (ValueError, UnknownPreview, GateRefused, InputRefused, NothingGood) as error:
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
            language = name.partition("/")[0]
            known = language if language in built.site.languages else built.site.default_language
            status, name = HTTPStatus.NOT_FOUND, f"{known}/404.html"
        data, is_page = built.files[name], name.endswith(".html")
        if is_page and not framed:
            data = with_bar(data, sites.view, choice, rest, built)
        self._answer(status, data, preview_headers(name, framed=is_page and framed))

    def _sorry(self, sentence: str) -> None:
        page = broken(self.server.sites.view, sentence)
        self._answer(HTTPStatus.SERVICE_UNAVAILABLE, page, preview_headers(_PAGE))

    def _stream(self) -> None:
        """Sends the version as a server-sent event: at once, and after each change."""
        self.send_response(HTTPStatus.OK)
        self._send_headers(
            {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "Connection": "close"}
        )
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
        self._send_headers({**headers, "Content-Length": str(len(body))})
        if self.command != "HEAD":
            with suppress(ConnectionError):
                self.wfile.write(body)

    def _send_headers(self, headers: dict[str, str]) -> None:
        for name, value in {**headers, **NOT_SHARED}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing, because requests would hide the problems of the files in the terminal."""
