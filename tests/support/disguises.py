"""Ways to write an address so that a plain search misses it, but a browser, a program or a person can read it.

Each disguise maps bytes to bytes, so a disguise can be applied to the result of another one.
"""

from __future__ import annotations

import base64
import gzip
import html.entities
import json
import string
import zlib
from dataclasses import dataclass
from enum import Enum

from tests.support.writers import (
    Writer,
    address,
    base64_of,
    between,
    chained,
    each,
    each_byte,
    encoded,
    gzip_parts,
    letters,
    replaced,
    soft_breaks,
    surrounded,
    text,
    units,
)


class Kind(Enum):
    """The type of text on which a disguise works. It decides which other disguises can be applied first."""

    SPELLING = "another address for the same place"
    LETTERS = "other characters that stand for the same letters"
    LAYOUT = "something between the characters which readers pass over"
    CODE = "an encoding of a text's characters"
    BYTES = "an encoding of any bytes as text"
    PACKING = "another form of a whole file"
    SURROUNDINGS = "a place in which the text stands as it is"


@dataclass(frozen=True, slots=True)
class Disguise:
    """A way to hide a text, with its name. `write` hides the text."""

    name: str
    kind: Kind
    write: Writer


_NAMED = {chr(code): name for name, code in html.entities.name2codepoint.items()}
_NAMED |= {":": "colon", "/": "sol", ".": "period", "?": "quest", "=": "equals", "\n": "NewLine"}
_PERCENT = each_byte("%{:02X}")
_CYRILLIC = str.maketrans(
    "aceikmhopstxy", "\u0430\u0441\u0435\u0456\u043a\u043c\u043d\u043e\u0440\u0455\u0442\u0445\u0443"
)
_GREEK = str.maketrans(
    "aeiknoprtuxz", "\u03b1\u03b5\u03b9\u03ba\u03b7\u03bf\u03c1\u0433\u03c4\u03c5\u03c7\u03b6"
)
_LISU = str.maketrans("aejnopqrst./", "\ua4ee\ua4f0\ua4d9\ua4e0\ua4f3\ua4d1Q\ua4e3\ua4e2\ua4d4\ua4f8\u2044")
_JSON = units("\\u{:04x}")

