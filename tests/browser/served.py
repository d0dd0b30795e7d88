"""Built files on 127.0.0.1, straight from memory, with the header that the real host must send."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
SAFE = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True)
class Served:
    """A site that answers at `address`; `asked` are the paths that were asked for, in order."""

    address: str
    files: Mapping[str, bytes]
    asked: list[str] = field(default_factory=list)


@contextmanager
def served(files: Mapping[str, bytes], headers: Mapping[str, str] = SAFE) -> Iterator[Served]:
    """Serves the files until the end of the block; an address without a file gets the 404 page of its language."""

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
            self.send_header("Content-Type", f"{kind}; charset=utf-8" if "text" in kind else kind)
            self.send_header("Content-Length", str(len(data)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """What was asked for stands in `asked`."""

    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield Served(f"http://127.0.0.1:{server.server_port}", files, asked)
    finally:
        server.shutdown()
        server.server_close()
