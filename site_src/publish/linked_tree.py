"""Writes a folder of files, and hard-links the files that an earlier folder contains unchanged."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from site_src.publish.store import FILE_MODE, FOLDER_MODE, Progress, holds

# With these errors a hard link is impossible (different file systems, no support, too many links), so the file is written.
_NO_LINKS = frozenset({errno.EXDEV, errno.EMLINK, errno.EPERM, errno.ENOTSUP, errno.ENOSYS})


def write_linked_tree(
    folder: Path,
    files: Mapping[str, bytes],
    like: Sequence[Path],
    times: int | Mapping[str, int],
    progress: Progress | None = None,
    beside: Mapping[str, bytes] | None = None,
) -> list[str]:
    """Makes the folder with these files, which a web server can read. Hard-links each file that one of the folders `like` contains unchanged.

    `beside` contains the files that this process has just written to the first folder of `like`. An equal file there is
    linked without being read.
    Returns the paths of the folders and of the files that were not linked; all are durable only after `syncing`. `times` is the
    modification time of these files (seconds since 1970), from which a web server makes the ETag, or maps each path to its
    time. If it is a mapping, a file is linked only if it has the same time. Raises OSError.
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
        is_equal = beside is not None and beside.get(path) == data
        if not (is_equal and _link(f"{like[0]}/{path}", target)) and not any(
            _linked(f"{other}/{path}", target, data, exact) for other in like
        ):
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
    """Makes the folder `path` below `folder`, and the folders above it. Adds each new folder to `made`, by path."""
    above, _, _ = path.rpartition("/")
    if above not in made:
        _make_folders(folder, above, made)
    made[path] = f"{folder}/{path}"
    os.mkdir(made[path], FOLDER_MODE)


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
        if not holds(old, data):
            return False
    except OSError:
        # The old file is missing or cannot be read, so the new one is written.
        return False
    return _link(old, new)


def _link(old: str, new: str) -> bool:
    """Makes a hard link, and returns True, or returns False if that is impossible here. Raises OSError for any other reason."""
    try:
        os.link(old, new)
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    return True
