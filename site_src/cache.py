"""A memo of values that are slow to compute, by a digest of everything they depend on; kept on the disk by `memo_file`.

Results are the same with and without it. A key covers the source of every module that computes the value, and the
versions of Python and of each library, so a value that other code computed is never returned.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import TZPATH

_CODE = os.path.dirname(__file__)
_PACKED = ("site-packages", "dist-packages")


class Values(Protocol):
    """JSON values by key that an earlier process computed."""

    def get(self, key: str, /) -> Any:
        """The value; None if there is none."""

    def write(self, made: Mapping[str, Any], used: Collection[str] | None, /) -> None:
        """Keeps the values of `made`; values whose key is not in `used` may be dropped. None keeps all."""


class Memo:
    """JSON values by key, other than None. Without `kept`, it lasts as long as the process.

    With `batch`, new values are written as soon as there are so many, so that memory does not grow with the site; use it under
    the lock of the file's folder.
    """

    def __init__(self, kept: Values | None = None, batch: int | None = None) -> None:
        self._kept, self._batch = kept, batch
        self._made: dict[str, Any] = {}
        self._used: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return self.find(key) is not None

    def get(self, key: str, make: Callable[[], Any]) -> Any:
        """The value kept under this key; if there is none, the result of `make`, which is then kept."""
        value = self.find(key)
        if value is None:
            value = make()
            self.keep(key, value)
        return value

    def find(self, key: str) -> Any:
        """The value kept under this key; None if there is none."""
        self._used.add(key)
        value = self._made.get(key)
        return self._kept.get(key) if value is None and self._kept else value

    def keep(self, key: str, value: Any) -> None:
        """Keeps the value under this key."""
        self._made[key] = value
        if self._kept and self._batch and len(self._made) >= self._batch:
            self._write(None)

    def restart(self) -> None:
        """Drops the values that were not requested since the last call."""
        self._made = {key: value for key, value in self._made.items() if key in self._used}
        self._used = set()

    def save(self) -> None:
        """Writes new values to the disk, if the memo is kept there; call it under the lock of the file's folder.

        Writes nothing if a source file changed since this process started: it may have imported both old and new modules.
        """
        if self._kept and self._made:
            self._write(self._used)

    def _write(self, used: Collection[str] | None) -> None:
        if self._kept and _stat_code() == _AT_START:
            self._kept.write(self._made, used)
            self._made = {}


@cache
def fingerprint(*modules: str, libraries: tuple[str, ...] = ()) -> str:
    """A digest of the source of the modules, the version of Python, and the versions of the libraries.

    A package name includes all modules below the package. Nothing is imported. If a source file changed since this process
    started, the digest is one of a kind, because the process does not run the code that is on the disk.
    """
    sources = [file.read_bytes() for name in modules for file in _files(name)]
    changed = [] if _stat_code() == _AT_START else [os.urandom(16)]
    return digest(sys.version, *sources, *(_version(library) for library in libraries), *changed)


@cache
def fingerprint_all() -> str:
    """`fingerprint` of all modules, with every installed library and the system's time zones."""
    return digest(fingerprint("site_src"), *list_libraries(), *list_zone_data())


def digest(*parts: str | bytes) -> str:
    """The SHA-256 of the parts in hexadecimal; each part is hashed with its length, so moving a boundary changes it."""
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(b"%d:" % len(data) + data)
    return found.hexdigest()


def _version(library: str) -> str:
    """The folder names of that installed library, with their versions; importlib.metadata takes longer to import."""
    names = [name for name in list_libraries() if name.lower().startswith(f"{library}-")]
    if not names:
        from importlib.metadata import version

        names = [f"{library} {version(library)}"]
    return " ".join(names)


@cache
def list_libraries() -> list[str]:
    """The installed libraries with their versions, by the names of their folders."""
    folders = [folder for folder in sys.path if os.path.basename(folder) in _PACKED and os.path.isdir(folder)]
    return sorted(
        f"{name} {os.stat(f'{folder}/{name}').st_mtime_ns}"
        for folder in folders
        for name in os.listdir(folder)
        if name.endswith((".dist-info", ".egg-info", ".pth"))
    )


def list_zone_data() -> list[str]:
    """Where the system's time zones are, and when each of their tables was changed; events are in local time."""
    tables = (f"{folder}/{name}" for folder in TZPATH for name in ("tzdata.zi", "+VERSION", "zone1970.tab"))
    return [*TZPATH, *(f"{table} {os.stat(table).st_mtime_ns}" for table in tables if os.path.exists(table))]


def _files(module: str) -> list[Path]:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    file = Path(spec.origin)
    return sorted(file.parent.rglob("*.py")) if spec.submodule_search_locations else [file]


def _stat_code() -> dict[str, tuple[int, ...]]:
    """Size, times and inode of each source file: they differ if the file was written or replaced."""
    return {
        entry.path: (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        for entry in _scan(_CODE)
        if entry.name.endswith(".py")
        for status in (entry.stat(),)
    }


def _scan(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _scan(entry.path)
            else:
                yield entry


# Before anything is computed, so that what old modules compute is never kept as a value of new ones.
_AT_START = _stat_code()
