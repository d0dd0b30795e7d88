"""One memo on the disk: what is slow to make, by a digest of all that it follows from.

No answer depends on it. A key holds the source of every module that the value follows from, the version of Python, and that of
each library; so a kept value is never that of other code.
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
    """Values that JSON can hold, by key. `used` has all that was asked for since the last `restart`."""

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        self._kept = kept or {}
        self._made_any = False
        self.used: dict[str, Any] = {}

    def get(self, key: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made now or kept under this key."""
        if key in self.used:
            return self.used[key]
        if key in self._kept:
            value = self._kept[key]
        else:
            value, self._made_any = make(), True
        self.used[key] = value
        return value

    def restart(self) -> None:
        """Forgets what was not asked for since the last call."""
        self._kept, self.used = self.used, {}

    def take_unsaved(self) -> bytes | None:
        """All that was asked for, as `load_memo` reads it, if anything was made since the last call; None otherwise.

        What is only no longer asked for stays in the file until then: a change of state must not write the texts of a whole site.
        """
        if not self._made_any:
            return None
        self._made_any = False
        return json.dumps(dict(sorted(self.used.items())), ensure_ascii=False).encode()


def load_memo(file: Path) -> Memo:
    """The memo that the file keeps; an empty one where the file is missing or cannot be understood."""
    try:
        kept = json.loads(file.read_bytes() if file.is_file() else b"{}")
    except (OSError, ValueError, RecursionError):
        # Nobody wrote this file by hand, and nothing is lost with it: it is made again.
        kept = {}
    return Memo(kept if isinstance(kept, dict) else {})


@cache
def fingerprint(*modules: str, libraries: tuple[str, ...] = ()) -> str:
    """A digest of the source of the modules, the version of Python, and the versions of the libraries.

    A package stands for all modules in it. Nothing is imported for that.
    """
    sources = [file.read_bytes() for name in modules for file in _files(name)]
    return digest(sys.version, *sources, *(f"{library} {version(library)}" for library in libraries))


def digest(*parts: str | bytes) -> str:
    """The SHA-256 of the parts in hexadecimal; other parts never give the same text."""
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
