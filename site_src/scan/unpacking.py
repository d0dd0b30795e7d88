"""Decodes bytes in each Unicode encoding, and unpacks gzip and zlib up to MAX_UNPACKED bytes and MAX_NESTED levels."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

MAX_UNPACKED = 16 * 1024 * 1024
MAX_NESTED = 4
_READABLE = re.compile(rb"[\0\t\n\r\x20-\x7e]{10,}")


class Unsearchable(Exception):
    """Raised for packed data that is too large or nested too deep to read."""


def texts_of(data: bytes, depth: int = 0) -> Iterator[str]:
    """Yields the bytes as text: as UTF-8, as UTF-16 and UTF-32 if they are not plain UTF-8, and unpacked if they are packed.

    Raises Unsearchable.
    """
    text = data.decode("utf-8", errors="replace")
    yield _readable(data, text)
    if "\0" in text or "\ufffd" in text:
        for encoding, width in (("utf-16-le", 2), ("utf-16-be", 2), ("utf-32-le", 4), ("utf-32-be", 4)):
            for shift in range(width):
                yield data[shift:].decode(encoding, errors="replace")
    if _is_packed(data) and (unpacked := _unpacked(data)):
        if depth == MAX_NESTED:
            raise Unsearchable
        yield from texts_of(unpacked, depth + 1)


def texts_inside(data: bytes) -> Iterator[str]:
    """Yields the texts in bytes that were decoded from a run inside a text. Most such bytes are noise."""
    if _is_packed(data) or data.count(0) * 4 > len(data):
        yield from texts_of(data)
    elif text := _readable(data, data.decode("utf-8", errors="replace")):
        yield text


def _readable(data: bytes, text: str) -> str:
    """Returns `text`, which is `data` decoded, or only its readable pieces if most of it is noise."""
    if text.count("\ufffd") * 5 < len(text):
        return text
    return b"\n".join(_READABLE.findall(data)).decode()


def _is_packed(data: bytes) -> bool:
    """Returns True if the bytes begin like gzip, or like zlib with any window."""
    return data.startswith(b"\x1f\x8b") or (
        len(data) > 2 and data[0] & 15 == 8 and int.from_bytes(data[:2]) % 31 == 0
    )


def _unpacked(data: bytes) -> bytes:
    """Unpacks the content, part after part, up to the first error. Raises Unsearchable if it is too large."""
    unpacked = bytearray()
    at = 0
    while _is_packed(data[at : at + 3]):
        stream, step = zlib.decompressobj(wbits=47), 1024
        while at < len(data) and not stream.eof and step:
            before = stream.copy()
            try:
                unpacked += stream.decompress(data[at : at + step], MAX_UNPACKED + 1 - len(unpacked))
                at += step
            except zlib.error:
                # Byte by byte up to the error, because browsers show the content up to there.
                stream, step = before, step // 1024
            if len(unpacked) > MAX_UNPACKED:
                raise Unsearchable
        at = min(at, len(data)) - len(stream.unused_data)
        if not step:
            break
    return bytes(unpacked)
