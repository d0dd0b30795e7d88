"""Writes a folder of files with fsync, reads it back, makes it visible by replacing a link, and deletes old ones.

Used by `dist` (a build on this machine) and `staging` (the published site).
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import accumulate
from pathlib import Path

from site_src.exit_codes import WrongUse
from site_src.file_lock import Wait, lock_file, open_own

MARKER = "made-by-quotabord"
FOLDER_MODE, FILE_MODE = 0o755, 0o644
_SYNCS_AT_ONCE = 8
# A task of a thread takes longer to start than most calls of fsync.
_SYNCED_TOGETHER = 16
Progress = Callable[[int, int], None]


class OutputRefused(WrongUse):
    """Raised if output may not be written to the given place. The message is for the user."""


@contextmanager
def lock(folder: Path, text: str, wait: Wait) -> Iterator[None]:
    """Locks the folder for one process at a time, and makes it if it is missing. Other processes wait, see `lock_file`.

    Locks the folder's marker file, which contains `text`. The file is never removed, so all processes lock the same one.
    """
    make_folder(folder)
    with lock_file(folder / MARKER, wait, text):
        yield


def make_folder(folder: Path) -> None:
    """Makes the folder unless it exists. Everyone may read it, but only its owner may write into it."""
    with suppress(FileExistsError):
        folder.mkdir(FOLDER_MODE)
        folder.chmod(FOLDER_MODE)


def is_ours_or_new(folder: Path) -> bool:
    """Returns True if the path does not exist, or is a folder that is empty or has the marker file. Raises OSError."""
    return not os.path.lexists(folder) or (
        folder.is_dir() and (not any(folder.iterdir()) or (folder / MARKER).is_file())
    )


def later_than(files: Iterable[Path]) -> int:
    """Returns the modification time for new files (seconds since 1970), which is later than that of each of `files`.

    This is the present time, or one second after the newest of `files` if that is later. A web server makes the ETag from
    the time in whole seconds and the size, so two versions of a page must never have the same second.
    """
    latest = 0
    for file in files:
        with suppress(OSError):
            latest = max(latest, int(file.stat().st_mtime))
    return max(int(time.time()), latest + 1)


def write_file(file: Path, data: bytes) -> Path:
    """Writes a new file that everyone may read. Returns its path. The file is durable only after `syncing`. Raises OSError."""
    with open(file, "xb") as new:
        os.fchmod(new.fileno(), FILE_MODE)
        new.write(data)
    return file


@contextmanager
def syncing(paths: Sequence[str | Path], progress: Progress | None = None) -> Iterator[None]:
    """Fsyncs these files and folders while the block runs. All are durable on exit. Raises OSError.

    Several threads call fsync at once, because a disk writes many changes almost as quickly as one.
    """
    from concurrent.futures import ThreadPoolExecutor

    shares = [paths[first : first + _SYNCED_TOGETHER] for first in range(0, len(paths), _SYNCED_TOGETHER)]
    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as threads:
        try:
            synced: Iterator[int] = threads.map(_sync_all, shares)
        except RuntimeError:  # The system cannot start a thread. Without threads, this is slower but as safe.
            synced = map(_sync_all, shares)
        yield
        for number in accumulate(synced):
            if progress:
                progress(number, len(paths))


def keep_file(file: Path, data: bytes) -> None:
    """Replaces the file in one step, or leaves it unchanged after an OSError. Call it under the lock of the file's folder.

    Use it only for files that nothing depends on. Without them, the next run takes longer or a monitor warns.
    """
    aside = file.with_name(f"{file.name}.unfinished")
    try:
        # Delete a file that a killed run left, or a link, so that nothing is written through a link.
        aside.unlink(missing_ok=True)
        with open(open_own(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as new:
            new.write(data)
        aside.replace(file)
    except OSError:
        # Delete the incomplete file, so that it does not fill the disk.
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def read_back(folder: Path, files: Mapping[str, bytes]) -> None:
    """Reads all files back from the disk, including linked ones. Raises OSError if the bytes of a file differ from those in `files`."""
    for path, data in files.items():
        if not holds(f"{folder}/{path}", data):
            raise OSError(
                errno.EIO, f"{path} was written, but reads back with different bytes, so check the disk"
            )


def holds(path: str, data: bytes) -> bool:
    """Returns True if the file has exactly these bytes. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        # One byte more, so that a longer file differs.
        return os.read(descriptor, len(data) + 1) == data
    finally:
        os.close(descriptor)


def folders_of(folder: Path) -> Iterator[Path]:
    """Yields every folder below the folder, the inner ones first, and last the folder itself."""
    for parent, _, _ in os.walk(folder, topdown=False):
        yield Path(parent)


def _sync_all(paths: Sequence[str | Path]) -> int:
    """Fsyncs the paths, and returns their number."""
    for path in paths:
        sync(path)
    return len(paths)


def sync(path: str | Path) -> None:
    """Fsyncs the content of a file, or the entries of a folder. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def switch_link(link: Path, target: Path, aside: Path) -> None:
    """Makes the link point to `target` in one step. Raises OSError.

    `target` is relative to the link's folder. `aside` is the name of a temporary link.
    """
    aside.unlink(missing_ok=True)
    aside.symlink_to(target)
    os.replace(aside, link)


def is_full(error: OSError) -> bool:
    """Returns True if the error means that the disk, or the user's quota on it, is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def sweep(folders: Iterable[Path]) -> None:
    """Deletes these folders. Deletes only the link if one of them is a link. Ignores OSError."""
    for folder in folders:
        # The next run tries again.
        with suppress(OSError):
            if folder.is_symlink() or not folder.is_dir():
                folder.unlink()
            else:
                shutil.rmtree(folder)
