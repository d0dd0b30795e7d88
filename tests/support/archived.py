"""A published site behind a test's own web server, and the archive of the server's responses."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.support.commands import Done, command
from tests.support.published import Target

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Shown:
    """A web server that shows the live release. `asked` has the path and the Host header of each request.

    `instead` may give a different response for a path.
    """

    target: Target
    asked: list[tuple[str, str]] = field(default_factory=list)
    instead: Callable[[str], Reply | None] = lambda _: None
    address: str = ""

    @property
    def folder(self) -> Path:
        """Returns the folder of the WARC files."""
        return self.target.folder.with_name("warc")

    def archive(self, *more: str) -> Done:
        """Runs `archive` with the address and the folder in local.yaml."""
        return command(self.target.project, "archive", *more)

    def archived(self, code: int = 0) -> Path:
        """Makes a new archive. Returns its WARC file."""
        before = set(self.folder.glob("*.warc")) if self.folder.is_dir() else set()
        done = self.archive()
        assert done.returncode == code, done.stderr
        (made,) = set(self.folder.glob("*.warc")) - before
        return made

    def reply(self, path: str) -> Reply:
        """Returns the response of a web server that follows the rules of deploy/nginx."""
        site = self.target.folder / "current/site"
        for line in (site / "_redirects").read_text().splitlines() if (site / "_redirects").exists() else ():
            if line.split()[0] == path:
                return int(line.split()[2]), {"Location": line.split()[1]}, b"moved"
        file = site / (f"{path}index.html" if path.endswith("/") else path).lstrip("/")
        if file.is_file() and not file.name.startswith("_"):
            kind = (
                "text/html"
                if file.suffix == ".html"
                else "application/json"
                if file.suffix == ".json"
                else "text/plain"
            )
            return 200, {"Content-Type": kind}, file.read_bytes()
        return 404, {"Content-Type": "text/html"}, (site / "404.html").read_bytes()


@contextmanager
def showing(target: Target) -> Iterator[Shown]:
    """Runs the server, with a local.yaml that names the server and the folder of its archive."""
    shown = Shown(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            shown.asked.append((self.path, self.headers["Host"]))
            status, headers, body = shown.instead(self.path) or shown.reply(self.path)
            packed = "gzip" in self.headers.get("Accept-Encoding", "")
            body = gzip.compress(body) if packed else body
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if packed:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Prints nothing: requests are in `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    shown.address = f"http://127.0.0.1:{server.server_port}"
    target.project.write(
        "local.yaml",
        f"target: {target.folder}\nprobe: {shown.address}\narchive: {shown.folder}\nwho: the tests\n",
    )
    try:
        yield shown
    finally:
        server.shutdown()
        server.server_close()
