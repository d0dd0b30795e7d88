"""Requests one file from a web server with urllib, within limits of size (MAX_BODY) and time."""

from __future__ import annotations

import gzip
import http.client
import io
import time
import urllib.request
import zlib
from dataclasses import dataclass
from urllib.error import HTTPError, URLError

MAX_BODY = 8 * 1024 * 1024
LATE = "no complete response in time"
_CHUNK = 64 * 1024
# What a request and the reading of its response raise.
FAILURES = (OSError, http.client.HTTPException, ValueError, EOFError, zlib.error)


class NoAnswer(Exception):
    """Raised, with the reason, if a request gets no complete response."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its status, and its decompressed body, cut off after MAX_BODY bytes. With an error status, the body is empty."""

    status: int
    body: bytes


def fetch(url: str, encoding: str, end: float) -> Answer:
    """Requests the address with the header `Accept-Encoding: encoding`, follows redirects, and returns the response. Raises NoAnswer.

    Stops reading the body at `end` (a time of `time.monotonic`). A socket's timeout applies to each read, so a name lookup,
    or a server that sends its headers byte by byte, can take longer. Call this in a thread that nothing waits for.
    """
    headers = {"Accept-Encoding": encoding, "User-Agent": "quotabord-probe"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 -- the command accepts http and https only
    try:
        with urllib.request.urlopen(request, timeout=max(end - time.monotonic(), 0.001)) as response:  # noqa: S310
            body = read_body(response, end)[:MAX_BODY]
            packed = response.headers.get("Content-Encoding", "").lower() == "gzip"
            return Answer(response.status, _unpack(body) if packed else body)
    except HTTPError as error:
        error.close()
        return Answer(error.code, b"")
    except FAILURES as error:
        raise explain_no_answer(error) from None


def explain_no_answer(error: Exception) -> NoAnswer:
    """Converts one of FAILURES to a NoAnswer with the reason."""
    reason = error.reason if isinstance(error, URLError) else error
    return NoAnswer(LATE if isinstance(reason, TimeoutError) else str(reason))


def read_body(response: http.client.HTTPResponse, end: float) -> bytes:
    """Reads the body until `end` (a time of `time.monotonic`), and stops soon after MAX_BODY bytes. Raises FAILURES."""
    body = bytearray()
    while len(body) <= MAX_BODY and (chunk := response.read1(_CHUNK)):
        body += chunk
        if time.monotonic() >= end:
            raise TimeoutError
    return bytes(body)


def _unpack(body: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
        return packed.read(MAX_BODY)
