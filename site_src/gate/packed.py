"""Checks that a packed file contains exactly another file and nothing else."""

from __future__ import annotations

import zlib

_GZIP = 31  # zlib's name for the format of RFC 1952
_FLAGS = 3


def is_packed_form(packed: bytes, original: bytes) -> bool:
    """True if `packed` is one gzip member (RFC 1952) of `original`, without a name, comment or other field of its own."""
    if len(packed) <= _FLAGS or packed[_FLAGS]:
        return False
    reader = zlib.decompressobj(_GZIP)
    try:
        text = reader.decompress(packed, len(original) + 1)
    except zlib.error:
        return False
    return text == original and reader.eof and not reader.unused_data
