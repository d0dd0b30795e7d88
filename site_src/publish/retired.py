"""Finds retired addresses of conversation starters: those in a kept release or the present content that another content lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from site_src.publish.releases import INPUTS, release_folders
from site_src.read.settings import PROGRAMMES, programme_id
from site_src.read.tree import load_tree

# The key `conversation_starter`, with all text that is indented below it or in braces after it.
_BLOCK = re.compile(
    rb"^[\"']?conversation_starter[\"']?[ \t]*:[^\n]*(?:\n(?:[ \t#}][^\n]*)?(?![^\n]))*", re.MULTILINE
)
_COMMENT = re.compile(rb"(?:^|(?<=\s))#[^\n]*", re.MULTILINE)
_ADDRESS = re.compile(rb"https://[^\s\"'{}]+", re.IGNORECASE)


def find_retired(
    target: Path, own: Mapping[str, bytes], present: Mapping[str, bytes] = MappingProxyType({})
) -> dict[str, tuple[str, ...]]:
    """Maps each programme to its retired addresses, sorted: those in `present` or in a kept release, but not in `own`.

    Skips files that cannot be read, because their content cannot be published again either.
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


# Most releases contain the same files, and a resident publisher reads them at each publish.
@lru_cache(maxsize=256)
def _starters(data: bytes) -> tuple[str, ...]:
    """Returns the addresses in the file's block `conversation_starter`, even if other parts of the file have errors."""
    block = _BLOCK.search(data.replace(b"\r\n", b"\n"))
    found = _ADDRESS.findall(_COMMENT.sub(b"", block[0])) if block else []
    return tuple(address.decode("ascii", errors="replace").rstrip(",") for address in found)
