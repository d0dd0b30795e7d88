"""Sends one request for an archive: accepts every status, follows no redirect, and returns all headers."""

from __future__ import annotations

import http.client
import time
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from urllib.request import HTTPErrorProcessor, Request, build_opener

from site_src.publish.fetch import FAILURES, MAX_BODY, explain_no_answer, read_body

USER_AGENT = "quotabord-archive"
# The prefix for headers that described the transfer and are not true for the decompressed body, as other crawlers use it.
_ORIGINAL = "X-Orig-"
_OF_THE_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request for `url` that was sent at `date` (UTC), and its response.

    `body` is decompressed. If the response was compressed or chunked, the headers that describe this have the prefix `X-Orig-`,
    and `Content-Length` is the length of `body`.
    """

    url: str
    date: datetime
    request: Headers
    protocol: str
    status: int
    reason: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """Returns the value of the first header with this name, which must be in lower case; "" if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


class _AnyStatus(HTTPErrorProcessor):
    """Accepts every response unchanged, because a redirect or an error is evidence too."""

    def http_response(self, request: Request, response: http.client.HTTPResponse) -> http.client.HTTPResponse:
        """Returns the response unchanged."""
        del request
        return response

    https_response = http_response


_OPENER = build_opener(_AnyStatus)


def ask(url: str, encoding: str, end: float) -> Exchange:
    """Requests the address with the content encoding `encoding`, and returns the exchange. Raises NoAnswer.

    Stops reading the body at `end` (a time of `time.monotonic`). As with `fetch`, a name lookup or slow headers can take longer.
    """
    place = urlsplit(url)
    sent = (
        ("Host", place.netloc),
        ("Accept-Encoding", encoding),
        ("User-Agent", USER_AGENT),
        ("Connection", "close"),
    )
    request = Request(url, headers=dict(sent[1:3]))  # noqa: S310 -- the command accepts http and https only
    date = datetime.now(UTC)
    try:
        with _OPENER.open(request, timeout=max(end - time.monotonic(), 0.001)) as response:
            body = read_body(response, end)
            if len(body) > MAX_BODY:
                raise ValueError(f"its response is larger than {MAX_BODY // 1024 // 1024} MB")
            if response.length:
                raise EOFError("the response ended early")
            protocol = f"HTTP/{response.version // 10}.{response.version % 10}"
            headers, body = _unpack(tuple(response.headers.items()), body)
            return Exchange(url, date, sent, protocol, response.status, response.reason, headers, body)
    except FAILURES as error:
        raise explain_no_answer(error) from None


def _unpack(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    values = {key.lower(): value.strip().lower() for key, value in headers}
    is_packed = values.get("content-encoding") == "gzip"
    if not is_packed and "transfer-encoding" not in values:
        return headers, body
    if is_packed:
        body = _gunzip(body)
    changed = [
        (f"{_ORIGINAL}{key}" if key.lower() in _OF_THE_TRANSFER else key, value) for key, value in headers
    ]
    return (*changed, ("Content-Length", str(len(body)))), body


def _gunzip(body: bytes) -> bytes:
    packed = zlib.decompressobj(zlib.MAX_WBITS | 16)
    data = packed.decompress(body, MAX_BODY)
    if not packed.eof or packed.unused_data:
        raise ValueError("its compressed response is incomplete or too large")
    return data
