"""Packed twins: a `.gz` beside each text file, which a web server sends as it is to readers that accept it.

Packing on the way costs a web server more than half of its answers per second.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import lru_cache
from pathlib import PurePosixPath

ENDING = ".gz"
_PACKED = frozenset({".css", ".html", ".ics", ".json", ".svg", ".txt", ".xml"})
# Below this, packing saves less than one packet.
_SMALLEST = 256


def add_twins(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files, with a twin beside each text of some length; the same files give the same bytes."""
    twins = {f"{path}{ENDING}": _pack(data) for path, data in files.items() if _is_packed(path, data)}
    return dict(sorted({**files, **twins}.items()))


def is_twin(path: str) -> bool:
    """True for the path of a packed twin."""
    return path.endswith(ENDING)


def _is_packed(path: str, data: bytes) -> bool:
    return PurePosixPath(path).suffix in _PACKED and len(data) >= _SMALLEST


# A resident publisher packs the same pages at each publish.
@lru_cache(maxsize=4096)
def _pack(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)
