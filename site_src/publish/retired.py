"""Finds conversation starter addresses that are no longer in use, in the content of each kept release.

An address that was changed, or that a roll-back takes out of use, still opens the old request. No page may have it, in any state.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from site_src.publish.releases import INPUTS, release_folders
from site_src.read.settings import PROGRAMMES, programme_id
from site_src.read.tree import load_tree

# The key with everything that is indented below it, or in braces after it.
_BLOCK = re.compile(
    rb"^[\"']?conversation_starter[\"']?[ \t]*:[^\n]*(?:\n(?:[ \t#}][^\n]*)?(?![^\n]))*", re.MULTILINE
)
_COMMENT = re.compile(rb"(?:^|(?<=\s))#[^\n]*", re.MULTILINE)
_ADDRESS = re.compile(rb"https://[^\s\"'{}]+", re.IGNORECASE)


def find_retired(
    target: Path, own: Mapping[str, bytes], present: Mapping[str, bytes] = MappingProxyType({})
) -> dict[str, tuple[str, ...]]:
    """The addresses, sorted, by programme, that are in a kept release of the target or in `present`, and not in the content `own`.

    Skips files that cannot be read: their content cannot be published again either.
    """
    current = {address for _, address in _addresses(own)}
    found: dict[str, set[str]] = {}
    kept = (load_tree(folder / INPUTS, (PROGRAMMES,)).files for folder in release_folders(target))
    for files in (*kept, present):
        for programme, address in _addresses(files):
            if address not in current:
                found.setdefault(programme, set()).add(address)
    return {programme: tuple(sorted(addresses)) for programme, addresses in sorted(found.items())}


def _addresses(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    for path, data in files.items():
        if programme := programme_id(path):
            yield from ((programme, address) for address in _starters(data))


# Releases share these files, and a resident publisher reads them at each publish.
@lru_cache(maxsize=256)
def _starters(data: bytes) -> tuple[str, ...]:
    """The addresses in the file's block `conversation_starter`; errors elsewhere in the file do not delay a closing."""
    block = _BLOCK.search(data.replace(b"\r\n", b"\n"))
    found = _ADDRESS.findall(_COMMENT.sub(b"", block[0])) if block else []
    return tuple(address.decode("ascii", errors="replace").rstrip(",") for address in found)
