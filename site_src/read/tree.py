"""Loads every input file once (`load_tree`), limits file size and folder depth, refuses links, and skips editors' copies.

No other function opens an input. For a file that cannot be read, the tree keeps a problem, and the code that needs the
file reports it.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from pathlib import Path
from types import MappingProxyType

from site_src.problems import Problem

CONTENT = "content"
STATE_FILE = "quota_state.yaml"
# The files that the operator's commands read. They do not need pages, notices and labels.
QUOTA_PLACES = (f"{CONTENT}/site.yaml", f"{CONTENT}/programmes", STATE_FILE)
MAX_DEPTH = 12  # folders below the project's own
MAX_BYTES = 1024 * 1024  # of any file
_PICTURES = dict.fromkeys((".jpeg", ".jpg", ".png", ".webp"), 8 * 1024)
_KIB_BY_ENDING = {".md": 64, ".yaml": 256, ".svg": 256, **_PICTURES}
# Non-blocking, so that a named pipe cannot block the build. Windows has other flags.
_FLAGS = ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY")
_READ = os.O_RDONLY | reduce(or_, (getattr(os, flag, 0) for flag in _FLAGS))
_NOT_ALLOWED = 'may not be read. Allow it: chmod {} "{}"'


@dataclass(frozen=True, slots=True)
class Tree:
    """Input files by path (`content/en/japan.md`), exactly as they are on the disk.

    `faults` contains a problem for each file or folder that exists but cannot be used: a link, a pipe, a file or folder
    without read permission, a file larger than `max_bytes`. `folders` lists every folder, including those in `faults`.
    """

    files: Mapping[str, bytes]
    faults: Mapping[str, Problem] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()

    @property
    def paths(self) -> list[str]:
        """Returns the sorted paths of all files, including files that cannot be read.

        A folder's own files come before its subfolders.
        """
        names = self.files.keys() | (self.faults.keys() - self.folders)
        return sorted(names, key=lambda path: (path.rpartition("/")[0].split("/"), path))

    @property
    def content(self) -> Mapping[str, bytes]:
        """Returns the files below `content/` that could be read."""
        return {path: data for path, data in self.files.items() if path.startswith(f"{CONTENT}/")}

    def explain_absence(self, path: str) -> Problem:
        """Returns the problem that explains why `path` is not among the files."""
        if path in self.faults:
            return self.faults[path]
        if path in self.folders:
            return _not_a_file(path)
        parts = path.split("/")
        for parent in ("/".join(parts[:count]) for count in range(1, len(parts))):
            if parent in self.folders and parent in self.faults:
                return _behind(path, parent, self.faults[parent])
            if parent in self.files or parent in self.faults:
                message = "cannot be there, because a folder in its path is a file. Rename that file, and make the folder."
                return Problem(path, 1, message, "not-a-file")
        return Problem(path, 1, "is missing. Make this file.", "missing-file")


def load_tree(root: Path, places: tuple[str, ...] = (CONTENT, STATE_FILE)) -> Tree:
    """Loads each file in `places`, and each file below a folder in `places`. Skips hidden files and editors' copies.

    Does not raise OSError: a file that cannot be read is in `faults`.
    """
    files: dict[str, bytes] = {}
    faults: dict[str, Problem] = {}
    folders: set[str] = set()
    for path, is_folder, fault in _list(root, places):
        read = fault if is_folder else _read(root, path)
        if is_folder:
            folders.add(path)
        if isinstance(read, Problem):
            faults[path] = read
        elif read is not None:
            files[path] = read
    return Tree(MappingProxyType(files), MappingProxyType(faults), frozenset(folders))


def max_bytes(path: str) -> int:
    """Returns the largest allowed size of the file, in bytes.

    Texts have a lower limit, because they take time to convert. The quota log may be as large as MAX_BYTES, because it
    keeps growing.
    """
    kib = _KIB_BY_ENDING.get(os.path.splitext(path)[1]) if "/" in path else None
    return kib * 1024 if kib else MAX_BYTES


# Files that editors, file managers, synchronizers, patch and sed leave beside the file that is edited.
_LEFT_BY_PROGRAMS = re.compile(
    r"[.~].*|.*~|\#.*\#|(?i:thumbs\.db|ehthumbs\.db|desktop\.ini|icon\r)|__MACOSX|@eaDir|\$RECYCLE\.BIN"
    r"|.*___jb_(?:tmp|old|bak)___|.*\.sb-[0-9a-f]+-\w+|sed(?=.*[A-Z0-9])\w{6}"
    r"|.*\.(?i:orig|rej|bak|backup|old|save(?:\.\d+)?|te?mp|sw[a-p]|kate-swp|part|crdownload)",
    re.DOTALL | re.ASCII,
)


def is_ignored(name: str) -> bool:
    """Returns True for hidden files and for copies that editors and other programs leave. These files are never pages."""
    return bool(_LEFT_BY_PROGRAMS.fullmatch(name)) or _is_write_test_of_vim(name)


def _is_write_test_of_vim(name: str) -> bool:
    """Returns True for `4913`, and for the numbers that Vim tries when that file exists."""
    return name.isascii() and name.isdigit() and len(name) < 6 and int(name) in range(4913, 99999, 123)


def _list(root: Path, places: tuple[str, ...]) -> Iterator[tuple[str, bool, Problem | None]]:
    """Yields each entry: its path, whether it is a folder, and the problem if it is a folder that cannot be opened."""
    for place in places:
        if link := _find_link(root, place):
            yield place, (root / place).is_dir(), _linked(place, link)
        elif os.path.isdir(root / place):
            yield from _walk(root, place)
        elif _may_exist(root / place):
            yield place, False, None


def _may_exist(path: Path) -> bool:
    """Returns False if there is nothing at the path, or True if there is, or if the folder cannot be read to know."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _walk(root: Path, folder: str) -> Iterator[tuple[str, bool, Problem | None]]:
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        yield folder, True, _unreadable(folder, error, "a+rx")
        return
    yield folder, True, None
    for entry in entries:
        path = f"{folder}/{entry.name}"
        if entry.is_dir() and entry.is_symlink():
            yield path, True, _linked(path, path)
        elif is_ignored(entry.name):
            continue
        elif entry.is_dir(follow_symlinks=False) and path.count("/") >= MAX_DEPTH:
            message = f"is nested more than {MAX_DEPTH} folders deep. Move it up, or delete it."
            yield path, True, Problem(path, 1, message, "nesting")
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(root, path)
        else:
            yield path, False, None


