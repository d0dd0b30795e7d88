"""Makes compressed twins: a `.gz` file next to each text file, which a web server sends unchanged to clients that accept gzip.

A web server that compresses each response itself sends less than half as many responses per second.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Mapping

ENDING = ".gz"
_PACKED = frozenset({".css", ".html", ".ics", ".json", ".svg", ".txt", ".xml"})
# In bytes. Compressing a smaller file saves less than one network packet.
_SMALLEST = 256


def add_twins(
    files: Mapping[str, bytes], find: Callable[[str, bytes], bytes | None] = lambda _path, _data: None
) -> dict[str, bytes]:
    """Returns the files, and a twin for each text file of at least 256 bytes, sorted by path. Equal files give equal twins.

    `find` gets a path and the file's bytes, and returns a known twin of these bytes or None. This is faster than
    compressing them again.
    """
    twins = {
        f"{path}{ENDING}": find(path, data) or gzip.compress(data, 9, mtime=0)
        for path, data in files.items()
        if _is_packed(path, data)
    }
    return dict(sorted({**files, **twins}.items()))


def is_twin(path: str) -> bool:
    """Returns True if this is the path of a compressed twin."""
    return path.endswith(ENDING)


def _is_packed(path: str, data: bytes) -> bool:
    return len(data) >= _SMALLEST and os.path.splitext(path)[1] in _PACKED
