"""Not making twice what is slow to make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

# (all that the text follows from, how to make it) → the text, made now or kept from an earlier build
Recall = Callable[[str, Callable[[], str]], str]


def make_anew(_: str, make: Callable[[], str]) -> str:
    """A `Recall` that keeps nothing."""
    return make()


def code_of(*files: str) -> str:
    """The source of modules, by their `__file__`: a text follows from the code that makes it, too."""
    return "\0".join(Path(file).read_text(encoding="utf-8") for file in files)
