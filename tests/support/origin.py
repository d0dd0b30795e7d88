"""A local web server that behaves like a cache or a host: it may serve old files."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Files = Mapping[str, bytes]


@dataclass
class Origin:
    """The served files: `plain` for plain requests, and `packed` for browsers (`plain` if not set). `asked` has the requested paths.

    With `truncated`, packed responses lack their last bytes.
    """

    plain: Callable[[], Files]
    packed: Callable[[], Files] | None = None
    status: int = 200
    truncated: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""

    def answer(self, path: str, encoding: str) -> bytes | None:
        """Returns the file at this path for a client that accepts this encoding."""
        self.asked.append((path, encoding))
        files = (self.packed if self.packed and encoding == "gzip" else self.plain)()
        name = path.lstrip("/")
        return files.get(f"{name}index.html" if not name or name.endswith("/") else name)


@contextmanager
def serving(origin: Origin) -> Iterator[Origin]:
    """Serves the origin at its `address`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            encoding = self.headers.get("Accept-Encoding", "")
            body = origin.answer(self.path, encoding)
            packed = encoding == "gzip" and body is not None
            data = gzip.compress(body) if packed and body is not None else body or b""
            data = data[:-9] if packed and origin.truncated else data
            self.send_response(origin.status if body is not None else 404)
            if packed:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Prints nothing: requests are in `asked`."""

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


@dataclass
class Hanging:
    """A server that accepts connections and never completes a response.

    `connections` is the number of connections.
    """

    address: str = ""
    connections: int = 0


@contextmanager
def hanging(trickle: bytes = b"") -> Iterator[Hanging]:
    """Runs a server that never completes a response.

    With `trickle`, it begins a response and then sends a byte now and then.
    """
    server, stopped = Hanging(), threading.Event()
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    server.address = f"http://127.0.0.1:{listening.getsockname()[1]}"

    def hang(connected: socket.socket) -> None:
        with connected, suppress(OSError):
            connected.sendall(trickle)
            while not stopped.wait(0.05):
                connected.sendall(trickle[-1:])

    def accept() -> None:
        with suppress(OSError):
            while True:
                connected, _ = listening.accept()
                server.connections += 1
                threading.Thread(target=hang, args=(connected,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        stopped.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
