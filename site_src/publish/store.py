"""Trees of files that become visible when one link is replaced: write them aside, fsync, read them back, delete old ones.

Shared by `dist` (a build on this machine) and `releases` (the published site).
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from site_src.file_lock import Wait, lock_file, open_own

MARKER = "made-by-quotabord"
FOLDER_MODE, FILE_MODE = 0o755, 0o644
# Of a folder that is being written: whatever the umask, no other user can put anything into it.
_PRIVATE_MODE = 0o700
# Where hard links are impossible (another file system, no support, too many links), files are written.
_NO_LINKS = frozenset({errno.EXDEV, errno.EMLINK, errno.EPERM, errno.ENOTSUP, errno.ENOSYS})
_SYNCS_AT_ONCE = 8
Progress = Callable[[int, int], None]


class OutputRefused(Exception):
    """Raised, with a sentence for a person, when output may not be written to the place that was named."""


@contextmanager
def lock(folder: Path, text: str, wait: Wait) -> Iterator[None]:
    """Locks the folder for one process at a time, and makes it if it is missing; other processes wait, see `lock_file`.

    The lock is the folder's marker file, which contains `text`. It is never removed, so every process locks the same one.
    """
    make_folder(folder)
    with lock_file(folder / MARKER, wait, text):
        yield


def make_folder(folder: Path) -> None:
    """Makes the folder, which a web server can read and only its owner can change, unless it is there."""
    with suppress(FileExistsError):
        folder.mkdir(FOLDER_MODE)
        folder.chmod(FOLDER_MODE)


def is_ours_or_new(folder: Path) -> bool:
    """True for a folder that does not exist, is empty, or has our marker."""
    return not os.path.lexists(folder) or (
        folder.is_dir() and (not any(folder.iterdir()) or (folder / MARKER).is_file())
    )


def write_tree(folder: Path, files: Mapping[str, bytes]) -> None:
    """Makes the folder with these files, with modes that a web server can read whatever the umask."""
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
    seconds: int,
    progress: Progress | None = None,
) -> list[Path]:
    """Makes the folder like `write_tree`, with a hard link for each file that has the same bytes in one of the folders `like`.

    Returns the other files. Their time of change is `seconds` (since 1970), from which a web server makes its ETag; they are
    durable only after `syncing`.
    """
    folder.mkdir()
    new = []
    made = {""}
    for number, (path, data) in enumerate(files.items()):
        parent, _, _ = path.rpartition("/")
        if parent not in made:
            os.makedirs(f"{folder}/{parent}", exist_ok=True)
            made.add(parent)
        target = f"{folder}/{path}"
        if not any(_linked(f"{other}/{path}", target, data) for other in like):
            with open(target, "xb") as file:
                os.fchmod(file.fileno(), FILE_MODE)
                file.write(data)
                file.flush()
                os.utime(file.fileno(), (seconds, seconds))
            new.append(Path(target))
        if progress:
            progress(number + 1, len(files))
    for each in folders_of(folder):
        each.chmod(FOLDER_MODE)
    return new


def later_than(files: Iterable[Path]) -> int:
    """The time of change (seconds since 1970) for new files: now, and at least a second after that of each of `files`.

    A web server makes its ETag of whole seconds and of the size, so two contents of one page must never share a second.
    """
    latest = 0
    for file in files:
        with suppress(OSError):
            latest = max(latest, int(file.stat().st_mtime))
    return max(int(time.time()), latest + 1)


def write_file(file: Path, data: bytes) -> Path:
    """Writes a new file that everyone may read; it is durable only after `syncing`."""
    with open(file, "xb") as new:
        os.fchmod(new.fileno(), FILE_MODE)
        new.write(data)
    return file


@contextmanager
def syncing(folder: Path, new: Iterable[Path], progress: Progress | None = None) -> Iterator[None]:
    """Fsyncs the folder, all folders below it and the new files while the block runs; all are durable at its end. Raises OSError.

    Several threads call fsync after everything was written: a disk takes many changes together almost as quickly as one.
    """
    from concurrent.futures import ThreadPoolExecutor

    paths = (*new, *folders_of(folder))
    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as threads:
        try:
            synced: Iterator[None] = threads.map(sync, paths)
        except RuntimeError:  # the system starts no new thread: slower, and no less safe
            synced = map(sync, paths)
        yield
        for number, _ in enumerate(synced, start=1):
            if progress:
                progress(number, len(paths))


def keep_file(file: Path, data: bytes) -> None:
    """Replaces the file as a whole or not at all; call it under the lock of its folder.

    Nothing may depend on the file: if it cannot be written, the next run takes longer, or a monitor warns.
    """
    aside = file.with_name(f"{file.name}.unfinished")
    try:
        # What a killed run left, or a link that somebody put there, is deleted and never written through.
        aside.unlink(missing_ok=True)
        with open(open_own(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as new:
            new.write(data)
        aside.replace(file)
    except OSError:
        # A full disk must not stay full of half a file.
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def read_back(folder: Path, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What stands in the files now; raises OSError if it is not what was to be written."""
    there = {path: (folder / path).read_bytes() for path in files}
    for path, data in files.items():
        if there[path] != data:
            raise OSError(errno.EIO, f"{path} does not read back as it was written, so check the disk")
    return there


def folders_of(folder: Path) -> Iterator[Path]:
    """The folder and every one below it, the inner ones first."""
    for parent, _, _ in os.walk(folder, topdown=False):
        yield Path(parent)


def sync(path: Path) -> None:
    """What stands in the file, or was made, renamed or deleted in the folder, is on the disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def switch_link(link: Path, target: Path, aside: Path) -> None:
    """Makes the link lead to `target` (relative to the link's folder) in one step; `aside` is a free name beside it."""
    aside.unlink(missing_ok=True)
    aside.symlink_to(target)
    os.replace(aside, link)


def is_full(error: OSError) -> bool:
    """True when the disk, or the user's share of it, has no room for more bytes or files."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def sweep(folders: Iterable[Path]) -> None:
    """Deletes folders that nobody reads any more; of a link or a file in the place of one, only that."""
    for folder in folders:
        # A folder that cannot be deleted now is left for the next run.
        with suppress(OSError):
            if folder.is_symlink() or not folder.is_dir():
                folder.unlink()
            else:
                shutil.rmtree(folder)


def _linked(old: str, new: str, data: bytes) -> bool:
    try:
        status = os.lstat(old)
        if not (
            stat.S_IMODE(status.st_mode) == FILE_MODE
            and status.st_size == len(data)
            and stat.S_ISREG(status.st_mode)
        ):
            return False
        with open(old, "rb") as file:
            if file.read() != data:
                return False
    except OSError:
        # A file that is missing or cannot be read is written again.
        return False
    try:
        os.link(old, new)
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    return True