def _read(root: Path, path: str) -> bytes | Problem | None:
    """Returns the file's bytes or its problem, or None if the file was removed after it was listed."""
    if link := _find_link(root, path):
        return _linked(path, link)
    try:
        descriptor = os.open(root / path, _READ)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return _not_a_file(path)
            data = file.read(max_bytes(path) + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        return _not_a_file(path) if error.errno == errno.ENXIO else _unreadable(path, error, "a+r")
    if len(data) > max_bytes(path):
        kib = max_bytes(path) // 1024
        size = f"{kib} KiB" if kib < 1024 else f"{kib // 1024} MiB"
        cure = (
            "Make the picture smaller" if os.path.splitext(path)[1] in _PICTURES else "Shorten it or split it"
        )
        return Problem(path, 1, f"is larger than {size}. {cure}.", "too-large")
    return data


def _find_link(root: Path, path: str) -> str | None:
    step, inside = f"{root}", len(f"{root}/")
    for part in path.split("/"):
        step = f"{step}/{part}"
        if os.path.islink(step):
            return step[inside:]
    return None


def _behind(path: str, folder: str, fault: Problem) -> Problem:
    """Returns the problem for a required file below a folder that cannot be opened."""
    if fault.rule == "symbolic-link":
        return _linked(path, folder)
    return Problem(path, 1, _NOT_ALLOWED.format("a+r", path), "unreadable-file")


def _unreadable(path: str, error: OSError, mode: str) -> Problem:
    if isinstance(error, PermissionError):
        return Problem(path, 1, _NOT_ALLOWED.format(mode, path), "unreadable-file")
    return Problem(path, 1, f"cannot be read: {error.strerror}. Check the disk.", "unreadable-file")


def _not_a_file(path: str) -> Problem:
    return Problem(path, 1, "is not a file. Put a text file there.", "not-a-file")


def _linked(path: str, link: str) -> Problem:
    what = "is a link" if path == link else f'is reached through "{link}", which is a link'
    cure = "Put the file or folder itself there: a link could lead out of this site."
    return Problem(path, 1, f"{what}. {cure}", "symbolic-link")
