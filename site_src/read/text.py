"""Decodes the bytes of an input file as UTF-8, or reports a problem: encoding, control characters, byte-order mark, line ends.

A file that is not plain UTF-8 text is refused before any parser reads it.
"""

from __future__ import annotations

import re

from site_src.problems import Problem, Report

# The converter uses private-use characters as its marks. Bidirectional overrides can make a line look like another
# text. U+2028 and U+2029 end a line for some programs and not for others. Other control characters do not belong in
# text.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ue000-\uf8ff\ufeff\ufffe\uffff\U000f0000-\U0010ffff]"
)


def is_plain_line(text: str) -> bool:
    """Returns True if the text may be on one line of a file: it has no line ends and no forbidden characters."""
    # YAML does not allow surrogates, U+FFFE and U+FFFF.
    return not (
        FORBIDDEN.search(text)
        or any(character in "\n\r\ufffe\uffff" or "\ud800" <= character <= "\udfff" for character in text)
    )


def decode_text(path: str, data: bytes, report: Report) -> str | None:
    """Returns the text of the file with `\\n` line ends and no byte-order mark, or None and a problem.

    Refuses other encodings than UTF-8, control and private-use characters, and an empty file. Warns of a byte-order
    mark and of Windows line ends.
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
        report.error(
            path, 1, "empty-file", "is empty. Write its content, or bring it back from an earlier version."
        )
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
        message = "has Windows line ends (CRLF), which are read as LF. Set the editor to LF."
        report.add(Problem(path, line, message, "line-ends", "warning"))
    return text
