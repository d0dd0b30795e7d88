"""Chooses the scanner for the addresses that a file must not contain, and proves in each run, with planted addresses in every disguise,
that each scanner finds them.
"""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from site_src.gate.expectation import Expectation
from site_src.gate.file_text import Read
from site_src.gate.memo import QuietFiles
from site_src.scan.addresses import AddressScanner

CANARY = "canary"
CANARY_ADDRESS = "https://canary.invalid/planted/by-the-gate"
# Browsers do not decode a split percent code, so each code stays whole.
_CHARACTER = re.compile(r"(?:%[0-9A-Fa-f]{2})+|.")

# The addresses that a scanner forbids, by programme, the addresses that it allows, and the hosts to which pages may link.
_Search = tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...], frozenset[str]]


# Cached, so that a later judgement gets the same objects: a text is not read again for the same scanner.
@lru_cache(maxsize=32)
def _make_scanner(search: _Search) -> AddressScanner:
    addresses, shown, hosts = search
    return AddressScanner(dict(addresses), shown, hosts)


class SharedScanners:
    """The scanners of trees that are judged together. Each scanner is tested only once."""

    def __init__(self) -> None:
        self._blindness: dict[tuple[AddressScanner, tuple[str, ...], str], tuple[str, ...]] = {}

    def get(
        self, forbidden: Mapping[str, tuple[str, ...]], shown: tuple[str, ...], hosts: frozenset[str]
    ) -> AddressScanner:
        """Returns the scanner for these addresses."""
        search = tuple(sorted(forbidden.items())), shown, hosts
        return _make_scanner(search)

    def blindness(
        self, scanner: AddressScanner, addresses: tuple[str, ...], read: Read, quiet: QuietFiles
    ) -> tuple[str, ...]:
        """Returns the path of each planted file that counts as quiet, or in which the scanner does not find the address."""
        proof = scanner, addresses, quiet.key
        if proof not in self._blindness:
            self._blindness[proof] = tuple(_find_blindness(scanner, addresses, read, quiet))
        return self._blindness[proof]


def _find_blindness(
    scanner: AddressScanner, addresses: tuple[str, ...], read: Read, quiet: QuietFiles
) -> Iterator[str]:
    for path, data in plant(addresses):
        text = read(path, data, scanner.without_open, None)
        if not any(scanner.find_in(text.views)) or quiet.is_quiet(text):
            yield path


class Scanners:
    """The scanners for the files of one tree: one for each set of programmes whose addresses a file may contain.

    `strict` allows no address.
    """

    def __init__(self, expected: Expectation, shared: SharedScanners) -> None:
        self._expected, self._shared = expected, shared
        self._made: dict[frozenset[str], AddressScanner] = {}
        self.strict = self._for(frozenset())

    def for_file(self, path: str) -> AddressScanner:
        """Returns the scanner that forbids every address except the addresses that the state allows in the file at the path."""
        page = self._expected.pages.get(path)
        if page:
            return self._for(frozenset([page.programme] if page.address else []))
        resources = self._expected.resources.get(path, ())
        return self._for(frozenset(resource.programme for resource in resources if resource.addresses))

    def blindness(self, read: Read, quiet: QuietFiles) -> Iterator[str]:
        """Yields the path of each planted file that counts as quiet, or in which a scanner does not find the address."""
        for scanner in self._made.values():
            # Only the strict scanner is tested with every address, because the others differ only in what they allow.
            addresses = self._forbidden(frozenset()) if scanner is self.strict else {}
            planted = [CANARY_ADDRESS, *(address for group in addresses.values() for address in group)]
            yield from self._shared.blindness(scanner, tuple(dict.fromkeys(planted)), read, quiet)

    def _for(self, allowed: frozenset[str]) -> AddressScanner:
        if allowed not in self._made:
            forbidden = {**self._forbidden(allowed), CANARY: (CANARY_ADDRESS,)}
            shown = tuple(sorted({address for id in allowed for address in self._expected.open[id].values()}))
            hosts = self._expected.linkable_hosts | {self._expected.own_host}
            self._made[allowed] = self._shared.get(forbidden, shown, hosts)
        return self._made[allowed]

    def _forbidden(self, allowed: frozenset[str]) -> dict[str, tuple[str, ...]]:
        elsewhere = {
            id: tuple(open.values()) for id, open in self._expected.open.items() if id not in allowed
        }
        groups = (self._expected.closed, elsewhere, self._expected.retired)
        ids = dict.fromkeys(id for group in groups for id in group)
        return {
            id: tuple(dict.fromkeys(address for group in groups for address in group.get(id, ())))
            for id in ids
        }


def plant(addresses: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yields the path and the bytes of a file for each address in each disguise. The paths have unusual extensions."""
    for number, address in enumerate(addresses):
        plain = address.encode()
        percent = "".join(f"%{byte:02x}" for byte in plain)
        disguises = {
            "plain": b'<p title="' + plain + b'">',
            "percent": percent.encode(),
            "entities": "".join(f"&#{byte};" for byte in plain).encode(),
            "json": '"{}"'.format(address.replace("/", "\\/")).encode(),
            "base64": b"data:text/html;base64," + base64.b64encode(b"<!-- " + plain),
            "utf-16": percent.encode("utf-16"),
            "gzip": gzip.compress(plain, mtime=0),
            "split": "<b></b>".join(_CHARACTER.findall(address)).replace("a", "\uff41").encode(),
        }
        for name, data in disguises.items():
            yield f"{CANARY}/{number}.{name}", data
