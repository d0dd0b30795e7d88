"""The block between two `---` lines at the top of a Markdown file, and the body below it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from site_src.problems import Report
from site_src.read.yaml import Document, parse_yaml

_FENCE = re.compile(r"---[ \t]*")


@dataclass(frozen=True, slots=True)
class FrontMatterFile:
    """A Markdown file in two parts.

    `meta` knows the lines of the file, not of the block. `body_line` is the file's line on which `body` begins.
    """

    meta: Document
    body: str
    body_line: int


def split_front_matter(text: str, path: str, report: Report) -> FrontMatterFile | None:
    """The two parts of `text`, or None and a problem.

    A file whose first line that is not blank opens a block but never closes it is refused, never
    published with its metadata as text; so is a file without a block, or with an empty one.
    """
    lines = text.split("\n")
    opening = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if not _FENCE.fullmatch(lines[opening]):
        message = 'has no front matter. Begin the file with a line "---", then "title: …" and the other keys, then "---".'
        report.error(path, opening + 1, "front-matter", message)
        return None
    fences = (number for number in range(opening + 1, len(lines)) if _FENCE.fullmatch(lines[number]))
    closing = next(fences, None)
    if closing is None:
        message = 'opens its front matter here and never closes it. Put a line "---" below the last key.'
        report.error(path, opening + 1, "front-matter", message)
        return None
    block = "\n".join(lines[opening + 1 : closing])
    if not block.strip():
        message = 'has empty front matter. Write its keys, such as "title: …", between the two lines "---".'
        report.error(path, opening + 1, "front-matter", message)
        return None
    meta = parse_yaml(block, path, report, first_line=opening + 2)
    if meta is None:
        return None
    return FrontMatterFile(meta, "\n".join(lines[closing + 1 :]), closing + 2)