_TABLE: dict[Kind, dict[str, Writer]] = {
    Kind.SPELLING: {
        "trailing-dot": address("{scheme}://{host}./{path}"),
        "port": address("{scheme}://{host}:443/{path}"),
        "port-with-zeros": address("{scheme}://{host}:0000000443/{path}"),
        "user-name": address("{scheme}://someone:secret@{host}/{path}"),
        "no-scheme": address("//{host}/{path}"),
        "plain-http": address("http://{host}/{path}"),
        "doubled-slashes": chained(replaced("/", "//"), replaced(":////", "://")),
        "single-dots": address("{scheme}://{host}/./././{path}"),
        "double-dots": address("{scheme}://{host}/one/two/../../{path}"),
        "dots-above-the-root": address("{scheme}://{host}/../../{path}"),
        "encoded-dots": address("{scheme}://{host}/one/%2e%2E/.%2e/{path}"),
        "backslashes": replaced("/", "\\"),
        "slash-and-backslash": replaced("//", "/\\"),
        "query-behind": surrounded("", "?utm=1#form"),
        "slash-behind": surrounded("", "/"),
    },
    Kind.LETTERS: {
        "upper-case": text(str.upper),
        "full-width": each(lambda sign: chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign),
        "mathematical-bold": letters(0x1D41A),
        "mathematical-sans": letters(0x1D5BA),
        "double-struck": letters(0x1D552),
        "in-circles": letters(0x24D0),
        "ideographic-full-stop": replaced(".", "\u3002"),
        "half-width-full-stop": replaced(".", "\uff61"),
        "one-dot-leader": replaced(".", "\u2024"),
        "cyrillic": text(lambda plain: plain.translate(_CYRILLIC)),
        "greek-and-one-cyrillic": text(lambda plain: plain.translate(_GREEK)),
        "lisu": text(lambda plain: plain.translate(_LISU)),
        "lisu-full-stop": replaced(".", "\ua4f8"),
        "arabic-full-stop": replaced(".", "\u06f0"),
        "division-slashes": replaced("/", "\u2215"),
        "letters-of-a-ratio": replaced(":", "\u2236"),
        "script": letters(0x1D4EA),
        "monospace": letters(0x1D68A),
        "in-parentheses": letters(0x249C),
        "in-black-circles": letters(0x1F150),
        "in-black-squares": letters(0x1F170),
        "regional-indicators": letters(0x1F1E6),
        "small-capitals": each(lambda sign: {"a": "\u1d00", "e": "\u1d07", "t": "\u1d1b"}.get(sign, sign)),
        "accents": each(lambda sign: {"a": "\u00e1", "e": "\u0119", "n": "\u00f1", "t": "\u0167"}.get(sign, sign)),
        "dotless": replaced("n", "\u0578"),
        "strokes": between("\u0336"),
        "slashes-over": between("\u0338", 2),
        "lines-below": between("\u0332"),
        "circles-round": between("\u20dd", 3),
        "object-replacements": between("\ufffc", 2),
        "blanks-of-braille": between("\u2800", 3),
        "hangul-fillers": between("\u3164", 4),
        "annotations": between("\ufff9", 2),
        "private-use": between("\ue000", 3),
        "unassigned": between("\uffff", 3),
        "zero-width-space": between("\u200b"),
        "zero-width-joiner": between("\u200d", 3),
        "soft-hyphen": between("\u00ad", 2),
        "word-joiner": between("\u2060", 4),
        "byte-order-mark": between("\ufeff", 5),
        "variation-selector": between("\ufe0f"),
        "tag-characters": between("\U000e0061", 2),
        "nul": between("\0", 3),
    },
    Kind.LAYOUT: {
        "tabs": between("\t", 4),
        "newlines": between("\n", 5),
        "windows-newlines": between("\r\n", 5),
        "blanks": between(" "),
        "no-break-spaces": between("\u00a0", 3),
        "percent-cut-by-newlines": chained(each_byte("%{:02X}"), between("\n", 2)),
        "tags": between("<b></b>"),
        "tags-with-brackets": between('<i title="a>b"></i>', 6),
        "tags-in-tags": between("<<b>i>", 6),
        "comments": between("<!-- -->", 3),
        "comments-with-brackets": between("<!-- <b> > -->", 5),
        "empty-comments": between("<!-->", 5),
        "cdata-sections": between("]]><![CDATA[", 7),
        "concatenation": between('" + "', 4),
        "concatenation-of-mixed-quotes": between("'+\n\"", 9),
    },
    Kind.CODE: {
        "percent-u": units("%u{:04X}"),
        "decimal-entities": each(lambda sign: f"&#{ord(sign)};"),
        "decimal-entities-bare": each(lambda sign: f"&#{ord(sign)}{';' if sign.isdigit() else ''}"),
        "decimal-entities-with-zeros": each(lambda sign: f"&#{ord(sign):010};"),
        "decimal-entities-with-5000-zeros": each(lambda sign: f"&#{ord(sign):0{5000 if sign == ':' else 1}};"),
        "hexadecimal-entities": each(lambda sign: f"&#x{ord(sign):x};"),
        "hexadecimal-entities-in-capitals": each(lambda sign: f"&#X{ord(sign):X};"),
        "named-entities": each(lambda sign: f"&{_NAMED[sign]};" if sign in _NAMED else sign),
        "entities-of-entities": each(lambda sign: f"&amp;#{ord(sign)};"),
        "entities-three-times": each(lambda sign: f"&#38;amp;amp;#x{ord(sign):x};"),
        "json-slashes": replaced("/", "\\/"),
        "json-u": _JSON,
        "json-six-times": chained(_JSON, *[text(json.dumps)] * 5),
        "javascript-u-braces": each(lambda sign: f"\\u{{{ord(sign):x}}}"),
        "javascript-x": each(lambda sign: f"\\x{ord(sign):02x}" if sign.isascii() else sign),
        "javascript-octal": each(lambda sign: f"\\{ord(sign):03o}" if sign.isascii() else sign),
        "javascript-continued-lines": between("\\\n", 8),
        "python-long-u": each(lambda sign: f"\\U{ord(sign):08x}"),
        "css-with-blanks": each(lambda sign: f"\\{ord(sign):x} "),
        "css-six-digits": each(lambda sign: f"\\{ord(sign):06x}"),
        "backslash-before-each-sign": each(lambda sign: f"\\{sign}" if sign in string.punctuation else sign),
        "folded-lines": between("\r\n ", 11),
        "folded-lines-with-tabs": between("\n\t", 11),
    },
    Kind.BYTES: {
        "percent": _PERCENT,
        "percent-in-small-letters": each_byte("%{:02x}"),
        "percent-twice": each_byte("%25{:02X}"),
        "percent-three-times": each_byte("%2525{:02X}"),
        "percent-nine-times": each_byte(f"%{'25' * 8}{{:02X}}"),
        "base64": base64_of(),
        "base64-one-byte-further": base64_of(b"?"),
        "base64-two-bytes-further": base64_of(b"??"),
        "base64-url-safe": lambda data: base64.urlsafe_b64encode(b"\xff\xfb?>" + data),
        "base64-unpadded": chained(base64_of(), replaced("=", "")),
        "base64-in-lines": chained(base64_of(), between("\r\n", 16)),
        "base64-twice": chained(base64_of(), base64_of()),
        "base64-behind-a-word": chained(base64_of(), surrounded("Words", "")),
        "base64-in-a-data-address": chained(base64_of(), surrounded("data:text/html;base64,", "")),
        "base64-in-a-data-address-with-blanks": chained(
            base64_of(), between(" ", 6), surrounded("data:text/html;base64,", "")
        ),
        "hexadecimal": each_byte("{:02x}"),
        "hexadecimal-in-capitals": each_byte("{:02X}"),
        "hexadecimal-half-a-byte-further": chained(each_byte("{:02x}"), surrounded("f", "")),
        "quoted-printable": each_byte("={:02X}"),
        "quoted-printable-with-soft-breaks": soft_breaks,
    },
    Kind.PACKING: {
        "utf-16-le": encoded("utf-16-le"),
        "utf-16-le-with-mark": encoded("utf-16-le", "\ufeff"),
        "utf-16-be": encoded("utf-16-be"),
        "utf-16-be-with-mark": encoded("utf-16-be", "\ufeff"),
        "utf-32-le": encoded("utf-32-le"),
        "utf-32-le-with-mark": encoded("utf-32-le", "\ufeff"),
        "utf-32-be": encoded("utf-32-be"),
        "utf-32-be-with-mark": encoded("utf-32-be", "\ufeff"),
        "gzip": gzip.compress,
        "gzip-in-two-parts": gzip_parts,
        "gzip-with-a-wrong-checksum": lambda data: gzip.compress(data)[:-8] + b"12345678",
        "gzip-cut-short": lambda data: gzip.compress(data)[:-5],
        "zlib": zlib.compress,
        "zlib-not-compressed": lambda data: zlib.compress(data, 0),
    },
    Kind.SURROUNDINGS: {
        "link": surrounded('<a href="', '">Ask</a>'),
        "link-without-quotes": surrounded("<a href=", ">Ask</a>"),
        "alternative-text": surrounded('<abbr title="See ', ' for more">'),
        "comment": surrounded("<!-- ", " -->"),
        "srcset": surrounded('<img srcset="/a.png 1x, ', ' 2x">'),
        "meta-refresh": surrounded('<meta http-equiv="refresh" content="0;url=', '">'),
        "open-graph": surrounded('<meta property="og:url" content="', '">'),
        "json-ld": surrounded('<script type="application/ld+json">{"@id":"', '"}</script>'),
        "style-sheet": surrounded("a{background:url(", ")}"),
        "calendar": surrounded("BEGIN:VEVENT\r\nURL:", "\r\nEND:VEVENT"),
        "cdata": surrounded("<x><![CDATA[", "]]></x>"),
        "redirect": surrounded("/go ", " 302\n"),
        "script": surrounded("location='", "'"),
    },
}  # fmt: skip

DISGUISES = {name: Disguise(name, kind, write) for kind, row in _TABLE.items() for name, write in row.items()}
