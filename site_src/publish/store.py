"""Writes folders that become visible when one link is replaced: writes the files, with hard links and fsync, reads them back,
deletes old folders.

Used by `dist` (a build on this machine) and `releases` (the published site).
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import accumulate
from pathlib import Path

from site_src.file_lock import Wait, lock_file, open_own

MARKER = "made-by-quotabord"
FOLDER_MODE, FILE_MODE = 0o755, 0o644
# For a folder that is being written: no other user may write into it, whatever the umask is.
_PRIVATE_MODE = 0o700
# These errors mean that a hard link is impossible (another file system, no support, too many links), so the file is written.
_NO_LINKS = frozenset({errno.EXDEV, errno.EMLINK, errno.EPERM, errno.ENOTSUP, errno.ENOSYS})
_SYNCS_AT_ONCE = 8
# A task of a thread takes longer to start than most calls of fsync.
_SYNCED_TOGETHER = 16
Progress = Callable[[int, int], None]


class OutputRefused(Exception):
    """Raised, with a message for people, when output may not be written to the given place."""


@contextmanager
def lock(folder: Path, text: str, wait: Wait) -> Iterator[None]:
    """Locks the folder for one process at a time, and makes the folder if it is missing. Other processes wait, see `lock_file`.

    The lock is the folder's marker file, which contains `text`. It is never removed, so all processes lock the same file.
    """
    make_folder(folder)
    with lock_file(folder / MARKER, wait, text):
        yield


def make_folder(folder: Path) -> None:
    """Makes the folder, unless it exists, with a mode that lets everyone read it and only its owner write."""
    with suppress(FileExistsError):
        folder.mkdir(FOLDER_MODE)
        folder.chmod(FOLDER_MODE)


def is_ours_or_new(folder: Path) -> bool:
    """Returns True if nothing has this path, or if it is a folder that is empty or has our marker. Raises OSError."""
    return not os.path.lexists(folder) or (
        folder.is_dir() and (not any(folder.iterdir()) or (folder / MARKER).is_file())
    )


def write_tree(folder: Path, files: Mapping[str, bytes]) -> None:
    """Makes the folder with these files. A web server can read all of them, whatever the umask is. Raises OSError."""
    folder.mkdir(_PRIVATE_MODE)
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "xb") as file:
            file.write(data)
        target.chmod(FILE_MODE)
    for made in folders_of(folder):
        made.chmod(FOLDER_MODE)


def write_linked_tree(
    folder: Path,
    files: Mapping[str, bytes],
    like: Sequence[Path],
    times: int | Mapping[str, int],
    progress: Progress | None = None,
) -> list[str]:
    """Makes the folder like `write_tree`, with a hard link for each file that has the same bytes in one of the folders `like`.

    Returns the paths of the other files and of the folders, which are durable only after `syncing`. The modification time of the
    other files is `times` (seconds since 1970), from which a web server makes its ETag. If `times` is by path, a file is linked
    only if it has that time as well. Raises OSError.
    """
    folder.mkdir(FOLDER_MODE)
    new = list[str]()
    made = {"": str(folder)}
    for number, (path, data) in enumerate(files.items()):
        parent, _, _ = path.rpartition("/")
        if parent not in made:
            _make_folders(folder, parent, made)
        target = f"{folder}/{path}"
        exact = None if isinstance(times, int) else times[path]
        if not any(_linked(f"{other}/{path}", target, data, exact) for other in like):
            with open(target, "xb") as file:
                os.fchmod(file.fileno(), FILE_MODE)
                file.write(data)
                file.flush()
                seconds = times if isinstance(times, int) else times[path]
                os.utime(file.fileno(), (seconds, seconds))
            new.append(target)
        if progress:
            progress(number + 1, len(files))
    # The umask is the same for all folders.
    if stat.S_IMODE(os.stat(folder).st_mode) != FOLDER_MODE:
        for each in reversed(made.values()):
            os.chmod(each, FOLDER_MODE)
    return [*new, *reversed(made.values())]


def _make_folders(folder: Path, path: str, made: dict[str, str]) -> None:
    """Makes the folder `path` below `folder`, after the folders above it. Adds all of them to `made`, by path."""
    above, _, _ = path.rpartition("/")
    if above not in made:
        _make_folders(folder, above, made)
    made[path] = f"{folder}/{path}"
    os.mkdir(made[path], FOLDER_MODE)


def later_than(files: Iterable[Path]) -> int:
    """Returns the modification time (seconds since 1970) for new files: now, or a second after the latest of `files` if that is
    later.

    A web server makes its ETag from whole seconds and the size, so two versions of a page must never share a second.
    """
    latest = 0
    for file in files:
        with suppress(OSError):
            latest = max(latest, int(file.stat().st_mtime))
    return max(int(time.time()), latest + 1)


def write_file(file: Path, data: bytes) -> Path:
    """Writes a new file that everyone may read, and returns its path. The file is durable only after `syncing`. Raises OSError."""
    with open(file, "xb") as new:
        os.fchmod(new.fileno(), FILE_MODE)
        new.write(data)
    return file


@contextmanager
def syncing(paths: Sequence[str | Path], progress: Progress | None = None) -> Iterator[None]:
    """Fsyncs these files and folders while the block runs. All are durable after it. Raises OSError.

    Several threads call fsync at once, because a disk writes many changes together almost as quickly as one.
    """
    from concurrent.futures import ThreadPoolExecutor

    shares = [paths[first : first + _SYNCED_TOGETHER] for first in range(0, len(paths), _SYNCED_TOGETHER)]
    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as threads:
        try:
            synced: Iterator[int] = threads.map(_sync_all, shares)
        except RuntimeError:  # The system cannot start a new thread. This is slower, and as safe.
            synced = map(_sync_all, shares)
        yield
        for number in accumulate(synced):
            if progress:
                progress(number, len(paths))


def keep_file(file: Path, data: bytes) -> None:
    """Replaces the file completely or not at all. Call it under the lock of its folder. Ignores OSError.

    Use it only for files that nothing depends on: without them the next run takes longer, or a monitor warns.
    """
    aside = file.with_name(f"{file.name}.unfinished")
    try:
        # Delete what a killed run left, or a link that was put there, so that nothing is written through a link.
        aside.unlink(missing_ok=True)
        with open(open_own(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as new:
            new.write(data)
        aside.replace(file)
    except OSError:
        # Delete the partial file, so that it does not fill the disk.
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def read_back(folder: Path, files: Mapping[str, bytes]) -> None:
    """Reads every file from the disk, linked files too. Raises OSError if its bytes differ from those of `files`."""
    for path, data in files.items():
        if not _holds(f"{folder}/{path}", data):
            raise OSError(errno.EIO, f"{path} does not read back as it was written, so check the disk")


def _holds(path: str, data: bytes) -> bool:
    """Returns True if the file has exactly these bytes. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        # One byte more, so that a longer file differs.
        return os.read(descriptor, len(data) + 1) == data
    finally:
        os.close(descriptor)


