"""Parts of disguises. Each function returns a writer: a function from bytes to bytes."""

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
    """Returns a writer that formats the number of each byte."""
    return lambda data: "".join(map(form.format, data)).encode()


def units(form: str) -> Writer:
    """Returns a writer that applies `write` to each UTF-16 code unit, as JSON and JavaScript do."""

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
    """Yields the text in pieces of this length."""
    return (plain[at : at + length] for at in range(0, len(plain), length))


def letters(first: int) -> Writer:
    """Returns a writer that uses different lower-case letters, whose range begins at the code point."""
    return text(lambda plain: plain.translate({ord("a") + place: first + place for place in range(26)}))


def replaced(old: str, new: str) -> Writer:
    """Returns a writer that replaces one text by another."""
    return text(lambda plain: plain.replace(old, new))


def surrounded(before: str, after: str) -> Writer:
    """Returns a writer that puts one text before the bytes and another one after them."""
    return lambda data: before.encode() + data + after.encode()


def chained(*writers: Writer) -> Writer:
    """Returns a writer that applies these writers one after the other, the innermost first."""

    def write(data: bytes) -> bytes:
        for writer in writers:
            data = writer(data)
        return data

    return write


def encoded(encoding: str, mark: str = "") -> Writer:
    """Returns a writer for a different encoding, with or without a byte-order mark."""
    return lambda data: (mark + data.decode()).encode(encoding)


def base64_of(before: bytes = b"") -> Writer:
    """Returns a writer that encodes the prefix and the bytes together in base64."""
    return lambda data: base64.b64encode(before + data)


def gzip_parts(data: bytes) -> bytes:
    """Returns a file of two gzip members. Their contents together are the text."""
    half = len(data) // 2
    return gzip.compress(data[:half], mtime=0) + gzip.compress(data[half:], mtime=0)


def soft_breaks(data: bytes) -> bytes:
    """Returns quoted-printable text with a soft break in every line. Only the characters that need it are quoted."""
    plain = [chr(byte) if 32 < byte < 127 and byte != ord("=") else f"={byte:02X}" for byte in data]
    return "=\r\n".join("".join(plain[at : at + 7]) for at in range(0, len(plain), 7)).encode()
