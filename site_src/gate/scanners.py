"""Chooses the scanner for the addresses that a file must not contain, and proves that each scanner finds planted addresses."""

from __future__ import annotations

from collections.abc import Iterator

from site_src.gate.canary import CANARY, CANARY_ADDRESS, plant
from site_src.gate.expectation import Expectation
from site_src.gate.file_text import Read
from site_src.gate.memo import QuietFiles
from site_src.scan.addresses import AddressScanner


class Scanners:
    """A scanner for each set of programmes whose address a file may contain."""

    def __init__(self, expected: Expectation) -> None:
        self._expected = expected
        self._made: dict[frozenset[str], AddressScanner] = {}
        self.strict = self._for(frozenset())

    def for_file(self, path: str) -> AddressScanner:
        """Returns the scanner that forbids every address except those that the state allows in the file at that path."""
        page = self._expected.pages.get(path)
        if page:
            return self._for(frozenset([page.programme] if page.address else []))
        resources = self._expected.resources.get(path, ())
        return self._for(frozenset(resource.programme for resource in resources if resource.addresses))

    def blindness(self, read: Read, quiet: QuietFiles) -> Iterator[str]:
        """Yields the path of each planted file in which a scanner does not find the address, or that counts as quiet."""
        for scanner in self._made.values():
            # Test the strict scanner with every address. The other scanners differ only in what they allow.
            addresses = self._forbidden(frozenset()) if scanner is self.strict else {}
            planted = [CANARY_ADDRESS, *(address for group in addresses.values() for address in group)]
            for path, data in plant(dict.fromkeys(planted)):
                text = read(path, data, scanner.without_open, None)
                if not any(scanner.find_in(text.views)) or quiet.is_quiet(text):
                    yield path

    def _for(self, allowed: frozenset[str]) -> AddressScanner:
        if allowed not in self._made:
            forbidden = {**self._forbidden(allowed), CANARY: (CANARY_ADDRESS,)}
            shown = [address for id in allowed for address in self._expected.open[id].values()]
            hosts = self._expected.linkable_hosts | {self._expected.own_host}
            self._made[allowed] = AddressScanner(forbidden, shown, hosts)
        return self._made[allowed]

    def _forbidden(self, allowed: frozenset[str]) -> dict[str, tuple[str, ...]]:
        elsewhere = {
            id: tuple(open.values()) for id, open in self._expected.open.items() if id not in allowed
        }
        groups = (self._expected.closed, elsewhere, self._expected.retired)
        ids = dict.fromkeys(id for group in groups for id in group)
        return {id: tuple(address for group in groups for address in group.get(id, ())) for id in ids}
