"""Serves built files from memory on 127.0.0.1, with the headers that the real host must send."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from site_src.render.headers import headers_of


@dataclass(frozen=True)
class Served:
    """A site served at `address`. `asked` has the requested paths, in order."""

    address: str
    files: Mapping[str, bytes]
    asked: list[str] = field(default_factory=list)


@contextmanager
def served(
    files: Mapping[str, bytes], headers: Callable[[str], Mapping[str, str]] = headers_of
) -> Iterator[Served]:
    """Serves the files until the end of the block. If a file does not exist, the answer is the 404 page of its language.

    `headers` returns the headers for a path. A test may leave some of them out, or add one.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            path = self.path.lstrip("/")
            path = f"{path}index.html" if path.endswith("/") or not path else path
            found = path in files
            path = path if found else f"{path.split('/')[0]}/404.html"
            data = files.get(path, b"")
            self.send_response(200 if found else 404)
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            said = {"Content-Type": kind, **headers(path)}
            self.send_header("Content-Length", str(len(data)))
            for name, value in said.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Prints nothing, because `asked` has the requests."""

    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield Served(f"http://127.0.0.1:{server.server_port}", files, asked)
    finally:
        server.shutdown()
        server.server_close()
