"""Keeps in the memo what files without any programme's address contain: their hosts, loads and claims.

Most pages of a site are such files, and a change of state does not change them. The memo's key is a digest of their bytes
and of the list of all addresses, open or closed. The kept data is not a verdict: the gate compares it with the demands of
the state each time.
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

# The marks of the scan. The file may contain none of them: they mean something only where an open address is hidden.
_MARK = re.compile("[\U000f0000-\U000ffffd]")
# Programmes with all their addresses, and the hosts that pages may link to.
_Search = tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...]]


@dataclass(frozen=True)
class QuietFile:
    """A file without an address and without faults. `hosts` and `loaded` are as in `FileText`.

    `claims` are the findings on it as a page of no programme: messages about notices and links that it should not have.
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
        """Reads the file's tags again."""
        return markup_of(self.path, self.data)[1]


# The quiet files of this process by the digest of the search, their path and bytes. Most files are in several trees.
Seen = MutableMapping[tuple[str, str, bytes], QuietFile]


class QuietFiles:
    """Finds the quiet files, given all addresses that an expectation names, open or closed, and `more`."""

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
        self._key = digest(fingerprint_all(), json.dumps(self._search))

    def find(self, path: str, data: bytes) -> QuietFile | None:
        """Returns the file if it is known to be quiet; None if it must be read.

        In any case, it searches the bytes for every address as it is usually written.
        """
        pictures = self._loadable(path)
        known = (f"{self._key} {pictures.pattern if pictures else ''}", path, data)
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
        """Keeps the hosts, loads and claims of the file if it is quiet. Pictures are always read: `codes` keeps their codes."""
        if not path.endswith(PICTURE_ENDINGS) and not text.faults and self.is_quiet(text):
            claims = page_findings(text.tags, None, frozenset())
            kept = [sorted(text.hosts), sorted(text.loaded), list(claims)]
            self._memo.keep(self._key_of(path, data), kept)

    def is_quiet(self, text: FileText) -> bool:
        """Returns True if no reading of the file contains an address, or a mark for one."""
        closed, shown = _scanners(self._search)
        return (
            text.whole
            and not any(closed.find_in(text.views))
            and all(shown.without_open(form) == form and not _MARK.search(form) for form in text.texts)
        )

    def _key_of(self, path: str, data: bytes) -> str:
        pictures = self._loadable(path)
        return digest(self._key, path, pictures.pattern if pictures else "", data)


@lru_cache(maxsize=4)
def _scanners(search: _Search) -> tuple[AddressScanner, AddressScanner]:
    """Returns a scanner that forbids every address, and a scanner that allows every address."""
    groups, hosts = search
    every = [address for _, addresses in groups for address in addresses]
    return AddressScanner(dict(groups), (), hosts), AddressScanner({}, every, hosts)
