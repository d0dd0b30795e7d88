"""Requests for one file: redirects, statuses, compression and the time limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from site_src.publish.fetch import Answer, NoAnswer, fetch
from tests.support.origin import Origin, hanging, serving

BODY_THAT_NEVER_ENDS = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"


@contextmanager
def redirecting(to: str) -> Iterator[str]:
    """Starts a server that redirects every request to the same path at `to`. Yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", to + self.path)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Prints nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_redirect_is_followed_with_the_same_encoding(encoding: str) -> None:
    """A redirected request asks the last server for the same encoding, and returns the unpacked body."""
    with serving(Origin(lambda: {"a.txt": b"right"})) as origin, redirecting(origin.address) as address:
        assert fetch(f"{address}/a.txt", encoding, time.monotonic() + 10) == Answer(200, b"right")
        assert origin.asked == [("/a.txt", encoding)]


def test_an_error_has_its_status_and_no_body() -> None:
    """A request for a missing file returns the status and no body."""
    with serving(Origin(dict)) as origin:
        assert fetch(f"{origin.address}/a.txt", "gzip", time.monotonic() + 10) == Answer(404, b"")


@pytest.mark.parametrize("trickle", [b"", BODY_THAT_NEVER_ENDS], ids=["silence", "body"])
def test_a_request_ends_at_its_time(trickle: bytes) -> None:
    """A request ends at its time limit, without an answer, if the server is silent or sends its body byte by byte without end."""
    begun = time.monotonic()
    with hanging(trickle) as server, pytest.raises(NoAnswer, match="no complete response in time"):
        fetch(f"{server.address}/a.txt", "identity", begun + 0.3)

    assert time.monotonic() - begun < 10


def test_a_port_that_is_closed_gives_the_reason() -> None:
    """If nothing listens on the port, NoAnswer contains the system's reason."""
    with pytest.raises(NoAnswer, match=r"\[Errno"):
        fetch("http://127.0.0.1:9/a.txt", "identity", time.monotonic() + 10)
