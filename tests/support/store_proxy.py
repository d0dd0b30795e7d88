"""A proxy between a project and its store. It delays requests, loses requests or their responses, or uses TLS."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.support.object_store import StoreServer

_CHUNK = 65536
_SWAP = re.compile(rb"PUT [^ ]*/metadata/timestamp\.json[ ?]")


@dataclass
class StoreProxy:
    """The faults of requests: `delay` seconds pass before each one, and each waits until `answers` is set.
    While `is_down`, each connection ends at once.

    Of the requests whose first line matches the regular expression `losing`, the next `lose_answers` lose their answer,
    and the next `lose_requests` never arrive. With `breaks`, the store is down after the first lost one. `swapped` has
    the time (`time.monotonic`) at which each write of the pointer was passed on.
    """

    port: int
    tls: ssl.SSLContext | None = None
    delay: float = 0.0
    losing: bytes = b"^$"
    lose_answers: int = 0
    lose_requests: int = 0
    breaks: bool = False
    is_down: bool = False
    answers: threading.Event = field(default_factory=threading.Event)
    swapped: list[float] = field(default_factory=list)

    def serve(self, connection: socket.socket) -> None:
        """Passes on the bytes of one connection until either side ends it."""
        with suppress(OSError), connection:
            client = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            with client, socket.create_connection(("127.0.0.1", self.port)) as store:
                _Exchange(self, client, store).run()

    def loses(self, request: bytes) -> tuple[bool, bool]:
        """Returns whether this request is lost, and whether its response is lost."""
        if self.is_down or not re.search(self.losing, request):
            return self.is_down, False
        request_is_lost, answer_is_lost = self.lose_requests > 0, self.lose_answers > 0
        self.lose_requests -= request_is_lost
        self.lose_answers -= answer_is_lost
        return request_is_lost, answer_is_lost


class _Exchange:
    """The requests and responses of one connection."""

    def __init__(self, proxy: StoreProxy, client: socket.socket, store: socket.socket) -> None:
        self._proxy, self._client, self._store = proxy, client, store
        self._is_answered, self._is_lost = True, False

    def run(self) -> None:
        answers = threading.Thread(target=self._pass_answers, daemon=True)
        answers.start()
        with suppress(OSError):
            while data := self._client.recv(_CHUNK):
                if self._is_answered and not self._begin(data.partition(b"\r\n")[0]):
                    break
                self._store.sendall(data)
        with suppress(OSError):
            self._store.shutdown(socket.SHUT_WR)
        answers.join()

    def _begin(self, request: bytes) -> bool:
        """Waits for the delay of a request. Returns False if it is lost."""
        self._is_answered = False
        time.sleep(self._proxy.delay)
        self._proxy.answers.wait()
        is_lost, self._is_lost = self._proxy.loses(request)
        if not is_lost and _SWAP.match(request):
            self._proxy.swapped.append(time.monotonic())
        return not is_lost

    def _pass_answers(self) -> None:
        with suppress(OSError):
            while data := self._store.recv(_CHUNK):
                if self._is_lost:
                    self._proxy.is_down = self._proxy.breaks
                    break
                self._is_answered = True
                self._client.sendall(data)
        for end in (self._client, self._store):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(
    server: StoreServer, tls: ssl.SSLContext | None = None
) -> Iterator[tuple[StoreProxy, StoreServer]]:
    """Runs a proxy in front of the store. Yields it, and the store as a project reaches it through the proxy."""
    proxy = StoreProxy(urlsplit(server.endpoint).port or 0, tls)
    proxy.answers.set()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=proxy.serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        scheme = "https" if tls else "http"
        yield proxy, StoreServer(f"{scheme}://localhost:{listener.getsockname()[1]}", server.process)
        listener.shutdown(socket.SHUT_RDWR)
