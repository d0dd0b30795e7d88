"""Requests every address of a site, uncompressed and with gzip, in four threads, within limits of time, addresses and bytes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread

from site_src.archive.addresses import ArchivedSite, find_circle
from site_src.archive.exchange import Exchange, ask
from site_src.publish.fetch import LATE, NoAnswer

ANSWER_SECONDS = 10.0
CAPTURE_SECONDS = 900.0
MAX_ADDRESSES = 50_000
MAX_BYTES = 1024 * 1024 * 1024
_THREADS = 4
_ENCODINGS = ("identity", "gzip")
_Result = tuple[str, tuple[Exchange, ...] | NoAnswer]


class CaptureFailed(Exception):
    """Raised if the site cannot be recorded completely. The message is for the user."""


def capture(site: ArchivedSite, addresses: list[str]) -> Iterator[tuple[Exchange, ...]]:
    """Requests each address, and each address of the same site that a response contains.

    Yields a tuple for each address: the uncompressed exchange, then the compressed one. Raises CaptureFailed if a response
    is missing or incomplete, if redirects form a loop, or if MAX_ADDRESSES, MAX_BYTES or CAPTURE_SECONDS is exceeded.
    """
    yield from _Capture(site, addresses).run()


class _Capture:
    """The addresses that are known and requested, and the redirects between them."""

    def __init__(self, site: ArchivedSite, addresses: list[str]) -> None:
        self._site, self._waiting = site, SimpleQueue[str | None]()
        self._done: SimpleQueue[_Result] = SimpleQueue()
        self._known, self._redirects, self._size = set[str](), list[tuple[str, str]](), 0
        self._end, self._stopped, self._asked = time.monotonic() + CAPTURE_SECONDS, Event(), 0
        for url in addresses:
            self._add(url)

    def run(self) -> Iterator[tuple[Exchange, ...]]:
        # Daemon threads, because Python waits at exit for any other thread, even if it hangs on a server.
        for _ in range(_THREADS):
            Thread(target=self._work, daemon=True).start()
        try:
            while self._asked < len(self._known):
                exchanges = self._next()
                self._asked += 1
                self._follow(exchanges[0])
                yield exchanges
        finally:
            self._stopped.set()
            for _ in range(_THREADS):
                self._waiting.put(None)
        if circle := find_circle(self._redirects):
            raise CaptureFailed(f"Redirects form a loop: {' → '.join(circle)}.")

    def _add(self, url: str) -> None:
        if url not in self._known:
            self._known.add(url)
            self._waiting.put(url)
        if len(self._known) > MAX_ADDRESSES:
            raise CaptureFailed(f"{self._site.address} has more than {MAX_ADDRESSES} addresses.")

    def _follow(self, answer: Exchange) -> None:
        """Adds the addresses of this site that the response redirects or links to."""
        if answer.url == f"{self._site.address}/robots.txt" and answer.status == 200:
            self._site.learn_base(answer.body)
        location = answer.header("location") if 300 <= answer.status < 400 else ""
        if location and (leads := self._site.resolve(location, answer.url)):
            self._redirects.append((answer.url, leads))
            self._add(leads)
        for link in self._site.links_in(answer.url, answer.header("content-type"), answer.body):
            self._add(link)

    def _next(self) -> tuple[Exchange, ...]:
        seconds = min(len(_ENCODINGS) * ANSWER_SECONDS + 1, self._end - time.monotonic())
        with suppress(Empty):
            url, result = self._done.get(timeout=max(seconds, 0.001))
            if isinstance(result, NoAnswer):
                raise CaptureFailed(f"{url} cannot be fetched ({result}).")
            self._size += sum(len(exchange.body) for exchange in result)
            if self._size > MAX_BYTES:
                raise CaptureFailed(f"{self._site.address} has more than {MAX_BYTES // 1024 // 1024} MB.")
            return result
        raise CaptureFailed(f"{self._site.address} cannot be recorded ({LATE}).")

    def _work(self) -> None:
        while (url := self._waiting.get()) is not None and not self._stopped.is_set():
            try:
                ends = time.monotonic() + len(_ENCODINGS) * ANSWER_SECONDS
                self._done.put((url, tuple(ask(url, encoding, ends) for encoding in _ENCODINGS)))
            except NoAnswer as error:
                self._done.put((url, error))
