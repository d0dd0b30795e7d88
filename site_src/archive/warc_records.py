"""Reads WARC files with warcio, and checks the digest of each record."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed


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
        date = record.refers_to[1] if record.refers_to else record.date
        known.setdefault((record.url, record.digest), date)
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
