"""Finding conversation starters' addresses in text that may hide them.

An address is recognised by host and path, and by its host alone where nothing else may link to that host. A
place is excused only when the whole address of a programme whose link is shown stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from site_src.decoding import fold, readings, views

AROUND = 60
_END = r"(?![a-z0-9_~%-]|[./](?=[a-z0-9]))"


@dataclass(frozen=True, slots=True)
class Finding:
    """A forbidden address and the text round it, as read (folded, perhaps decoded)."""

    programme: str
    around: str


class AddressScanner:
    """Finds every address in `closed` (by programme), and excuses those in `open`.

    `linkable_hosts` are hosts that pages may link to for other reasons: there the host alone is no finding.
    """

    def __init__(
        self, closed: Mapping[str, Iterable[str]], open: Iterable[str], linkable_hosts: Iterable[str]
    ) -> None:
        linkable = frozenset(linkable_hosts)
        forbidden = {address: programme for programme, addresses in closed.items() for address in addresses}
        self._needles: dict[str, str] = {}
        for address, programme in forbidden.items():
            host, path, _ = _parts(address)
            self._needles[host + path] = programme
            if host not in linkable:
                self._needles.setdefault(host, programme)
        self._excused = _excuse(open, forbidden)
        # Long needles first, so that a finding names the programme whose path it is.
        self._ordered = sorted(self._needles, key=len, reverse=True)
        self._hosts = sorted({_parts(address)[0] for address in forbidden})

    def find(self, data: bytes) -> Iterator[Finding]:
        """The findings in `data`, one for each needle, whatever the encoding."""
        if not self._ordered:
            return
        found: set[str] = set()
        for text in readings(data, blank=self._excused):
            for view in views(text):
                # No needle is without its host: most files end here.
                if not any(host in view for host in self._hosts):
                    continue
                for variant in (view, _normal(view)):
                    for needle in self._ordered:
                        if needle not in found and needle in variant:
                            found.add(needle)
                            yield Finding(self._needles[needle], _around(variant, needle))


def _around(text: str, needle: str) -> str:
    at = text.index(needle)
    return " ".join(text[max(at - AROUND, 0) : at + len(needle) + AROUND].split())


def overlap(first: str, second: str) -> bool:
    """True when two addresses are the same to the scanner, so that it could not excuse one and find the other."""
    return _parts(first) == _parts(second)


def _parts(address: str) -> tuple[str, str, str]:
    """Host, path without a slash at the end, and query with its mark; folded and percent-decoded."""
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return fold(parts.netloc), fold(unquote(parts.path)).rstrip("/"), fold(unquote(query))


def _excuse(open: Iterable[str], forbidden: Iterable[str]) -> re.Pattern[str] | None:
    closed = ["".join(_parts(address)) for address in forbidden]
    patterns = []
    for address in sorted(map("".join, map(_parts, open)), key=len, reverse=True):
        longer = [re.escape(other) for other in closed if other.startswith(address)]
        unless = f"(?!{'|'.join(longer)})" if longer else ""
        patterns.append(f"{unless}{re.escape(address)}/?{_END}")
    return re.compile("|".join(patterns), re.IGNORECASE) if patterns else None


def _normal(text: str) -> str:
    """Each address in the text as a browser would understand it: no port, doubled slash or step in place."""
    text = re.sub(r"(?<=[a-z0-9])\.?(:\d{0,5})?(?=[/?#])", "", text)
    text = re.sub(r"/(\./)+", "/", text)
    text = re.sub(r"/[^/\s\"'<>]+/\.\./", "/", text)
    return re.sub(r"(?<!:)/{2,}", "/", text)
