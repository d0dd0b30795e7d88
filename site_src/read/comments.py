"""Finds text that YAML reads as a comment although the editor intended a value: `title: Form #7011`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from site_src.problems import Problem

# After a plain value, or in place of one. Front matter has no comments; in other files, a comment has a blank after
# "#".
_KEY = r"\s*+(?:- ++)?+(?:[\w-]++:[ \t]++)?+"
_PLAIN_VALUE = r"(?![\"'|>#\[{])\S.*?[ \t]"
_AFTER_KEY = r"(?<=[:\-][ \t])"
_ANY = re.compile(rf"{_KEY}(?:{_PLAIN_VALUE}(#.*)|{_AFTER_KEY}(#[^\s#].*))")
_TOUCHING = re.compile(rf"{_KEY}(?:{_PLAIN_VALUE}|{_AFTER_KEY})(#[^\s#].*)")


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
