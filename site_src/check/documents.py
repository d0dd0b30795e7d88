"""Finds all texts of a YAML document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from site_src.read.yaml import Document, Location


def texts_in(document: Document) -> Iterator[tuple[Location, str]]:
    """Each text of the document, with its location."""
    return _texts(document.value, ())


def _texts(value: Any, at: Location) -> Iterator[tuple[Location, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*at, key))
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _texts(item, (*at, number))
