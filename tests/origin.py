"""A web server on this machine that answers as caches and hosts do: with what they have, which may be old."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Files = Mapping[str, bytes]


@dataclass
class Origin:
    """What is served: `plain` to whoever asks so, `packed` (the same, if not set) to browsers; `asked` are the paths asked for."""

    plain: Callable[[], Files]
    packed: Callable[[], Files] | None = None
    status: int = 200
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""

    def answer(self, path: str, encoding: str) -> bytes | None:
        """The file at that path for a client that accepts this encoding."""
        self.asked.append((path, encoding))
        files = (self.packed if self.packed and encoding == "gzip" else self.plain)()
        name = path.lstrip("/")
        return files.get(f"{name}index.html" if not name or name.endswith("/") else name)


@contextmanager
def serving(origin: Origin) -> Iterator[Origin]:
    """The origin, at its `address`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            encoding = self.headers.get("Accept-Encoding", "")
            body = origin.answer(self.path, encoding)
            packed = encoding == "gzip" and body is not None
            data = gzip.compress(body) if packed and body is not None else body or b""
            self.send_response(origin.status if body is not None else 404)
            if packed:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing: tests look at what was asked."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    origin.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield origin
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
