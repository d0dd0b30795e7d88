"""Selects which hosts and paths a text may contain, in a time that hardly grows with their number, and gives each its pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from site_src.scan.folding import similar, without_blanks

# Where a word begins and ends, in a folded text.
_BEGIN, _WORD_ENDS = r"(?<![a-z0-9])(?<![a-z0-9]-)", r"(?![a-z0-9_~]|-[a-z0-9])"
# Characters that people read as a hyphen.
_DASH = "[-\u2012-\u2015]"
_PLAIN_DASH = dict.fromkeys(range(0x2012, 0x2016), "-")


@dataclass(frozen=True, eq=False)
class Needle:
    """What to search for: host and path, or only the host. `rank` is the needle's place in the order of the search."""

    programme: str
    address: str
    host: str
    path: str
    rank: int = 0

    @property
    def characters(self) -> str:
        """Returns the characters of the address, as compared."""
        return similar(self.host + self.path)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The pattern for texts without blanks.

        A host alone matches anywhere. An address with a path must begin at a word boundary. It must end at a word boundary
        or before the extension of a file. Everything below the path matches too.
        """
        return self._pattern("")

    @cached_property
    def spread(self) -> re.Pattern[str] | None:
        """The pattern for texts with blanks, or None for a host alone."""
        return self._pattern(r"\s*") if self.path else None

    def _pattern(self, between: str) -> re.Pattern[str]:
        words = between.join(_DASH if one == "-" else re.escape(one) for one in self.characters)
        return re.compile(_BEGIN + words + _WORD_ENDS if self.path else words)


class Needles:
    """Selects the needles that a text may contain. The time hardly grows with the number of needles."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self._by_characters: dict[str, list[Needle]] = {}
        lengths: dict[str, set[int]] = {}
        for needle in needles:
            characters = _condense(needle.characters)
            self._by_characters.setdefault(characters, []).append(needle)
            lengths.setdefault(_condense(similar(needle.host)), set()).add(len(characters))
        self._lengths = {host: sorted(found) for host, found in lengths.items()}

    def select(self, alike: str) -> list[Needle]:
        """Returns every needle whose characters the text contains. Blanks between the characters, and the kind of dash, do
        not matter.
        """
        text = _condense(alike)
        found: set[Needle] = set()
        for host, lengths in self._lengths.items():
            at = text.find(host)
            while at >= 0:
                for length in lengths:
                    found.update(self._by_characters.get(text[at : at + length], ()))
                at = text.find(host, at + 1)
        return sorted(found, key=lambda needle: needle.rank)


def _condense(alike: str) -> str:
    """Returns the text without blanks, and with one kind of dash."""
    return without_blanks(alike).translate(_PLAIN_DASH)
