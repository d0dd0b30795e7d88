"""Input files: from bytes on disk to text, or a problem that says what to do about the file.

Nothing above this module opens an input. A file that is not plain UTF-8 text of a sensible size is
refused by name before any parser sees it.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from site_src.problems import Problem, Rule

MAX_BYTES = 1024 * 1024
# Private-use characters carry our own marks through Markdown; bidirectional overrides can make a
# line read as something else than it is; U+2028 and U+2029 end a line for some readers and not for others; other
# control characters have no place in text.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ue000-\uf8ff\ufeff\ufffe\uffff\U000f0000-\U0010ffff]"
)


def is_plain_line(text: str) -> bool:
    """True for text that may stand in a line of a file: no line ends, no signs that are not allowed, nothing that is no text."""
    # YAML has no surrogates and no U+FFFE or U+FFFF.
    return not (
        FORBIDDEN.search(text)
        or any(sign in "\n\r\ufffe\uffff" or "\ud800" <= sign <= "\udfff" for sign in text)
    )


def read_source(root: Path, path: str, problems: list[Problem]) -> str | None:
    """The text of `root/path` with `\\n` line ends and no byte-order mark, or None and a problem.

    Refused: links, anything but a regular file, more than 1 MiB, other encodings than UTF-8, control
    and private-use characters, and a file with nothing in it. A byte-order mark and Windows line ends are
    warnings.
    """
    data = _read_bytes(root, path, problems)
    return None if data is None else source_text(path, data, problems)


def source_text(path: str, data: bytes, problems: list[Problem]) -> str | None:
    """`read_source` for a file's bytes."""

    def refuse(line: int, rule: Rule, message: str) -> None:
        problems.append(Problem(path, line, message, rule))

    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        refuse(1, "encoding", "is saved as UTF-16. Save it as UTF-8.")
        return None
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        refuse(line, "encoding", "has a NUL byte here: this is not a text file. Save it as UTF-8 text.")
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        refuse(
            line,
            "encoding",
            f"has a byte (0x{data[error.start]:02X}) that is not UTF-8, perhaps from Latin-1. Save the file as UTF-8.",
        )
        return None
    text = _plain_text(path, text, problems)
    if not text.strip():
        refuse(1, "empty-file", "is empty. Write its content, or delete the file.")
        return None
    if bad := FORBIDDEN.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        refuse(line, "control-character", f"has the invisible character U+{ord(bad[0]):04X} here. Delete it.")
        return None
    return text


def _read_bytes(root: Path, path: str, problems: list[Problem]) -> bytes | None:
    try:
        if link := _link_on_the_way(root, path):
            problems.append(_linked(path, link))
            return None
        # Non-blocking, so that a pipe put there by mistake cannot hold up the build.
        descriptor = os.open(root / path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            problems.append(_not_a_file(path))
            return None
        with open(descriptor, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        problems.append(Problem(path, 1, "is missing. Make this file.", "missing-file"))
        return None
    except PermissionError:
        problems.append(Problem(path, 1, f'may not be read. Allow it: chmod a+r "{path}"', "unreadable-file"))
        return None
    except NotADirectoryError:
        message = (
            "cannot be there, because a folder in its path is a file. Rename that file, and make the folder."
        )
        problems.append(Problem(path, 1, message, "not-a-file"))
        return None
    except OSError as error:
        if error.errno != errno.ENXIO:  # a socket
            raise
        problems.append(_not_a_file(path))
        return None
    if len(data) > MAX_BYTES:
        problems.append(Problem(path, 1, "is larger than 1 MiB. Shorten it or split it.", "too-large"))
        return None
    return data


def _not_a_file(path: str) -> Problem:
    return Problem(path, 1, "is not a file. Put a text file there.", "not-a-file")


def _linked(path: str, link: str) -> Problem:
    what = "is a link" if path == link else f'is reached through "{link}", which is a link'
    cure = "Put the file or folder itself there: a link could lead out of this site."
    return Problem(path, 1, f"{what}. {cure}", "symbolic-link")


def _link_on_the_way(root: Path, path: str) -> str | None:
    step = root
    for part in path.split("/"):
        step = step / part
        if step.is_symlink():
            return step.relative_to(root).as_posix()
    return None


def _plain_text(path: str, text: str, problems: list[Problem]) -> str:
    if text.startswith("\ufeff"):
        text = text[1:]
        problems.append(
            Problem(
                path,
                1,
                "starts with a byte-order mark, which is left out. Save it as UTF-8 without BOM.",
                "byte-order-mark",
                "warning",
            )
        )
    if "\r" in text:
        line = text.replace("\r\n", "\n").replace("\r", "\n").count("\n", 0, text.index("\r")) + 1
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        problems.append(
            Problem(
                path,
                line,
                "has Windows line ends (CRLF), which are read as LF. Set the editor to LF.",
                "line-ends",
                "warning",
            )
        )
    return text


def files_below(root: Path, folder: str, problems: list[Problem]) -> Iterator[str]:
    """The paths of all files below the folder, sorted; hidden files and editors' copies are passed over."""

    def unreadable(error: OSError) -> None:
        path = os.path.relpath(error.filename, root)
        if not isinstance(error, FileNotFoundError):
            problems.append(
                Problem(path, 1, f'may not be read. Allow it: chmod a+rx "{path}"', "unreadable-file")
            )

    for parent, folders, files in os.walk(root / folder, onerror=unreadable):
        here = Path(parent).relative_to(root)
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        problems += [_linked((here / name).as_posix(), (here / name).as_posix()) for name in links]
        folders[:] = sorted(name for name in folders if not is_ignored(name) and name not in links)
        for name in sorted(files):
            if not is_ignored(name):
                yield (here / name).as_posix()


# Files that programs leave beside the one that is edited: editors and their safe writes, file managers, synchronizers, patch, sed.
_LEFT_BY_PROGRAMS = re.compile(
    r"[.~].*|.*~|\#.*\#|(?i:thumbs\.db|ehthumbs\.db|desktop\.ini|icon\r)|__MACOSX|@eaDir|\$RECYCLE\.BIN"
    r"|.*___jb_(?:tmp|old|bak)___|.*\.sb-[0-9a-f]+-\w+|sed(?=.*[A-Z0-9])\w{6}"
    r"|.*\.(?i:orig|rej|bak|backup|old|save(?:\.\d+)?|te?mp|sw[a-p]|kate-swp|part|crdownload)",
    re.DOTALL | re.ASCII,
)


def is_ignored(name: str) -> bool:
    """True for hidden files and the copies that editors and other programs leave behind; none can be a page."""
    return bool(_LEFT_BY_PROGRAMS.fullmatch(name)) or _is_write_test_of_vim(name)


def _is_write_test_of_vim(name: str) -> bool:
    """True for `4913`, and for the numbers that Vim tries when that file exists."""
    return name.isascii() and name.isdigit() and len(name) < 6 and int(name) in range(4913, 99999, 123)
