"""Converted texts, kept from build to build: converting Markdown is the largest part of a build's time.

A conversion follows from its text and from the code that makes it, and from nothing else: no state, moment or address has
a part in it (see `markup`). So a kept one can be old without being wrong, and what the quota says never passes here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from site_src import markup
from site_src.markup import Converter, Markup

KEPT_FILE = "converted-texts.json"


class Conversions:
    """Converts texts, or answers with what was kept; `used` has every conversion asked for, by its key."""

    def __init__(self, kept: Mapping[str, Markup] | None = None) -> None:
        self._kept = kept or {}
        self._converters = {for_pages: Converter(for_pages) for for_pages in (True, False)}
        self._code = _digest(Path(markup.__file__).read_bytes(), version("markdown"), version("nh3"))
        self.used: dict[str, Markup] = {}

    @property
    def changed(self) -> bool:
        """True when something was converted that is not kept yet, or something kept was not asked for."""
        return self.used.keys() != self._kept.keys()

    def convert(self, text: str, footnote_back: str, for_pages: bool) -> Markup:
        """The text's `Markup`; raises NestedTooDeep."""
        key = _digest(self._code, str(for_pages), footnote_back, text)
        if key not in self.used:
            self.used[key] = self._kept.get(key) or self._converters[for_pages].convert(text, footnote_back)
        return self.used[key]


def load_conversions(file: Path) -> Conversions:
    """The conversions that the file keeps; none of them where it is missing or cannot be understood."""
    try:
        kept = json.loads(file.read_bytes() if file.is_file() else b"{}")
        return Conversions({key: _markup(fields) for key, fields in kept.items()})
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # Nobody wrote this file by hand, and nothing is lost with it: it is made anew.
        return Conversions()


def dump_conversions(conversions: Conversions) -> bytes:
    """What `load_conversions` reads back: every conversion that was asked for."""
    kept = {key: asdict(converted) for key, converted in sorted(conversions.used.items())}
    return json.dumps(kept, default=sorted, ensure_ascii=False).encode()


def _markup(fields: Mapping[str, list[str]]) -> Markup:
    return Markup(
        html=str(fields["html"]),
        tokens=frozenset(fields["tokens"]),
        links=frozenset(fields["links"]),
        anchors=tuple(fields["anchors"]),
        classes=frozenset(fields["classes"]),
        pictures=frozenset(fields["pictures"]),
        headings=tuple(map(int, fields["headings"])),
    )


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()
