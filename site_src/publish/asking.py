"""One question to a web server: its whole answer, or an error at the latest when a moment has come.

The time limits of sockets are for each read: a server that sends a byte now and then would be waited for without end.
"""

from __future__ import annotations

import gzip
import http.client
import io
import socket
import time
import urllib.request
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError

MAX_ANSWER = 8 * 1024 * 1024
_SHORTEST = 0.001


class NoAnswer(Exception):
    """Raised, with the reason, where no whole answer can be had."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and the unpacked body, at most the largest that is read; no body with an error's status."""

    status: int
    body: bytes


def ask(address: str, encoding: str, end: float) -> Answer:
    """What a client that accepts this encoding is answered, redirects followed, until `end` (of `time.monotonic`).

    Raises NoAnswer. Only finding the host may take longer: its name, and which of several addresses answers.
    """
    request = urllib.request.Request(  # noqa: S310 -- the command accepts http and https only
        address, headers={"Accept-Encoding": encoding, "User-Agent": "quotabord-probe"}
    )
    opener = urllib.request.build_opener(_Plain(end), _Secure(end))
    try:
        with opener.open(request, timeout=_left(end)) as answer:
            body = answer.read(MAX_ANSWER)
            packed = answer.headers.get("Content-Encoding", "").lower() == "gzip"
            return Answer(answer.status, _unpacked(body) if packed else body)
    except HTTPError as error:
        error.close()
        return Answer(error.code, b"")
    except (OSError, http.client.HTTPException, ValueError, EOFError, zlib.error) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise NoAnswer(
            "no whole answer in time" if isinstance(reason, TimeoutError) else str(reason)
        ) from None


def _unpacked(body: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
        return packed.read(MAX_ANSWER)


def _left(end: float) -> float:
    """The seconds until then; raises TimeoutError when there are none."""
    left = end - time.monotonic()
    if left < _SHORTEST:
        raise TimeoutError
    return left


class _Reads(io.RawIOBase):
    """What comes through a socket; each read waits no longer than until the end."""

    def __init__(self, connected: socket.socket, end: float) -> None:
        self._socket, self._end = connected, end
        self._raw = connected.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._socket.settimeout(_left(self._end))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer that is read until the end, and no longer."""

    def __init__(self, end: float, connected: socket.socket, *more: Any, **options: Any) -> None:
        super().__init__(connected, *more, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_Reads(connected, end))


def _hurried(kind: type[http.client.HTTPConnection], end: float) -> Callable[..., http.client.HTTPConnection]:
    def connection(*arguments: Any, **options: Any) -> http.client.HTTPConnection:
        made = kind(*arguments, **{**options, "timeout": _left(end)})
        made.response_class = lambda connected, *more, **others: _Response(end, connected, *more, **others)  # type: ignore[assignment]
        return made

    return connection


class _Plain(urllib.request.HTTPHandler):
    def __init__(self, end: float) -> None:
        super().__init__()
        self._end = end

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_hurried(http.client.HTTPConnection, self._end), req)


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self, end: float) -> None:
        super().__init__()
        self._end = end

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_hurried(http.client.HTTPSConnection, self._end), req)
