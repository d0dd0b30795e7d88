"""What disguises are made of: functions that make a way of writing, from bytes to bytes."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterator

Writer = Callable[[bytes], bytes]


def text(write: Callable[[str], str]) -> Writer:
    """Writes a whole text in another way."""
    return lambda data: write(data.decode()).encode()


def each(write: Callable[[str], str]) -> Writer:
    """Writes each character in another way."""
    return text(lambda plain: "".join(map(write, plain)))


def each_byte(form: str) -> Writer:
    """Writes each byte in another way, with the format for its number."""
    return lambda data: "".join(map(form.format, data)).encode()


def units(form: str) -> Writer:
    """Writes each unit of UTF-16 in another way, as JSON and JavaScript do."""

    def write(plain: str) -> str:
        wide = plain.encode("utf-16-be")
        return "".join(form.format(int.from_bytes(wide[at : at + 2])) for at in range(0, len(wide), 2))

    return text(write)


def address(form: str) -> Writer:
    """Builds an address again from its scheme, host and path."""

    def write(plain: str) -> str:
        scheme, _, rest = plain.partition("://")
        host, _, path = rest.partition("/")
        return form.format(scheme=scheme, host=host, path=path)

    return text(write)


def between(mark: str, every: int = 1) -> Writer:
    """Puts the mark between the characters."""
    return text(lambda plain: mark.join(pieces(plain, every)))


def pieces(plain: str, length: int) -> Iterator[str]:
    """The text in pieces of that length."""
    return (plain[at : at + length] for at in range(0, len(plain), length))


def letters(first: int) -> Writer:
    """Puts in small letters of another kind, a row of which begins at the code point."""
    return text(lambda plain: plain.translate({ord("a") + place: first + place for place in range(26)}))


def replaced(old: str, new: str) -> Writer:
    """Puts one text in the place of another."""
    return text(lambda plain: plain.replace(old, new))


def surrounded(before: str, after: str) -> Writer:
    """Puts a text before it and another one behind it."""
    return lambda data: before.encode() + data + after.encode()


def chained(*writers: Writer) -> Writer:
    """One way of writing over another, the innermost first."""

    def write(data: bytes) -> bytes:
        for writer in writers:
            data = writer(data)
        return data

    return write


def encoded(encoding: str, mark: str = "") -> Writer:
    """The text in another encoding, perhaps with a byte-order mark."""
    return lambda data: (mark + data.decode()).encode(encoding)


def base64_of(before: bytes = b"") -> Writer:
    """Base64 of the bytes behind those that are given."""
    return lambda data: base64.b64encode(before + data)


def gzip_parts(data: bytes) -> bytes:
    """Two gzip files in one: their contents belong together."""
    half = len(data) // 2
    return gzip.compress(data[:half], mtime=0) + gzip.compress(data[half:], mtime=0)


def soft_breaks(data: bytes) -> bytes:
    """Quoted-printable with a soft break in every line, and only what must be quoted quoted."""
    plain = [chr(byte) if 32 < byte < 127 and byte != ord("=") else f"={byte:02X}" for byte in data]
    return "=\r\n".join("".join(plain[at : at + 7]) for at in range(0, len(plain), 7)).encode()
