"""A memo on disk of values that are slow to compute, by a digest of everything they depend on.

Results are the same with and without it. A key covers the source of every module that computes the value, and the
versions of Python and of each library, so a value that other code computed is never returned.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

MEMO_FILE = "converted-texts.json"


class Memo:
    """JSON values by key. `used` has the values that were requested since the last `restart`."""

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        self._kept = kept or {}
        self._made_any = False
        self.used: dict[str, Any] = {}

    def __contains__(self, key: str) -> bool:
        return key in self.used or key in self._kept

    def get(self, key: str, make: Callable[[], Any]) -> Any:
        """The value kept under this key; if there is none, the result of `make`, which is then kept."""
        if key in self.used:
            return self.used[key]
        if key in self._kept:
            value = self._kept[key]
        else:
            value, self._made_any = make(), True
        self.used[key] = value
        return value

    def restart(self) -> None:
        """Drops the values that were not requested since the last call."""
        self._kept, self.used = self.used, {}

    def take_unsaved(self) -> bytes | None:
        """The requested values, as `load_memo` reads them, if any was computed since the last call; else None.

        Values that are no longer requested stay in the file until then, because a change of state must not rewrite the
        texts of a whole site.
        """
        if not self._made_any:
            return None
        self._made_any = False
        return json.dumps(dict(sorted(self.used.items())), ensure_ascii=False).encode()


def load_memo(file: Path) -> Memo:
    """The memo in the file; an empty one if the file is missing or cannot be parsed."""
    try:
        kept = json.loads(file.read_bytes() if file.is_file() else b"{}")
    except (OSError, ValueError, RecursionError):
        # Only this program writes the file, and everything in it can be computed again.
        kept = {}
    return Memo(kept if isinstance(kept, dict) else {})


@cache
def fingerprint(*modules: str, libraries: tuple[str, ...] = ()) -> str:
    """A digest of the source of the modules, the version of Python, and the versions of the libraries.

    A package name includes all modules in the package. Nothing is imported.
    """
    sources = [file.read_bytes() for name in modules for file in _files(name)]
    return digest(sys.version, *sources, *(f"{library} {version(library)}" for library in libraries))


def digest(*parts: str | bytes) -> str:
    """The SHA-256 of the parts in hexadecimal; each part is hashed with its length, so moving a boundary changes it."""
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(b"%d:" % len(data) + data)
    return found.hexdigest()


def _files(module: str) -> list[Path]:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    file = Path(spec.origin)
    return sorted(file.parent.glob("*.py")) if spec.submodule_search_locations else [file]
