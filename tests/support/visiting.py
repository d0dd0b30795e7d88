"""Visitors who ask a web server for a page again and again, and remember when they saw what."""

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
    """One answer: when it was asked for and when it was there (of `time.monotonic`), its status, and whether it had the link."""

    asked: float
    answered: float
    status: int
    link: bool


class Visitors:
    """Several at once, each on a connection of its own; `seen` has all answers so far."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path, self._over = port, path, threading.Event()
        self.seen: list[Seen] = []

    def run(self) -> None:
        """Asks until `stop`."""
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
        """Lets them end."""
        self._over.set()

    def last_with_link(self) -> float:
        """When the last answer with the link was there."""
        return max((one.answered for one in self.seen if one.link), default=0.0)


@contextmanager
def visiting(port: int, path: str = "/en/japan/", number: int = 2) -> Iterator[Visitors]:
    """Visitors at work until the block ends."""
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
