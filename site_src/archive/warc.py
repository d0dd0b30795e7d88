"""Writes and reads WARC files (ISO 28500, WARC/1.1) with warcio: uncompressed, with a digest of each block and payload.

Digests are SHA-256 in Base32, so that a response can be compared with the manifest of its release.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from site_src.archive.exchange import Exchange
from site_src.frozen import dataclass

_VERSION = "WARC/1.1"
# After this time, an unchanged response is written in full again, so that a lost file costs at most a month of evidence.
_REFERS_FOR = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """A response or revisit record: its file, its offset in the file (bytes), and its fields.

    `digest` is the SHA-256 of the payload in hexadecimal digits. In a revisit, `payload` is None, and `refers_to` is the
    address and date of the response that contains the payload.
    """

    file: Path
    offset: int
    id: str
    url: str
    date: datetime
    status: int
    is_packed: bool
    digest: str
    payload: bytes | None
    refers_to: tuple[str, datetime] | None


class WarcBroken(Exception):
    """Raised if a WARC file cannot be read, or if a record does not match its digest. The message is for the user."""


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
        payload, date = _label(exchange.body), exchange.date
        status = StatusAndHeaders(
            f"{exchange.status} {exchange.reason}", list(exchange.headers), exchange.protocol
        )
        first = self._earlier.get((exchange.url, payload)) if exchange.status == 200 else None
        is_revisit = first is not None and date - first <= _REFERS_FOR
        if first and is_revisit:
            response = self._record(exchange, "revisit", status, b"", payload)
            response.rec_headers.add_header("WARC-Profile", self._writer.REVISIT_PROFILE_1_1)
            response.rec_headers.add_header("WARC-Refers-To-Target-URI", exchange.url)
            response.rec_headers.add_header("WARC-Refers-To-Date", _date_text(first))
        else:
            response = self._record(exchange, "response", status, exchange.body, payload)
            self._earlier[exchange.url, payload] = date
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


def read_records(file: Path) -> Iterator[WarcRecord]:
    """Yields the responses and revisits in a WARC file, after checking their digests. Raises WarcBroken."""
    try:
        with file.open("rb") as stream:
            records = ArchiveIterator(stream, check_digests="raise")
            for record in records:
                payload = record.content_stream().read()
                if record.rec_type in ("response", "revisit"):
                    yield _read(file, records.get_record_offset(), record, payload)
    except (ArchiveLoadFailed, OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise WarcBroken(f"{file}: cannot be read as a WARC file ({error}).") from None


def read_known(file: Path) -> dict[tuple[str, str], datetime]:
    """Maps each (address, payload digest) in the file to the date of the response with that payload. Raises WarcBroken."""
    known: dict[tuple[str, str], datetime] = {}
    for record in read_records(file):
        label = _label_of(bytes.fromhex(record.digest))
        known.setdefault((record.url, label), record.refers_to[1] if record.refers_to else record.date)
    return known


def find_payload(record: WarcRecord, files: Iterable[Path]) -> bytes:
    """Returns the payload of the record. For a revisit, searches `files` for the response with the payload. Raises WarcBroken."""
    if record.payload is not None:
        return record.payload
    for file in files:
        for other in read_records(file):
            if other.payload is not None and (other.url, other.date) == record.refers_to:
                if other.digest != record.digest:
                    break
                return other.payload
    raise WarcBroken(
        f"{record.file}: record {record.id} refers to a response that is missing in this folder."
    )


def _read(file: Path, offset: int, record: Any, payload: bytes) -> WarcRecord:
    field, status = record.rec_headers.get_header, record.http_headers
    is_revisit, parse = record.rec_type == "revisit", datetime.fromisoformat
    return WarcRecord(
        file,
        offset,
        id=field("WARC-Record-ID"),
        url=field("WARC-Target-URI"),
        date=parse(field("WARC-Date")),
        status=int(status.get_statuscode()),
        is_packed=status.get_header("X-Orig-Content-Encoding") is not None,
        digest=base64.b32decode(field("WARC-Payload-Digest").partition(":")[2]).hex(),
        payload=None if is_revisit else payload,
        refers_to=(field("WARC-Refers-To-Target-URI"), parse(field("WARC-Refers-To-Date")))
        if is_revisit
        else None,
    )


def _label(data: bytes) -> str:
    return _label_of(hashlib.sha256(data).digest())


def _label_of(digest: bytes) -> str:
    return f"sha256:{base64.b32encode(digest).decode()}"


def _date_text(date: datetime) -> str:
    return f"{date.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
