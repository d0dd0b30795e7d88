"""Ways to write an address so that a plain search misses it, while a browser, a program or a person still reads it.

Each disguise takes bytes and gives bytes, so that one can be put over another. `KINDS` tell which go together.
"""

from __future__ import annotations

import base64
import gzip
import html.entities
import json
import string
import textwrap
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

_NAMED = {chr(code): name for name, code in html.entities.name2codepoint.items()} | {
    **{":": "colon", "/": "sol", ".": "period", "?": "quest", "=": "equals", "\n": "NewLine"}
}


class Kind(Enum):
    """What a disguise works on; this decides over what it can be put."""

    SPELLING = "another address for the same place"
    LETTERS = "other characters that stand for the same letters"
    LAYOUT = "something put between the characters, which readers pass over"
    CODE = "an encoding of a text's characters"
    BYTES = "an encoding of any bytes as text"
    PACKING = "another form of a whole file"
    SURROUNDINGS = "a place in which the text stands as it is"


@dataclass(frozen=True, slots=True)
class Disguise:
    """A named way to hide a text; `apply` hides it."""

    name: str
    kind: Kind
    apply: Callable[[bytes], bytes]


def _each(write: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """Writes each character in another way."""
    return lambda data: "".join(map(write, data.decode())).encode()


def _text(write: Callable[[str], str]) -> Callable[[bytes], bytes]:
    return lambda data: write(data.decode()).encode()


def _address(write: Callable[[str, str, str], str]) -> Callable[[bytes], bytes]:
    """Writes the address anew from its scheme, host and path."""

    def apply(data: bytes) -> bytes:
        scheme, _, rest = data.decode().partition("://")
        host, _, path = rest.partition("/")
        return write(scheme, host, path).encode()

    return apply


def _between(mark: str, every: int = 1) -> Callable[[bytes], bytes]:
    """Puts the mark between characters."""
    return _text(lambda text: mark.join(text[at : at + every] for at in range(0, len(text), every)))


def _letters(first: int, others: dict[str, str] | None = None) -> Callable[[bytes], bytes]:
    """Small letters from a row of the alphabet that begins at `first`."""
    table = {ord("a") + number: chr(first + number) for number in range(26)}
    return _text(lambda text: text.translate(table | {ord(a): b for a, b in (others or {}).items()}))


def _percent(data: bytes) -> bytes:
    return b"".join(b"%%%02X" % byte for byte in data)


def _again(data: bytes) -> bytes:
    return data.replace(b"%", b"%25")


def _u16(text: str, form: str) -> str:
    units = text.encode("utf-16-be")
    return "".join(form.format(units[at] * 256 + units[at + 1]) for at in range(0, len(units), 2))


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data)


def _two_members(data: bytes) -> bytes:
    half = len(data) // 2
    return gzip.compress(data[:half], mtime=0) + gzip.compress(data[half:], mtime=0)


def _quoted(data: bytes) -> bytes:
    return b"".join(b"=%02X" % byte for byte in data)


def _soft_breaks(data: bytes) -> bytes:
    pieces = (data[at : at + 7] for at in range(0, len(data), 7))
    return b"=\r\n".join(
        b"".join(b"%c" % byte if 32 < byte < 127 and byte != ord("=") else b"=%02X" % byte for byte in piece)
        for piece in pieces
    )


def _surrounded(before: str, after: str) -> Callable[[bytes], bytes]:
    return lambda data: before.encode() + data + after.encode()


_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}

