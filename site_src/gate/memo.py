"""Stores in the memo what quiet files contain: their hosts, the hosts that they load from, and their claims.

A file is quiet if it contains no programme's address. Most pages of a site are quiet, and a change of state does not change
them. The memo's key is a digest of the file's bytes and of the list of all addresses, open or closed. The stored data is not
a verdict: the gate compares the data with the demands of the state each time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from site_src.cache import Memo, digest, fingerprint_all
from site_src.gate.expectation import Expectation
from site_src.gate.file_text import FileText, markup_of
from site_src.gate.markup_reader import Tags
from site_src.gate.notice_rules import page_findings
from site_src.gate.pixels import ENDINGS as PICTURE_ENDINGS
from site_src.scan.addresses import AddressScanner, plain_forms
from site_src.scan.folding import View

# The scan puts these marks in place of an open address that it hides. A quiet file must not contain any of them.
_MARK = re.compile("[\U000f0000-\U000ffffd]")
# Programmes with all their addresses, and the hosts that pages may link to.
_Search = tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...]]


@dataclass(frozen=True)
class QuietFile:
    """A file that contains no programme's address and has no faults. `hosts` and `loaded` are as in `FileText`.

    `claims` contains a message if the file has a quota notice or a conversation starter. The gate refuses such a file if it
    does not belong to a programme.
    """

    path: str
    data: bytes
    hosts: frozenset[str]
    loaded: frozenset[str]
    claims: tuple[str, ...]
    views: tuple[View, ...] = ()
    faults: tuple[str, ...] = ()

    @cached_property
    def tags(self) -> Tags:
        """Reads the file again, and returns its tags."""
        return markup_of(self.path, self.data)[1]


# The quiet files of this process, by the digest of the search, the path and the bytes. Most files are in several trees.
Seen = MutableMapping[tuple[str, str, bytes], QuietFile]


class QuietFiles:
    """Finds quiet files, which contain no address of the expectation, open or closed, and no address in `more`."""

    def __init__(
        self, memo: Memo, expected: Expectation, more: Mapping[str, tuple[str, ...]], seen: Seen
    ) -> None:
        self._memo, self._seen = memo, seen
        groups: dict[str, set[str]] = {}
        shown = {id: tuple(addresses.values()) for id, addresses in expected.open.items()}
        for group in (shown, expected.closed, expected.retired, more):
            for id, addresses in group.items():
                groups.setdefault(id, set()).update(addresses)
        hosts = sorted({*expected.linkable_hosts, expected.own_host})
        self._search: _Search = tuple((id, tuple(sorted(groups[id]))) for id in sorted(groups)), tuple(hosts)
        self._plain = plain_forms(set().union(*groups.values()), hosts)
        self._loadable = expected.loadable
        self.key = digest(fingerprint_all(), json.dumps(self._search))

    def find(self, path: str, data: bytes) -> QuietFile | None:
        """Returns the file if it is known to be quiet, or None if the gate must read it.

        Before a stored result is used, the bytes are searched for the usual forms of every address.
        """
        pictures = self._loadable(path)
        known = (f"{self.key} {pictures.pattern if pictures else ''}", path, data)
        if seen := self._seen.get(known):
            self._seen[known] = seen
            return seen
        kept = self._memo.find(self._key_of(path, data))
        if kept is None:
            return None
        small = data.lower()
        if any(form in small for form in self._plain):
            return None
        hosts, loaded, claims = kept
        file = QuietFile(path, data, frozenset(hosts), frozenset(loaded), tuple(claims))
        self._seen[known] = file
        return file

    def keep(self, path: str, data: bytes, text: FileText) -> None:
        """Stores the file's hosts, loaded hosts and claims if the file is quiet. Ignores pictures, because `codes` stores
        their codes.
        """
        if not path.endswith(PICTURE_ENDINGS) and not text.faults and self.is_quiet(text):
            claims = page_findings(text.tags, None, frozenset())
            kept = [sorted(text.hosts), sorted(text.loaded), list(claims)]
            self._memo.keep(self._key_of(path, data), kept)

    def is_quiet(self, text: FileText) -> bool:
        """Returns True if no reading of the file contains an address, or a mark that `AddressScanner.without_open` inserts."""
        closed, shown = _scanners(self._search)
        return (
            text.whole
            and not any(closed.find_in(text.views))
            and all(shown.without_open(form) == form and not _MARK.search(form) for form in text.texts)
        )

    def _key_of(self, path: str, data: bytes) -> str:
        pictures = self._loadable(path)
        return digest(self.key, path, pictures.pattern if pictures else "", data)


@lru_cache(maxsize=4)
def _scanners(search: _Search) -> tuple[AddressScanner, AddressScanner]:
    """Returns a scanner that forbids every address, and a scanner that allows every address."""
    groups, hosts = search
    every = [address for _, addresses in groups for address in addresses]
    return AddressScanner(dict(groups), (), hosts), AddressScanner({}, every, hosts)
