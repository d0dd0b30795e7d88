"""Trees of files that nobody sees until one link is replaced: written aside, made durable, read back, swept.

What `output` (a build on this machine) and `releases` (the published site) have in common.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from site_src.file_lock import Wait, lock_file, open_own

MARKER = "made-by-quotabord"
FOLDER_MODE, FILE_MODE = 0o755, 0o644
# Of a folder that is being written: whatever the umask, no other user can put anything into it.
_PRIVATE_MODE = 0o700
# Where files cannot be linked (another file system, none that knows links, too many of them), they are written.
_NO_LINKS = frozenset({errno.EXDEV, errno.EMLINK, errno.EPERM, errno.ENOTSUP, errno.ENOSYS})
_SYNCS_AT_ONCE = 8
Progress = Callable[[int, int], None]


class OutputRefused(Exception):
    """Raised, with a sentence for a person, when the output may not be put where it was asked to go."""


@contextmanager
def hold_folder(folder: Path, text: str, wait: Wait) -> Iterator[None]:
    """Holds the folder for one process at a time, and makes it if it is missing; another one waits here, see `lock_file`.

    The lock is the folder's marker file, with `text` in it. It is never removed, so no one can lock another file.
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
    """True for a folder that is not there, is empty, or has our marker."""
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
    folder: Path, files: Mapping[str, bytes], like: Path, seconds: int, progress: Progress | None = None
) -> list[Path]:
    """`write_tree`, but a file that stands in `like` with the same bytes is the same file (a hard link).

    The others, which are returned, have the time of change `seconds` (since 1970), which a web server makes its ETag of;
    they are on the disk only after `syncing` as well.
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
        if not _linked(f"{like}/{path}", target, data):
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


def write_file(file: Path, data: bytes) -> Path:
    """A new file, readable by all; on the disk only after `syncing` as well."""
    with open(file, "xb") as new:
        os.fchmod(new.fileno(), FILE_MODE)
        new.write(data)
    return file


@contextmanager
def syncing(folder: Path, new: Iterable[Path], progress: Progress | None = None) -> Iterator[None]:
    """The folder, all folders below it and the new files are on the disk at the end, and are brought there meanwhile; raises OSError.

    Several at once, after everything was written: a disk takes many changes together almost as quickly as one.
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
    """Puts the file there, whole or not at all, in one step; to be called under the lock of its folder.

    Nothing may depend on it: where it cannot be written, the next run takes longer, or a monitor gets worried.
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
    """Deletes folders that no one reads any more; of a link or a file in the place of one, only that."""
    for folder in folders:
        # What cannot be deleted now is left for the next time: it must not hold up this one.
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
        # What is not there, or cannot be read, is written anew.
        return False
    try:
        os.link(old, new)
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    return True
