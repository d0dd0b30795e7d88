"""Writes the output of `build` (`dist`) next to the old output, reads it back, and then switches to it in one step.

`OUT` is a symbolic link into `.OUT.builds/`, which contains a folder for each build. A link can be replaced in one step, but
a folder cannot. Therefore, readers of `OUT/…` get the complete old site or the complete new one, even if a build is killed.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from site_src.file_lock import Wait
from site_src.publish.linked_tree import write_linked_tree
from site_src.publish.store import (
    FOLDER_MODE,
    MARKER,
    OutputRefused,
    is_ours_or_new,
    keep_file,
    later_than,
    lock,
    read_back,
    sweep,
    switch_link,
)

if TYPE_CHECKING:
    from site_src.gate.gate import Verified

_MARKER_TEXT = "The builds of a site. The link next to this folder leads to the newest build. Do not edit: each build replaces it.\n"


@contextmanager
def output_lock(out: Path) -> Iterator[None]:
    """Locks the output for one build at a time; other builds wait.

    Raises OutputRefused if `out` exists and Quotabord did not make it.
    """
    builds = builds_folder(out)
    _refuse_foreign(out, builds)
    with lock(builds, _MARKER_TEXT, Wait()):
        yield


def write_output(out: Path, verified: Verified) -> bool:
    """Makes `out` a link to a folder with exactly the verified files. Call it under `output_lock`.

    Returns False, and changes nothing, if `out` already contains exactly these files. Raises OSError, for example if the disk
    is full or if a file reads back with different bytes. If this fails or is killed, the old site stays complete.
    """
    files, builds = verified.files, builds_folder(out)
    current = _target(out)
    _sweep(builds, keep={current, *_previous(builds, current)})
    if current and _holds(builds / current, files):
        return False
    numbers = [int(first) for name in os.listdir(builds) if (first := name.partition(".")[0]).isdigit()]
    number = 1 + max(numbers, default=0)
    staging = builds / f"{number}.unfinished"
    try:
        before = builds / (current or "no-build-before")
        stamp = later_than(before / path for path in files)
        write_linked_tree(staging, files, [before], stamp)
        read_back(staging, files)
    except BaseException:
        # Delete the partial site, so that it does not fill the disk.
        shutil.rmtree(staging, ignore_errors=True)
        raise
    finished = builds / str(number)
    staging.rename(finished)
    # Nothing above this line changes what readers see; the next line is the switch.
    switch_link(out, Path(builds.name) / finished.name, builds / "next-link")
    # The switch is done: an error after it is not a failed build.
    with suppress(OSError):
        _sweep(builds, keep={finished.name, current})
    return True


def keep(out: Path, name: str, data: bytes) -> None:
    """Writes a file for the next build, next to the builds of `out`. Call it under `output_lock`."""
    keep_file(builds_folder(out) / name, data)


def builds_folder(out: Path) -> Path:
    """Returns the folder with the builds of `out`, which is next to `out`."""
    return out.parent / f".{out.name}.builds"


def _target(out: Path) -> str:
    """Returns the name of the build that `out` links to, or "" if there is none."""
    return Path(os.readlink(out)).name if out.is_symlink() else ""


def _refuse_foreign(out: Path, builds: Path) -> None:
    if not out.parent.is_dir():
        raise OutputRefused(f"{out.parent} is not a folder. Make it first: mkdir -p {out.parent}")
    here = out.parent.resolve()
    if any(
        folder.name.endswith(".builds") and (folder / MARKER).is_file() for folder in (here, *here.parents)
    ):
        raise OutputRefused(f"{out} is inside a site that Quotabord built. Name another place with --out.")
    try:
        # One system call: between two calls, another build could make its link.
        foreign = Path(os.readlink(out)).parent != Path(builds.name)
    except FileNotFoundError:
        foreign = False
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise OutputRefused(
            f"{out} exists and Quotabord did not make it, so it stays as it is. Name another place with --out, or move it away."
        ) from None
    if foreign:
        raise OutputRefused(f"{out} is a link that Quotabord did not make. Name another place with --out.")
    if not is_ours_or_new(builds):
        raise OutputRefused(
            f"{builds} exists and Quotabord did not make it, so the builds cannot be there. Name another place with --out."
        )


def is_readable(folder: Path) -> bool:
    """Returns True if the path is a folder, or a link to one, that a web server can read."""
    return folder.is_dir() and stat.S_IMODE(folder.stat().st_mode) == FOLDER_MODE


def _holds(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Returns True if the folder contains exactly these files and a web server can read it."""
    if not is_readable(folder):
        return False
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    return there == files.keys() and all((folder / path).read_bytes() == data for path, data in files.items())


def _previous(builds: Path, current: str) -> set[str]:
    """Returns a set with the name of the last finished build before the current one; empty if there is none."""
    before = [
        int(name)
        for name in os.listdir(builds)
        if name.isdigit() and current.isdigit() and int(name) < int(current)
    ]
    return {str(max(before))} if before else set()


def _sweep(builds: Path, keep: set[str]) -> None:
    """Deletes all builds, finished or not, except those in `keep`."""
    sweep(
        entry
        for entry in builds.iterdir()
        if entry.name not in keep and entry.is_dir() and not entry.is_symlink()
    )
