"""Blanks out code and comments in a Markdown text, because rules about the text do not apply to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_BACK_TICKS = re.compile("`+")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


# Cached, because several rules need it for each text.
@lru_cache(maxsize=8)
def without_code(body: str) -> str:
    """Returns the text with spaces in place of code and comments, so all lines and columns stay the same."""
    return _COMMENT.sub(lambda comment: blank(comment[0]), replace_code(body, blank))


def blank(piece: str) -> str:
    """Returns the text with a space in place of each character except line ends."""
    return re.sub(r"[^\n]", " ", piece)


def replace_code(text: str, instead: Callable[[str], str]) -> str:
    """Returns the text with the result of `instead` in place of each piece of code between back-ticks. Takes linear time."""
    runs = [(match.start(), match.end()) for match in _BACK_TICKS.finditer(text)]
    following: dict[int, list[int]] = {}
    for number in range(len(runs) - 1, -1, -1):
        following.setdefault(runs[number][1] - runs[number][0], []).append(number)
    pieces, done, number = list[str](), 0, 0
    while number < len(runs):
        begin, end = runs[number]
        alike = following[end - begin]
        while alike and alike[-1] <= number:
            alike.pop()
        if alike:
            number = alike[-1]
            pieces += (text[done:begin], instead(text[begin : runs[number][1]]))
            done = runs[number][1]
        number += 1
    return "".join((*pieces, text[done:]))
