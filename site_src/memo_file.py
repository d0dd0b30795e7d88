"""Keeps the memo on the disk: an SQLite file of JSON values by key, read value by value and written in one transaction. Also finds
the user's cache folder (XDG_CACHE_HOME), for commands that write nothing into the project.

Everything in the file can be computed again. A file that cannot be used is treated as missing, and the next run
replaces it. The file is not used if it is a link, or if another user owns it or may write to it. Each value has a
digest, so a damaged value is computed again.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Collection, Mapping
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

from site_src.cache import Memo

MEMO_FILE = "memo.sqlite"
_MODE, _FOLDER_MODE = 0o600, 0o700
_DIGEST = 8
# The number of new values that are written at once.
BATCH = 400
_SECONDS = 0.2  # how long to wait for another process that reads or writes the file
# Unused values are dropped if the file has more values than twice the used ones and this number.
_SPARE = 2000
_TABLE = "CREATE TABLE IF NOT EXISTS memo(key TEXT PRIMARY KEY, value BLOB)"


def load_memo(file: Path, batch: int | None = None) -> Memo:
    """Returns the memo in the file, with `batch` as in `Memo`.

    The memo is empty if the file is missing or another user may write to it.
    """
    return Memo(MemoFile(file), batch)


class MemoFile:
    """The values in the file."""

    def __init__(self, file: Path) -> None:
        self._file, self._is_new = file, True
        self._base: sqlite3.Connection | None = None

    def get(self, key: str, /) -> Any:
        """Returns the value of the key, or None if it has no value or a damaged one."""
        if self._is_new:
            self._open()
        if self._base is None:
            return None
        try:
            row = self._base.execute("SELECT value FROM memo WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error:
            self._close()
            return None
        if row is None or not isinstance(row[0], bytes) or row[0][:_DIGEST] != _sign(key, row[0][_DIGEST:]):
            return None
        return json.loads(row[0][_DIGEST:])

    def write(self, made: Mapping[str, Any], used: Collection[str] | None, /) -> None:
        """Keeps the values of `made`, and drops unused values if there are many.

        Replaces a damaged file, or else deletes it. There is no journal file and no fsync: if the process or the power
        fails, the digests reveal damaged values.
        """
        self._close()
        self._is_new = True
        try:
            try:
                self._insert(made, used)
            except sqlite3.Error:
                # The file may be damaged. All of it can be computed again.
                self._file.unlink(missing_ok=True)
                self._insert(made, used)
        except (OSError, sqlite3.Error):
            # A partly written file must not keep the disk full.
            with suppress(OSError):
                self._file.unlink(missing_ok=True)

    def _insert(self, made: Mapping[str, Any], used: Collection[str] | None) -> None:
        if not _is_own(self._file):
            self._file.unlink(missing_ok=True)
            os.close(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE))
        with closing(sqlite3.connect(self._file, timeout=_SECONDS)) as base, base:
            base.execute("PRAGMA synchronous = OFF")
            base.execute("PRAGMA journal_mode = MEMORY")
            base.execute(_TABLE)
            base.executemany("INSERT OR REPLACE INTO memo VALUES (?, ?)", map(_row, made.items()))
            (there,) = base.execute("SELECT count(*) FROM memo").fetchone()
            if used is not None and there > 2 * len(used) + _SPARE:
                base.execute("CREATE TEMP TABLE used(key TEXT PRIMARY KEY) WITHOUT ROWID")
                base.executemany("INSERT INTO used VALUES (?)", ((key,) for key in used))
                base.execute("DELETE FROM memo WHERE key NOT IN (SELECT key FROM used)")

    def _open(self) -> None:
        self._is_new = False
        if _is_own(self._file):
            with suppress(sqlite3.Error):
                # With "immutable", SQLite takes no locks, which take longer than a look-up. If another process writes at
                # the same time, a value may be damaged. Its digest then does not match.
                place = f"{self._file.absolute().as_uri()}?mode=ro&immutable=1"
                # Another thread may drop the object, which closes the file. Only one thread uses it.
                self._base = sqlite3.connect(place, uri=True, timeout=_SECONDS, check_same_thread=False)

    def _close(self) -> None:
        if self._base is not None:
            self._base.close()
            self._base = None

    def __del__(self) -> None:
        """Closes the file."""
        self._close()


def _row(item: tuple[str, Any]) -> tuple[str, bytes]:
    data = json.dumps(item[1], ensure_ascii=False).encode()
    return item[0], _sign(item[0], data) + data


def _sign(key: str, data: bytes) -> bytes:
    return blake2b(key.encode() + data, digest_size=_DIGEST).digest()


def _is_own(file: Path) -> bool:
    """Returns True if the path is a regular file that belongs to this user and that no other user may write to."""
    try:
        status = os.lstat(file)
    except OSError:
        return False
    return (
        stat.S_ISREG(status.st_mode)
        and not stat.S_IMODE(status.st_mode) & (stat.S_IWGRP | stat.S_IWOTH)
        and (not hasattr(os, "geteuid") or status.st_uid == os.geteuid())
    )


def load_user_memo(name: str) -> Memo:
    """Returns the memo with this name in the user's cache (XDG_CACHE_HOME, or ~/.cache).

    If the cache cannot be used, returns a memo that exists only in memory.
    """
    folder = _find_folder()
    if folder is None:
        return Memo()
    with suppress(OSError):
        folder.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
    return load_memo(folder / f"{name}.sqlite")


def _find_folder() -> Path | None:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    # The XDG Base Directory Specification requires that a relative path is ignored.
    return Path(base, "quotabord") if os.path.isabs(base) else None