def folders_of(folder: Path) -> Iterator[Path]:
    """Returns the folder and every folder below it, the inner ones first."""
    for parent, _, _ in os.walk(folder, topdown=False):
        yield Path(parent)


def _sync_all(paths: Sequence[str | Path]) -> int:
    """Fsyncs the paths, and returns their number."""
    for path in paths:
        sync(path)
    return len(paths)


def sync(path: str | Path) -> None:
    """Fsyncs a file's content, or what was made, renamed or deleted in a folder. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def switch_link(link: Path, target: Path, aside: Path) -> None:
    """Makes the link point to `target` (relative to its folder) in one step. `aside` is a free name. Raises OSError."""
    aside.unlink(missing_ok=True)
    aside.symlink_to(target)
    os.replace(aside, link)


def is_full(error: OSError) -> bool:
    """Returns True if the disk, or the user's quota on it, has no room for more bytes or files."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def sweep(folders: Iterable[Path]) -> None:
    """Deletes folders that are no longer used; of a link, deletes only the link itself. Leaves what cannot be deleted."""
    for folder in folders:
        # The next run tries again to delete it.
        with suppress(OSError):
            if folder.is_symlink() or not folder.is_dir():
                folder.unlink()
            else:
                shutil.rmtree(folder)


def _linked(old: str, new: str, data: bytes, modified: int | None) -> bool:
    try:
        status = os.lstat(old)
        if not (
            stat.S_IMODE(status.st_mode) == FILE_MODE
            and status.st_size == len(data)
            and stat.S_ISREG(status.st_mode)
            and modified in (None, int(status.st_mtime))
        ):
            return False
        if not _holds(old, data):
            return False
    except OSError:
        # The old file is missing or cannot be read, so the new one is written.
        return False
    try:
        os.link(old, new)
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    return True
