"""Visitors who repeatedly request a page from a web server, and record the responses."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.support.published import LINK


@dataclass(frozen=True)
class Seen:
    """One response: when it was requested and when it arrived (`time.monotonic`), its status, and whether it had the link."""

    asked: float
    answered: float
    status: int
    link: bool


class Visitors:
    """Several visitors at once, each on its own connection. `seen` has all responses so far."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path, self._over = port, path, threading.Event()
        self.seen: list[Seen] = []

    def run(self) -> None:
        """Sends requests until `stop`."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        while not self._over.is_set():
            asked = time.monotonic()
            connection.request("GET", self._path)
            response = connection.getresponse()
            body = response.read()
            self.seen.append(Seen(asked, time.monotonic(), response.status, LINK.encode() in body))
            time.sleep(0.005)
        connection.close()

    def stop(self) -> None:
        """Makes the visitors end."""
        self._over.set()

    def last_with_link(self) -> float:
        """Returns when the last response with the link arrived."""
        return max((one.answered for one in self.seen if one.link), default=0.0)


@contextmanager
def visiting(port: int, path: str = "/en/japan/", number: int = 2) -> Iterator[Visitors]:
    """Runs visitors until the block ends."""
    visitors = Visitors(port, path)
    threads = [threading.Thread(target=visitors.run, daemon=True) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield visitors
    finally:
        visitors.stop()
        for thread in threads:
            thread.join(30)
