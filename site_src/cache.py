"""A memo of values that are slow to compute: its keys (`digest`), and the fingerprint of the code that computes a value.

`memo_file` keeps it on the disk. Results are the same with and without it. A key covers the source of every module that
computes the value, and the versions of Python and of each library, so a value that other code computed is never
returned.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any, Protocol
from zoneinfo import TZPATH

_CODE = os.path.dirname(__file__)
_PACKED = ("site-packages", "dist-packages")


class Values(Protocol):
    """JSON values by key that an earlier process computed."""

    def get(self, key: str, /) -> Any:
        """Returns the value of the key, or None if it has no value."""

    def write(self, made: Mapping[str, Any], used: Collection[str] | None, /) -> None:
        """Keeps the values of `made`. May drop values whose key is not in `used`. Keeps all if `used` is None."""


class Memo:
    """JSON values by key. None is not a value. Without `kept`, the memo lasts as long as the process.

    With `batch`, writes new values after every `batch` values, so that memory does not grow with the site. Use `batch`
    only under the lock of the file's folder. After `stay`, values stay in memory that were read or written
    since the write before the last one.
    """

    def __init__(self, kept: Values | None = None, batch: int | None = None) -> None:
        self._kept, self._batch = kept, batch
        self._made: dict[str, Any] = {}
        # What stays in memory: since the last write, and between the two last writes.
        self._newer: dict[str, Any] | None = None
        self._older: dict[str, Any] = {}
        self._used: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return self.find(key) is not None

    def get(self, key: str, make: Callable[[], Any]) -> Any:
        """Returns the value kept under this key. If it has no value, calls `make`, and keeps and returns the result."""
        value = self.find(key)
        if value is None:
            value = make()
            self.keep(key, value)
        return value

    def find(self, key: str) -> Any:
        """Returns the value kept under this key, or None if it has no value."""
        self._used.add(key)
        value = self._made.get(key)
        if value is not None or not self._kept:
            return value
        if self._newer is None:
            return self._kept.get(key)
        value = self._newer.get(key)
        if value is None:
            value = self._older.get(key)
            value = self._kept.get(key) if value is None else value
            if value is not None:
                self._newer[key] = value
        return value

    def keep(self, key: str, value: Any) -> None:
        """Keeps the value under this key."""
        self._made[key] = value
        if self._kept and self._batch and len(self._made) >= self._batch:
            self._write(None)

    def stay(self) -> None:
        """Makes the memo keep values in memory after it has read or written them, for a process that needs them repeatedly."""
        self._newer = {}

    def restart(self) -> None:
        """Drops the values that were not requested since the last call."""
        self._made = {key: value for key, value in self._made.items() if key in self._used}
        self._used = set()

    def save(self) -> None:
        """Writes new values to the disk, if the memo is kept there. Call it under the lock of the file's folder.

        Writes nothing if a source file changed since this process started: the process may have imported both old and
        new modules.
        """
        if self._kept and self._made:
            self._write(self._used)

    def _write(self, used: Collection[str] | None) -> None:
        if self._kept and _stat_code() == _AT_START:
            self._kept.write(self._made, used)
            if self._newer is not None:
                self._older, self._newer = self._newer, self._made
            self._made = {}


@cache
def fingerprint(*modules: str, libraries: tuple[str, ...] = ()) -> str:
    """Returns a digest of the source of the modules, the version of Python, and the versions of the libraries.

    A package name includes all modules below the package. Nothing is imported. If a source file changed since this
    process started, the digest is unique, because the process does not run the code that is on the disk.
    """
    sources = [_read(file) for name in modules for file in _files(name)]
    changed = [] if _stat_code() == _AT_START else [os.urandom(16)]
    return digest(sys.version, *sources, *(_version(library) for library in libraries), *changed)


@cache
def fingerprint_all() -> str:
    """Returns the `fingerprint` of all modules, with every installed library and the system's time zones."""
    return digest(fingerprint("site_src"), *list_libraries(), *list_zone_data())


def digest(*parts: str | bytes) -> str:
    """Returns the SHA-256 of the parts, in hexadecimal.

    Each part is hashed with its length, so moving a boundary changes the digest.
    """
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(b"%d:" % len(data) + data)
    return found.hexdigest()


def _version(library: str) -> str:
    """Returns the folder names of the installed library, with their versions.

    Does not import importlib.metadata, which is slow.
    """
    names = [name for name in list_libraries() if name.lower().startswith(f"{library}-")]
    if not names:
        from importlib.metadata import version

        names = [f"{library} {version(library)}"]
    return " ".join(names)


@cache
def list_libraries() -> list[str]:
    """Returns the folder names of the installed libraries, with their versions."""
    folders = [folder for folder in sys.path if os.path.basename(folder) in _PACKED and os.path.isdir(folder)]
    return sorted(
        f"{name} {os.stat(f'{folder}/{name}').st_mtime_ns}"
        for folder in folders
        for name in os.listdir(folder)
        if name.endswith((".dist-info", ".egg-info", ".pth"))
    )


def list_zone_data() -> list[str]:
    """Returns the paths of the system's time zone tables and when each was changed, because the log has local times."""
    tables = (f"{folder}/{name}" for folder in TZPATH for name in ("tzdata.zi", "+VERSION", "zone1970.tab"))
    return [*TZPATH, *(f"{table} {os.stat(table).st_mtime_ns}" for table in tables if os.path.exists(table))]


def _files(module: str) -> list[str]:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    if not spec.submodule_search_locations:
        return [spec.origin]
    return sorted(entry.path for entry in _scan(os.path.dirname(spec.origin)) if entry.name.endswith(".py"))


def _read(file: str) -> bytes:
    with open(file, "rb", buffering=0) as source:  # pathlib takes twice as long, which matters for 250 files
        return source.read()


def _stat_code() -> dict[str, tuple[int, ...]]:
    """Returns the size, times and inode of each source file, which differ if the file was written or replaced."""
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


# Taken before anything is computed, so that the result of an old module is never kept as the result of a new one.
_AT_START = _stat_code()