_ALL: dict[Kind, dict[str, Callable[[bytes], bytes]]] = {
    Kind.SPELLING: {
        "trailing-dot": _address("{0}://{1}./{2}".format),
        "port": _address("{0}://{1}:443/{2}".format),
        "port-with-zeros": _address("{0}://{1}:0000000443/{2}".format),
        "user-name": _address("{0}://someone:secret@{1}/{2}".format),
        "no-scheme": _address("//{1}/{2}".format),
        "plain-http": _address("http://{1}/{2}".format),
        "doubled-slashes": _address(lambda scheme, host, path: f"{scheme}://{host}//{path.replace('/', '///')}"),
        "single-dots": _address("{0}://{1}/./././{2}".format),
        "double-dots": _address("{0}://{1}/one/two/../../{2}".format),
        "dots-above-the-root": _address("{0}://{1}/../../{2}".format),
        "encoded-dots": _address("{0}://{1}/one/%2e%2E/.%2e/{2}".format),
        "backslashes": _text(lambda text: text.replace("/", "\\")),
        "slash-and-backslash": _text(lambda text: text.replace("//", "/\\")),
        "query-behind": _text(lambda text: f"{text}?utm=1#form"),
        "slash-behind": _text(lambda text: f"{text}/"),
    },
    Kind.LETTERS: {
        "upper-case": _text(str.upper),
        "full-width": _text(lambda text: text.translate(_FULL_WIDTH)),
        "mathematical-bold": _letters(0x1D41A),
        "mathematical-sans": _letters(0x1D5BA),
        "double-struck": _letters(0x1D552),
        "in-circles": _letters(0x24D0),
        "ideographic-full-stop": _text(lambda text: text.replace(".", "\u3002")),
        "half-width-full-stop": _text(lambda text: text.replace(".", "\uff61")),
        "one-dot-leader": _text(lambda text: text.replace(".", "\u2024")),
        "zero-width-space": _between("\u200b"),
        "zero-width-joiner": _between("\u200d", 3),
        "soft-hyphen": _between("\u00ad", 2),
        "word-joiner": _between("\u2060", 4),
        "byte-order-mark": _between("\ufeff", 5),
        "variation-selector": _between("\ufe0f"),
        "tag-characters": _between("\U000e0061", 2),
        "nul": _between("\0", 3),
    },
    Kind.LAYOUT: {
        "tabs": _between("\t", 4),
        "newlines": _between("\n", 5),
        "windows-newlines": _between("\r\n", 5),
        "percent-cut-by-newlines": lambda data: b"\n".join(b"%%%X\t%X" % divmod(byte, 16) for byte in data),
        "blanks": _between(" "),
        "no-break-spaces": _between("\u00a0", 3),
        "tags": _between("<b></b>"),
        "tags-with-brackets": _between('<i title="a>b"></i>', 6),
        "tags-in-tags": _between("<<b>i>", 6),
        "comments": _between("<!-- -->", 3),
        "comments-with-brackets": _between("<!-- <b> > -->", 5),
        "empty-comments": _between("<!-->", 5),
        "cdata-sections": _between("]]><![CDATA[", 7),
        "concatenation": _between('" + "', 4),
        "concatenation-of-mixed-quotes": _between("'+\n\"", 9),
    },
    Kind.CODE: {
        "percent-u": _text(lambda text: _u16(text, "%u{:04X}")),
        "decimal-entities": _each(lambda sign: f"&#{ord(sign)};"),
        "decimal-entities-bare": _each(lambda sign: f"&#{ord(sign)}" if not sign.isdigit() else f"&#{ord(sign)};"),
        "decimal-entities-with-zeros": _each(lambda sign: f"&#{ord(sign):010};"),
        "decimal-entities-with-very-many-zeros": _text(
            lambda text: f"&#{ord(text[0]):05000};" + "".join(f"&#{ord(sign)};" for sign in text[1:])
        ),
        "hexadecimal-entities": _each(lambda sign: f"&#x{ord(sign):x};"),
        "hexadecimal-entities-in-capitals": _each(lambda sign: f"&#X{ord(sign):X};"),
        "named-entities": _each(lambda sign: f"&{_NAMED[sign]};" if sign in _NAMED else sign),
        "entities-of-entities": _each(lambda sign: f"&amp;#{ord(sign)};"),
        "entities-three-times": _each(lambda sign: f"&#38;amp;amp;#x{ord(sign):x};"),
        "json-slashes": _text(lambda text: text.replace("/", "\\/")),
        "json-u": _text(lambda text: _u16(text, "\\u{:04x}")),
        "json-in-json-in-json": _text(lambda text: json.dumps(json.dumps(_u16(text, "\\u{:04x}")))),
        "javascript-u-braces": _each(lambda sign: f"\\u{{{ord(sign):x}}}"),
        "javascript-continued-lines": _between("\\\n", 8),
        "javascript-x": _each(lambda sign: f"\\x{ord(sign):02x}" if sign.isascii() else sign),
        "octal": _each(lambda sign: f"\\{ord(sign):03o}" if sign.isascii() else sign),
        "python-long-u": _each(lambda sign: f"\\U{ord(sign):08x}"),
        "css-with-blanks": _each(lambda sign: f"\\{ord(sign):x} "),
        "css-six-digits": _each(lambda sign: f"\\{ord(sign):06x}"),
        "backslash-before-each-sign": _each(lambda sign: f"\\{sign}" if sign in string.punctuation else sign),
        "folded-lines": _between("\r\n ", 11),
        "folded-lines-with-tabs": _between("\n\t", 11),
    },
    Kind.BYTES: {
        "percent": _percent,
        "percent-in-small-letters": lambda data: _percent(data).lower(),
        "percent-twice": lambda data: _again(_percent(data)),
        "percent-three-times": lambda data: _again(_again(_percent(data))),
        "percent-nine-times": lambda data: _percent(data).replace(b"%", b"%" + b"25" * 8),
        "base64": _base64,
        "base64-one-byte-further": lambda data: _base64(b"?" + data),
        "base64-two-bytes-further": lambda data: _base64(b"??" + data),
        "base64-url-safe": lambda data: base64.urlsafe_b64encode(b"\xff\xfb?>" + data),
        "base64-unpadded": lambda data: _base64(data).rstrip(b"="),
        "base64-in-lines": lambda data: b"\r\n".join(textwrap.wrap(_base64(data).decode(), 16)[i].encode() for i in range(len(textwrap.wrap(_base64(data).decode(), 16)))),
        "base64-twice": lambda data: _base64(_base64(data)),
        "base64-behind-a-word": lambda data: b"Word" + b"a" + _base64(data),
        "data-address": lambda data: b"data:text/html;base64," + _base64(data),
        "data-address-with-blanks": lambda data: b"data:text/html;base64," + b" ".join([_base64(data)[at : at + 6] for at in range(0, len(_base64(data)), 6)]),
        "hexadecimal": lambda data: data.hex().encode(),
        "hexadecimal-in-capitals": lambda data: data.hex().upper().encode(),
        "hexadecimal-half-a-byte-further": lambda data: b"f" + data.hex().encode(),
        "quoted-printable": _quoted,
        "quoted-printable-with-soft-breaks": _soft_breaks,
    },
    Kind.PACKING: {
        **{
            f"{encoding}{with_mark}": (
                lambda data, encoding=encoding, mark=mark: (mark + data.decode()).encode(encoding)
            )
            for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
            for with_mark, mark in (("", ""), ("-with-mark", "\ufeff"))
        },
        "gzip": lambda data: gzip.compress(data, mtime=0),
        "gzip-in-two-parts": _two_members,
        "gzip-with-a-wrong-checksum": lambda data: gzip.compress(data, mtime=0)[:-8] + b"\0" * 8,
        "gzip-cut-short": lambda data: gzip.compress(data, mtime=0)[:-5],
        "zlib": zlib.compress,
        "zlib-hardly-packed": lambda data: zlib.compress(data, 0),
    },
    Kind.SURROUNDINGS: {
        "link": _surrounded('<a href="', '">Ask</a>'),
        "link-without-quotes": _surrounded("<a href=", ">Ask</a>"),
        "alternative-text": _surrounded('<abbr title="See ', ' for more">', ),
        "comment": _surrounded("<!-- ", " -->"),
        "srcset": _surrounded('<img srcset="/a.png 1x, ', ' 2x">'),
        "meta-refresh": _surrounded('<meta http-equiv="refresh" content="0;url=', '">'),
        "open-graph": _surrounded('<meta property="og:url" content="', '">'),
        "json-ld": _surrounded('<script type="application/ld+json">{"@id":"', '"}</script>'),
        "css-url": _surrounded("a{background:url(", ")}"),
        "calendar": _surrounded("BEGIN:VEVENT\r\nURL:", "\r\nEND:VEVENT"),
        "cdata": _surrounded("<x><![CDATA[", "]]></x>"),
        "redirect": _surrounded("/go ", " 302\n"),
        "script": _surrounded("location='", "'"),
    },
}

DISGUISES = {
    name: Disguise(name, kind, apply) for kind, named in _ALL.items() for name, apply in named.items()
}
