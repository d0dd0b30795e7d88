"""The parts of disguises: functions that return a way of writing, from bytes to bytes."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Iterator

Writer = Callable[[bytes], bytes]


def text(write: Callable[[str], str]) -> Writer:
    """Returns a writer that applies `write` to the text as a whole."""
    return lambda data: write(data.decode()).encode()


def each(write: Callable[[str], str]) -> Writer:
    """Returns a writer that applies `write` to each character."""
    return text(lambda plain: "".join(map(write, plain)))


def each_byte(form: str) -> Writer:
    """Returns a writer that writes each byte with the format for its number."""
    return lambda data: "".join(map(form.format, data)).encode()


def units(form: str) -> Writer:
    """Returns a writer that applies `write` to each unit of UTF-16, as JSON and JavaScript do."""

    def write(plain: str) -> str:
        wide = plain.encode("utf-16-be")
        return "".join(form.format(int.from_bytes(wide[at : at + 2])) for at in range(0, len(wide), 2))

    return text(write)


def address(form: str) -> Writer:
    """Returns a writer that builds an address from its scheme, host and path."""

    def write(plain: str) -> str:
        scheme, _, rest = plain.partition("://")
        host, _, path = rest.partition("/")
        return form.format(scheme=scheme, host=host, path=path)

    return text(write)


def between(mark: str, every: int = 1) -> Writer:
    """Returns a writer that puts the mark between the characters."""
    return text(lambda plain: mark.join(pieces(plain, every)))


def pieces(plain: str, length: int) -> Iterator[str]:
    """Yields the text in pieces of that length."""
    return (plain[at : at + length] for at in range(0, len(plain), length))


def letters(first: int) -> Writer:
    """Returns a writer that uses lower-case letters of another kind, whose range begins at the code point."""
    return text(lambda plain: plain.translate({ord("a") + place: first + place for place in range(26)}))


def replaced(old: str, new: str) -> Writer:
    """Returns a writer that replaces one text by another."""
    return text(lambda plain: plain.replace(old, new))


def surrounded(before: str, after: str) -> Writer:
    """Returns a writer that puts one text before the bytes and another one after them."""
    return lambda data: before.encode() + data + after.encode()


def chained(*writers: Writer) -> Writer:
    """Returns a writer that applies the writers one after the other, the innermost first."""

    def write(data: bytes) -> bytes:
        for writer in writers:
            data = writer(data)
        return data

    return write


def encoded(encoding: str, mark: str = "") -> Writer:
    """Returns a writer for another encoding, perhaps with a byte-order mark."""
    return lambda data: (mark + data.decode()).encode(encoding)


def base64_of(before: bytes = b"") -> Writer:
    """Returns a writer of base64 of the bytes, after the given prefix."""
    return lambda data: base64.b64encode(before + data)


def gzip_parts(data: bytes) -> bytes:
    """Returns two gzip files in one, whose contents belong together."""
    half = len(data) // 2
    return gzip.compress(data[:half], mtime=0) + gzip.compress(data[half:], mtime=0)


def soft_breaks(data: bytes) -> bytes:
    """Returns quoted-printable with a soft break in every line, in which only the required characters are quoted."""
    plain = [chr(byte) if 32 < byte < 127 and byte != ord("=") else f"={byte:02X}" for byte in data]
    return "=\r\n".join("".join(plain[at : at + 7]) for at in range(0, len(plain), 7)).encode()
