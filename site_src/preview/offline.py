"""Writes a site to a folder with relative addresses, so that a browser can open it without a web server."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

_ADDRESS = re.compile(r'(?<=\s)(href|src|srcset)="/(?!/)([^"#?]*)([^"]*)"')


def write_offline(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes the files of a site below the folder, with relative addresses."""
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(make_relative(path, data))


def make_relative(path: str, data: bytes) -> bytes:
    """Returns the page with relative addresses, which work in a folder without a web server. Returns other files unchanged."""
    if not path.endswith(".html"):
        return data

    def relative(found: re.Match[str]) -> str:
        target = f"{found[2]}index.html" if found[2].endswith("/") or not found[2] else found[2]
        return f'{found[1]}="{posixpath.relpath(target, posixpath.dirname(path) or ".")}{found[3]}"'

    return _ADDRESS.sub(relative, data.decode()).encode()
