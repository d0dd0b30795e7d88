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
) -> list[str]:
    """Makes the folder as `write_tree` does, but hard-links each file that one of the folders `like` contains unchanged.

    Returns the paths of the folders and of the files that were not linked; all are durable only after `syncing`. `times` is the
    time of these files (seconds since 1970), or maps each path to a time that a linked file must have too. Raises OSError.
    """
    folder.mkdir(FOLDER_MODE)
    new, made = list[str](), {"": str(folder)}
    for number, (path, data) in enumerate(files.items()):
        parent, _, _ = path.rpartition("/")
        if parent not in made:
            _make_folders(folder, parent, made)
        target = f"{folder}/{path}"
        time, exact = (times, None) if isinstance(times, int) else (times[path], times[path])
        if not any(_linked(f"{other}/{path}", target, data, exact) for other in like):
            _write(target, data, time)
            new.append(target)
        if progress:
            progress(number + 1, len(files))
    # The umask is the same for all folders.
    if stat.S_IMODE(os.stat(folder).st_mode) != FOLDER_MODE:
        for each in reversed(made.values()):
            os.chmod(each, FOLDER_MODE)
    return [*new, *reversed(made.values())]


def _write(file: str, data: bytes, modified: int) -> None:
    with open(file, "xb") as new:
        os.fchmod(new.fileno(), FILE_MODE)
        new.write(data)
        new.flush()
        os.utime(new.fileno(), (modified, modified))


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
        is_same = (
            stat.S_IMODE(status.st_mode) == FILE_MODE
            and status.st_size == len(data)
            and stat.S_ISREG(status.st_mode)
            and modified in (None, int(status.st_mtime))
        )
        if not is_same or not holds(old, data):
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
