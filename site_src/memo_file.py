"""The memo on the disk: an SQLite file of JSON values by key, read value by value and written in one transaction.

Everything in it can be computed again, so a file that cannot be used is treated as missing, and the next run replaces it. It is
not used if another user owns it or may write to it, or if it is a link. Each value carries a digest, so a damaged one is
computed again.
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
_MODE = 0o600
_DIGEST = 8
# So many new values are written at once.
BATCH = 400
_SECONDS = 0.2  # how long to wait for another process that reads or writes the file
# More values than this beside the used ones, or as many as these, and the unused ones are dropped.
_SPARE = 2000
_TABLE = "CREATE TABLE IF NOT EXISTS memo(key TEXT PRIMARY KEY, value BLOB)"


def load_memo(file: Path, batch: int | None = None) -> Memo:
    """The memo in the file; an empty one if the file is missing or not only ours. `batch` is that of `Memo`."""
    return Memo(MemoFile(file), batch)


class MemoFile:
    """The values in the file."""

    def __init__(self, file: Path) -> None:
        self._file, self._is_new = file, True
        self._base: sqlite3.Connection | None = None

    def get(self, key: str, /) -> Any:
        """The value; None if there is none, or if it is damaged."""
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
        """Keeps the values of `made`, and drops unused ones once there are many. Replaces a damaged file; deletes it if that fails too.

        There is no journal file and no fsync: if the process or the power ends meanwhile, the digests find what is damaged.
        """
        self._close()
        self._is_new = True
        try:
            try:
                self._insert(made, used)
            except sqlite3.Error:
                # The file may be damaged, and all of it can be computed again.
                self._file.unlink(missing_ok=True)
                self._insert(made, used)
        except (OSError, sqlite3.Error):
            # Part of a file must not keep the disk full.
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
                place = f"{self._file.absolute().as_uri()}?mode=ro"
                # Another thread may drop the object, and so close the file; only one thread uses it.
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
    """True if it is a regular file that belongs to this user, and that no other user may write to."""
    try:
        status = os.lstat(file)
    except OSError:
        return False
    return (
        stat.S_ISREG(status.st_mode)
        and not stat.S_IMODE(status.st_mode) & (stat.S_IWGRP | stat.S_IWOTH)
        and (not hasattr(os, "geteuid") or status.st_uid == os.geteuid())
    )
