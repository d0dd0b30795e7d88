"""Decodes the bytes of an input file (UTF-8), and finds forbidden characters, look-alikes and lost text after " #".

A file that is not plain UTF-8 text is refused before any parser reads it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from site_src.problems import Problem, Report

# The converter uses private-use characters as its marks. Bidirectional overrides can make a line look like a different one.
# U+2028 and U+2029 end a line for some programs and not for others. Other control characters do not belong in text.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ue000-\uf8ff\ufeff\ufffe\uffff\U000f0000-\U0010ffff]"
)
# Blanks that editors and web pages insert instead of a space, and that YAML reads as letters.
BLANKS = "\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000"
_FALSE_BLANK_IN_VALUE = re.compile(
    rf"^[{BLANKS}]|^(?:-|[\w-]++:)[{BLANKS}]|[{BLANKS}]#|[{BLANKS}]$", re.MULTILINE
)

# Full-width forms, and the characters that word processors and phones use instead of plain ones.
PLAIN = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord(typed): ord(plain)
    for plain, others in {
        " ": "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000",
        '"': "“”„‟«»〝〞",
        "'": "‘’‚‛",
        "-": "‐‑‒–—―−",
        ":": "﹕∶꞉",
        "[": "【〔",
        "]": "】〕",
    }.items()
    for typed in others
}
_LOOKALIKE = re.compile(f"[{''.join(map(chr, PLAIN))}]")
# After a plain value, or in place of one. Front matter has no comments; in other files, a comment has a blank after "#".
_KEY = r"\s*+(?:- ++)?+(?:[\w-]++:[ \t]++)?+"
_PLAIN_VALUE = r"(?![\"'|>#\[{])\S.*?[ \t]"
_AFTER_KEY = r"(?<=[:\-][ \t])"
_ANY = re.compile(rf"{_KEY}(?:{_PLAIN_VALUE}(#.*)|{_AFTER_KEY}(#[^\s#].*))")
_TOUCHING = re.compile(rf"{_KEY}(?:{_PLAIN_VALUE}|{_AFTER_KEY})(#[^\s#].*)")

CONFLICT = (
    "begins two versions that git could not merge. Keep the right lines of both, and delete the lines that begin "
    'with "<<<<<<<", "=======" and ">>>>>>>".'
)


def is_plain_line(text: str) -> bool:
    """Returns True if the text may be on one line of a file: it has no line ends and no forbidden characters."""
    # YAML does not allow surrogates, U+FFFE and U+FFFF.
    return not (
        FORBIDDEN.search(text)
        or any(character in "\n\r\ufffe\uffff" or "\ud800" <= character <= "\udfff" for character in text)
    )


def decode_text(path: str, data: bytes, report: Report) -> str | None:
    """Returns the text of the file with `\\n` line ends and no byte-order mark. If it is refused, reports a problem and returns None.

    Refuses encodings other than UTF-8, control and private-use characters, and an empty file. Warns about a byte-order
    mark and about Windows line ends.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        report.error(path, 1, "encoding", "is saved as UTF-16. Save it as UTF-8.")
        return None
    if b"\0" in data:
        message = "has a NUL byte here: this is not a text file. Save it as UTF-8 text."
        report.error(path, _line(data, data.index(b"\0")), "encoding", message)
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"has a byte (0x{data[error.start]:02X}) that is not UTF-8, perhaps from Latin-1. Save the file as UTF-8."
        report.error(path, _line(data, error.start), "encoding", message)
        return None
    text = _normalize(path, text, report)
    if not text.strip():
        message = "is empty. Write its content, or bring it back from an earlier version."
        report.error(path, 1, "empty-file", message)
        return None
    if bad := FORBIDDEN.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        message = f"has the invisible character U+{ord(bad[0]):04X} here. Delete it."
        report.error(path, line, "control-character", message)
        return None
    return text


def _line(data: bytes, offset: int) -> int:
    return data[:offset].count(b"\n") + 1


def _normalize(path: str, text: str, report: Report) -> str:
    if text.startswith("\ufeff"):
        text = text[1:]
        message = "starts with a byte-order mark, which is left out. Save it as UTF-8 without BOM."
        report.add(Problem(path, 1, message, "byte-order-mark", "warning"))
    if "\r" in text:
        line = text.replace("\r\n", "\n").replace("\r", "\n").count("\n", 0, text.index("\r")) + 1
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        message = "has Windows line endings (CRLF), which are read as LF. Set the editor to LF."
        report.add(Problem(path, line, message, "line-ends", "warning"))
    return text


def false_blank_in(value: str) -> str | None:
    """Returns a message if the unquoted value has a different blank where YAML needs a space, otherwise None."""
    match = _FALSE_BLANK_IN_VALUE.search(value)
    return name_blank(match[0]) if match else None


def name_blank(text: str) -> str:
    """Returns a message about the last blank in the text that YAML does not read as a space."""
    blank = re.findall(f"[{BLANKS}]", text)[-1]
    return f"has the blank U+{ord(blank):04X} ({unicodedata.name(blank).lower()}) here, which is not a space in YAML. Type a space in its place, or put the value in quotes."


def to_plain(text: str) -> str:
    """Returns the text with each look-alike replaced by the plain character. The length stays the same."""
    return text if text.isascii() or not _LOOKALIKE.search(text) else text.translate(PLAIN)


def describe(character: str) -> str:
    """Describes the character: `"：" (fullwidth colon)`. For a blank, which is invisible, returns only the name."""
    name = unicodedata.name(character, f"U+{ord(character):04X}").lower()
    article = "an" if name[0] in "aeiou" else "a"
    return f"{article} {name}" if character.isspace() else f'"{character}" ({name})'


def explain_lookalikes(text: str) -> str:
    """Explains the first look-alike in `text`: ` It has "＃" (fullwidth number sign): type "#".` Returns "" if there is none."""
    found = _LOOKALIKE.search(text)
    if not found:
        return ""
    plain = to_plain(found[0])
    typed = {" ": "a space", '"': "a straight quote", "'": "a straight quote"}.get(plain, f'"{plain}"')
    return f" It has {describe(found[0])}: type {typed}."


def find_lost_text(
    lines: Sequence[str], path: str, first_line: int = 1, in_front_matter: bool = False
) -> list[Problem]:
    """Returns a problem for each line whose value continues after ` #`, which YAML reads as a comment."""
    pattern = _ANY if in_front_matter else _TOUCHING
    return [
        Problem(
            path,
            number,
            f'loses "{"".join(filter(None, found.groups()))}", because " #" begins a comment. Put the value in quotes: key: "text".',
            "lost-text",
        )
        for number, line in enumerate(lines, start=first_line)
        if " #" in line and (found := pattern.fullmatch(line))
    ]
