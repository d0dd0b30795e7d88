"""Keeps disk space in reserve for a closing: the file TARGET/reserve, which a closing deletes if the disk is full."""

from __future__ import annotations

import os
from pathlib import Path

from site_src.file_lock import open_own
from site_src.publish.manifest import Manifest

RESERVE = "reserve"
_BLOCK = 4096
_MODE = 0o600


def keep_reserve(target: Path, manifest: Manifest) -> tuple[str, ...]:
    """Makes the reserve as large as a release of this size, unless it is larger. Call it under the target's lock.

    Returns a message if that failed, for instance because the disk has no room for it. The reserve then stays as it was.
    """
    size = _size_of(manifest)
    try:
        _allocate(target / RESERVE, size)
    except OSError as error:
        mib = -(-size // 2**20)
        return (
            f"The disk space that is reserved for a closing is less than a release ({error.strerror}). Free {mib} MiB on the disk of {target}: a closing on a full disk could fail.",
        )
    return ()


def _allocate(file: Path, size: int) -> None:
    """Makes the file at least this large. Raises OSError, and then leaves it as it was: less is better than nothing."""
    descriptor = open_own(file, os.O_WRONLY | os.O_CREAT, _MODE)
    try:
        before = os.fstat(descriptor).st_size
        try:
            if before < size:
                os.posix_fallocate(descriptor, 0, size)
        except OSError:
            os.ftruncate(descriptor, before)
            if not before:
                file.unlink()
            raise
    finally:
        os.close(descriptor)


def spend_reserve(target: Path) -> bool:
    """Deletes the reserve. Returns False if there is none, or it cannot be deleted."""
    try:
        (target / RESERVE).unlink()
    except OSError:
        return False
    return True


def _size_of(manifest: Manifest) -> int:
    """Returns the bytes on the disk of a release without hard links: a block for each folder, and its files in whole blocks.

    A closing changes a part of the files, and links the others.
    """
    files = [*manifest.files.values(), *(manifest.hidden or {}).values()]
    folders = {path.rpartition("/")[0] for path in manifest.files}
    return _BLOCK * (2 * len(folders) + sum(-(-file.size // _BLOCK) for file in files))
