"""Writes WARC files (ISO 28500, WARC/1.1) with warcio: uncompressed, with a digest of each block and payload.

Digests are SHA-256 in Base32, so that a response can be compared with the manifest of its release.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from site_src.archive.exchange import Exchange
from site_src.publish.manifest import digest

_VERSION = "WARC/1.1"
# After this time, an unchanged response is written in full again, so that a lost file costs at most a month of evidence.
_REFERS_FOR = timedelta(days=31)


class Recorder:
    """Writes exchanges to `out`, after a warcinfo record with the fields `info`.

    `earlier` maps the address and payload digest of earlier responses to their dates. A response with status 200 that has the
    payload of an earlier one is written as a revisit.
    """

    def __init__(
        self, out: BinaryIO, name: str, info: Mapping[str, str], earlier: Mapping[tuple[str, str], datetime]
    ) -> None:
        self._writer = WARCWriter(out, gzip=False, warc_version=_VERSION)
        self._earlier = dict(earlier)
        record = self._writer.create_warcinfo_record(name, info)
        record.rec_headers.add_header("WARC-Block-Digest", _label(record.raw_stream.getvalue()))
        self._info_id = record.rec_headers.get_header("WARC-Record-ID")
        self._writer.write_record(record)

    def add(self, exchange: Exchange) -> bool:
        """Writes the response or a revisit, and the request. Returns True if it wrote a revisit."""
        payload, date, known = _label(exchange.body), exchange.date, (exchange.url, digest(exchange.body))
        status = StatusAndHeaders(
            f"{exchange.status} {exchange.reason}", list(exchange.headers), exchange.protocol
        )
        first = self._earlier.get(known) if exchange.status == 200 else None
        is_revisit = first is not None and date - first <= _REFERS_FOR
        if first and is_revisit:
            response = self._record(exchange, "revisit", status, b"", payload)
            response.rec_headers.add_header("WARC-Profile", self._writer.REVISIT_PROFILE_1_1)
            response.rec_headers.add_header("WARC-Refers-To-Target-URI", exchange.url)
            response.rec_headers.add_header("WARC-Refers-To-Date", _date_text(first))
        else:
            response = self._record(exchange, "response", status, exchange.body, payload)
            self._earlier[known] = date
        place = urlsplit(exchange.url)
        line = f"GET {place.path or '/'}{f'?{place.query}' if place.query else ''} HTTP/1.1"
        asked = StatusAndHeaders(line, list(exchange.request), is_http_request=True)
        request = self._record(exchange, "request", asked, b"", _label(b""))
        response_id = response.rec_headers.get_header("WARC-Record-ID")
        request.rec_headers.add_header("WARC-Concurrent-To", response_id)
        self._writer.write_record(response)
        self._writer.write_record(request)
        return is_revisit

    def _record(self, exchange: Exchange, kind: str, headers: Any, body: bytes, payload: str) -> Any:
        headers.compute_headers_buffer(None)
        named = {
            "WARC-Date": _date_text(exchange.date),
            "WARC-Warcinfo-ID": self._info_id,
            "WARC-Block-Digest": _label(headers.headers_buff + body),
            "WARC-Payload-Digest": payload,
        }
        return self._writer.create_warc_record(
            exchange.url,
            kind,
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=headers,
            warc_headers_dict=named,
        )


def _label(data: bytes) -> str:
    return f"sha256:{base64.b32encode(hashlib.sha256(data).digest()).decode()}"


def _date_text(date: datetime) -> str:
    return f"{date.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
