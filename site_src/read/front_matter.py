"""Splits a Markdown file into its front matter, the YAML between two `---` lines, and the body below it.

`read.input_keys` defines the keys of front matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from site_src.problems import Report
from site_src.read.text import CONFLICT, describe, find_lost_text, to_plain
from site_src.read.yaml import Document, parse_yaml

_FENCE = re.compile(r"---[ \t]*")
# A line with characters that look like hyphens, or with too many or too few hyphens: some editors replace two or three
# by one dash.
_ALMOST_FENCE = re.compile(r"-+")
_CONFLICTS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_CONFLICT = re.compile(r"(?:<{7}|>{7}|\|{7})(?: .*)?|={7}")


@dataclass(frozen=True, slots=True)
class FrontMatterFile:
    """A Markdown file in two parts.

    The line numbers of `meta` count from the top of the file. `body_line` is the file's line on which `body` begins.
    """

    meta: Document
    body: str
    body_line: int


def split_front_matter(text: str, path: str, report: Report) -> FrontMatterFile | None:
    """Returns the two parts of `text`. If the front matter is not valid, adds a problem to the report and returns None.

    Refuses front matter that is missing, empty or not closed, so that metadata is never published as text. Front matter
    begins on the first line that is not blank.
    """
    lines = text.split("\n")
    if any(mark in text for mark in _CONFLICTS) and (conflict := _find_conflict(lines)):
        report.error(path, conflict, "merge-conflict", CONFLICT)
        return None
    opening = next((number for number, line in enumerate(lines) if line.strip()), 0)
    fences = (number for number in range(opening + 1, len(lines)) if _FENCE.fullmatch(lines[number]))
    closing = next(fences, 0)
    if fault := _find_fault(lines, opening, closing):
        report.error(path, fault[0] + 1, "front-matter", fault[1])
        return None
    block = "\n".join(lines[opening + 1 : closing])
    meta = parse_yaml(block, path, report, first_line=opening + 2)
    if meta is None:
        return None
    if lost := find_lost_text(lines[opening + 1 : closing], path, opening + 2, in_front_matter=True):
        report.add(*lost)
        return None
    return FrontMatterFile(meta, "\n".join(lines[closing + 1 :]), closing + 2)


def _find_fault(lines: list[str], opening: int, closing: int) -> tuple[int, str] | None:
    """Returns the line (from 0) of a mistake in the two fences, and a message. `closing` is 0 if there is no second fence."""
    if not _FENCE.fullmatch(lines[opening]):
        message = 'has no front matter. Begin the file with a line "---", then "title: …" and the other keys, then "---".'
        return opening, _explain_almost_fence(lines[opening]) or message
    if not closing:
        for number, line in enumerate(lines[opening + 1 :], opening + 1):
            if about := _explain_almost_fence(line):
                return number, about
        return (
            opening,
            'opens its front matter here and never closes it. Put a line "---" below the last key.',
        )
    if not "".join(lines[opening + 1 : closing]).strip():
        return (
            opening,
            'has empty front matter. Write its keys, such as "title: …", between the two lines "---".',
        )
    return None


def _find_conflict(lines: list[str]) -> int | None:
    """Returns the line, counted from 1, of git's first conflict marker, or None if there is none."""
    marks = [number for number, line in enumerate(lines, start=1) if _CONFLICT.fullmatch(line)]
    return marks[0] if marks else None


def _explain_almost_fence(line: str) -> str | None:
    """Explains what is wrong with a line that looks like `---`. Returns None for any other line."""
    typed = line.strip()
    plain = to_plain(typed)
    if not _ALMOST_FENCE.fullmatch(plain):
        return None
    if other := next((character for character in typed if character != "-"), None):
        what = f'has {describe(other)} where "---" belongs'
    elif typed == "---":
        what = 'has a space or tab before "---"'
    else:
        what = f'has {len(typed)} hyphens where "---" belongs'
    return f"{what}. Type three hyphens on this line, and nothing else."
