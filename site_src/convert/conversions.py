"""What is slow to make, kept from build to build by a digest of all that it follows from.

Converted Markdown follows from its text and from the code that makes it, and from nothing else: no state, moment or address
has a part in it (see `markup`). Other texts (`recall`) say themselves what they follow from. So a kept one is never wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from site_src.convert import markup
from site_src.convert.markup import Heading, Lost, Markup

if TYPE_CHECKING:
    from site_src.convert.markdown import Converter

KEPT_FILE = "converted-texts.json"


class Conversions:
    """Converts texts, or answers with what was kept; `used` has all that was asked for, by its key."""

    def __init__(self, kept: Mapping[str, Markup | str] | None = None) -> None:
        self._kept = kept or {}
        code = Path(markup.__file__)
        sources = (
            code.with_name(name).read_bytes()
            for name in ("markup.py", "markdown.py", "markdown_rules.py", "effort.py")
        )
        self._code = _digest(*sources, *_libraries())
        self.used: dict[str, Markup | str] = {}

    @property
    def changed(self) -> bool:
        """True when something was converted that is not kept yet, or something kept was not asked for."""
        return self.used.keys() != self._kept.keys()

    def convert(self, text: str, footnote_back: str, for_pages: bool) -> Markup:
        """The text's `Markup`; raises NestedTooDeep or TooMuchWork."""
        key = _digest(self._code, str(for_pages), footnote_back, text)
        known = self.used.get(key) or self._kept.get(key)
        if not isinstance(known, Markup):
            known = _converter(for_pages).convert(text, footnote_back)
        self.used[key] = known
        return known

    def recall(self, follows_from: str, make: Callable[[], str]) -> str:
        """What `make` gives, made now or kept; `follows_from` must tell everything on which that depends."""
        key = _digest("recall", follows_from)
        known = self.used.get(key) or self._kept.get(key)
        if not isinstance(known, str):
            known = make()
        self.used[key] = known
        return known


@cache
def _libraries() -> tuple[str, str]:
    return version("markdown"), version("nh3")


@cache
def _converter(for_pages: bool) -> Converter:
    # Only a text that was not converted before needs the libraries, which are slow to import.
    from site_src.convert.markdown import Converter

    return Converter(for_pages)


def load_conversions(file: Path) -> Conversions:
    """The conversions that the file keeps; none of them where it is missing or cannot be understood."""
    try:
        kept = json.loads(file.read_bytes() if file.is_file() else b"{}")
        return Conversions({key: _kept(made) for key, made in kept.items()})
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # Nobody wrote this file by hand, and nothing is lost with it: it is made anew.
        return Conversions()


def dump_conversions(conversions: Conversions) -> bytes:
    """What `load_conversions` reads back: all that was asked for."""
    names = [field.name for field in fields(Markup)]
    kept = {
        key: made if isinstance(made, str) else {name: getattr(made, name) for name in names}
        for key, made in sorted(conversions.used.items())
    }
    return json.dumps(kept, default=sorted, ensure_ascii=False).encode()


def _kept(made: str | Mapping[str, Any]) -> Markup | str:
    if isinstance(made, str):
        return made
    return Markup(
        html=str(made["html"]),
        tokens=frozenset(made["tokens"]),
        links=frozenset(made["links"]),
        anchors=tuple(made["anchors"]),
        classes=frozenset(made["classes"]),
        pictures=frozenset(made["pictures"]),
        headings=tuple(Heading(*heading) for heading in made["headings"]),
        lost=frozenset((Lost(why), typed) for why, typed in made["lost"]),
    )


def _digest(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()
