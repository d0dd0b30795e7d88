"""Every input byte, read once: `load_tree` is the only function that opens an input.

What cannot be read is not lost: the tree keeps the problem in its place, and whoever needs that file reports it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from site_src.problems import Problem

CONTENT = "content"
STATE_FILE = "quota_state.yaml"
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Tree:
    """Input files by path (`content/en/japan.md`), exactly as they are on the disk.

    `faults` has a problem for each file or folder that is there and cannot be used: a link, a pipe, no permission, more
    than 1 MiB. `folder_faults` are those of folders.
    """

    files: Mapping[str, bytes]
    faults: Mapping[str, Problem] = field(default_factory=dict)
    folder_faults: frozenset[str] = frozenset()

    @property
    def paths(self) -> list[str]:
        """The paths of all files, those that cannot be read as well; sorted by folder, then by name."""
        names = self.files.keys() | (self.faults.keys() - self.folder_faults)
        return sorted(names, key=lambda path: path.split("/"))

    @property
    def content(self) -> Mapping[str, bytes]:
        """The files below `content/` that could be read."""
        return {path: data for path, data in self.files.items() if path.startswith(f"{CONTENT}/")}

    def explain_absence(self, path: str) -> Problem:
        """Why `path` is not among the files."""
        if path in self.faults:
            return self.faults[path]
        parts = path.split("/")
        for parent in ("/".join(parts[:count]) for count in range(1, len(parts))):
            if parent in self.folder_faults:
                return _behind(path, parent, self.faults[parent])
            if parent in self.files or parent in self.faults:
                message = "cannot be there, because a folder in its path is a file. Rename that file, and make the folder."
                return Problem(path, 1, message, "not-a-file")
        return Problem(path, 1, "is missing. Make this file.", "missing-file")


def load_tree(root: Path, places: tuple[str, ...] = (CONTENT, STATE_FILE)) -> Tree:
    """The files of `root` that are one of `places`, or below one; hidden files and editors' copies are passed over.

    Raises OSError only for what no editor can mend, such as a failing disk.
    """
    files: dict[str, bytes] = {}
    faults: dict[str, Problem] = {}
    folders: set[str] = set()
    for path, fault in _list(root, places):
        if fault:
            faults[path] = fault
            folders.add(path)
            continue
        read = _read(root, path)
        if isinstance(read, Problem):
            faults[path] = read
        elif read is not None:
            files[path] = read
    return Tree(MappingProxyType(files), MappingProxyType(faults), frozenset(folders))


def is_ignored(name: str) -> bool:
    """True for hidden files and the copies that editors leave behind."""
    return name.startswith(".") or name.endswith("~") or (name.startswith("#") and name.endswith("#"))


def _list(root: Path, places: tuple[str, ...]) -> Iterator[tuple[str, Problem | None]]:
    """Each file's path; and each folder that cannot be entered, with its problem."""
    for place in places:
        if (root / place).is_symlink() or not (root / place).is_dir():
            if os.path.lexists(root / place):
                link = (root / place).is_symlink()
                yield place, _linked(place, place) if link and (root / place).is_dir() else None
        elif link := _find_link(root, place):
            yield place, _linked(place, link)
        else:
            yield from _walk(root, place)


def _walk(root: Path, folder: str) -> Iterator[tuple[str, Problem | None]]:
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except PermissionError:
        message = f'may not be read. Allow it: chmod a+rx "{folder}"'
        yield folder, Problem(folder, 1, message, "unreadable-file")
        return
    except FileNotFoundError:
        return
    folders = []
    for entry in entries:
        path = f"{folder}/{entry.name}"
        if entry.is_dir() and entry.is_symlink():
            yield path, _linked(path, path)
        elif is_ignored(entry.name):
            continue
        elif entry.is_dir(follow_symlinks=False):
            folders.append(path)
        else:
            yield path, None
    for path in folders:
        yield from _walk(root, path)


def _read(root: Path, path: str) -> bytes | Problem | None:
    """The file's bytes, or why it has none; None for a file that has vanished since it was listed."""
    if (root / path).is_symlink():
        return _linked(path, path)
    try:
        # Non-blocking, so that a pipe put there by mistake cannot hold up the build.
        descriptor = os.open(root / path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except PermissionError:
        return Problem(path, 1, f'may not be read. Allow it: chmod a+r "{path}"', "unreadable-file")
    except OSError as error:
        if error.errno != errno.ENXIO:  # a socket
            raise
        return _not_a_file(path)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return _not_a_file(path)
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return Problem(path, 1, "is larger than 1 MiB. Shorten it or split it.", "too-large")
    return data


def _find_link(root: Path, path: str) -> str | None:
    step = root
    for part in path.split("/"):
        step = step / part
        if step.is_symlink():
            return step.relative_to(root).as_posix()
    return None


def _behind(path: str, folder: str, fault: Problem) -> Problem:
    """The problem of a file that is needed, below a folder that cannot be entered."""
    if fault.rule == "symbolic-link":
        return _linked(path, folder)
    return Problem(path, 1, f'may not be read. Allow it: chmod a+r "{path}"', "unreadable-file")


def _not_a_file(path: str) -> Problem:
    return Problem(path, 1, "is not a file. Put a text file there.", "not-a-file")


def _linked(path: str, link: str) -> Problem:
    what = "is a link" if path == link else f'is reached through "{link}", which is a link'
    cure = "Put the file or folder itself there: a link could lead out of this site."
    return Problem(path, 1, f"{what}. {cure}", "symbolic-link")
