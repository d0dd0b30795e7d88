"""Stages a release outside the web root, makes it live in one step, and sets the modification times of its files (for ETags)."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from site_src.gate.gate import Verified
from site_src.publish.linked_tree import write_linked_tree
from site_src.publish.manifest import MANIFEST_FILE, File, Manifest, dump_manifest
from site_src.publish.releases import (
    CURRENT,
    HIDDEN,
    INPUTS,
    INPUTS_MODE,
    RELEASES,
    SITE,
    UNFINISHED,
    Release,
)
from site_src.publish.store import (
    FOLDER_MODE,
    Progress,
    later_than,
    read_back,
    switch_link,
    sync,
    syncing,
    write_file,
)


@dataclass(frozen=True, slots=True)
class Trees:
    """A release's two trees: `site` is served while the lease is valid, `hidden` after it has ended. Both map paths to bytes."""

    site: Mapping[str, bytes]
    hidden: Mapping[str, bytes]


def stamp_of(live: Release | None) -> int:
    """Returns the modification time for new files (seconds since 1970), later than that of any file of the live release.

    A web server makes the ETag from the time in whole seconds and the size, so two versions of a page must never have the same
    second.
    """
    if live is None:
        return later_than([])
    noted = [*live.manifest.files.values(), *live.manifest.hidden_files.values()]
    if all(file.modified for file in noted):
        return max(int(time.time()), 1 + max(file.modified or 0 for file in noted))
    folders = live.folder / SITE, live.folder / HIDDEN
    return later_than(folder / path for folder in folders for path in live.manifest.files)


@contextmanager
def staged(
    target: Path,
    manifest: Manifest,
    trees: Trees,
    content: Mapping[str, bytes],
    live: Release | None,
    progress: Progress | None = None,
) -> Iterator[Path]:
    """Stages a release outside the web root. Yields the release's folder, which is fsynced on exit.

    All files were read back before, a file of both trees once. Hard-links the files that `live` contains too. Raises
    OSError. After any exception, including one from the block, deletes the staged release.
    """
    staging = target / RELEASES / f"{UNFINISHED}-{manifest.number}"
    like = live.folder if live else staging / "no-release-before"
    try:
        # No other user may write into the folder while it is made, whatever the umask is.
        staging.mkdir(0o700)
        site = write_linked_tree(staging / SITE, trees.site, [like / SITE], _times(manifest.files), progress)
        hidden = write_linked_tree(
            staging / HIDDEN,
            trees.hidden,
            [staging / SITE, like / HIDDEN],
            _times(manifest.hidden_files),
            beside=trees.site,
        )
        seconds = int(manifest.instant.timestamp())
        inputs = write_linked_tree(staging / INPUTS, content, [like / INPUTS], seconds)
        manifest_file = write_file(staging / MANIFEST_FILE, dump_manifest(manifest))
        (staging / INPUTS).chmod(INPUTS_MODE)
        staging.chmod(FOLDER_MODE)
        with syncing([*site, *hidden, *inputs, manifest_file, staging], progress):
            for folder, files in (
                (INPUTS, content),
                (SITE, trees.site),
                (HIDDEN, _own(trees, staging, hidden)),
            ):
                read_back(staging / folder, files)
            yield staging
    except BaseException:
        _discard(staging)
        raise


def _own(trees: Trees, staging: Path, new: Collection[str]) -> dict[str, bytes]:
    """Returns the files of the hidden tree that are not also files of the site. `new` lists those that could not be linked."""
    folder, written = staging / HIDDEN, frozenset(new)
    return {
        path: data
        for path, data in trees.hidden.items()
        if trees.site.get(path) != data or f"{folder}/{path}" in written
    }


def _times(files: Mapping[str, File]) -> dict[str, int]:
    """Maps each path to the file's modification time; 0 if its manifest has none."""
    return {path: file.modified or 0 for path, file in files.items()}


def _discard(staging: Path) -> None:
    """Deletes a staged release, so that incomplete releases do not fill the disk."""
    shutil.rmtree(staging, ignore_errors=True)


def make_live(
    target: Path,
    staging: Path,
    manifest: Manifest,
    site: Verified,
    hidden: Verified,
    commit: Callable[[Release], None] | None = None,
) -> Release:
    """Makes the staged release live, as `switch_to` does. After an OSError, the old release is still live.

    `site` and `hidden` are verified, and the files in `staging` have the same bytes. Raises ValueError if their paths differ from
    those in the manifest.
    """
    if site.files.keys() != manifest.files.keys() or hidden.files.keys() != manifest.hidden_files.keys():
        raise ValueError("the gate has not verified these files")
    return switch_to(target, staging, manifest, commit)


def switch_to(
    target: Path, staging: Path, manifest: Manifest, commit: Callable[[Release], None] | None = None
) -> Release:
    """Gives a staged release its name, calls `commit`, and replaces the link. Raises OSError and the errors of `commit`.

    After an OSError, the old release is still live, and the staged one is deleted. With a `commit`, the release is live as
    soon as `commit` returns. A failure to replace the link after that is ignored: the next publish replaces the link.
    """
    folder = target / RELEASES / manifest.name
    release, made = Release(folder, manifest), staging
    try:
        if (target / CURRENT).is_dir() and not (target / CURRENT).is_symlink():
            message = f"is a folder and must be a link, so move it away: mv {CURRENT} copy"
            raise IsADirectoryError(errno.EISDIR, message, CURRENT)
        made = staging.rename(folder)
        sync(folder.parent)
        if commit:
            commit(release)
            # The release is live for visitors. If the link cannot be replaced now, the next publish replaces it.
            with suppress(OSError):
                replace_link(target, release)
        else:
            # Nothing above this line changes what visitors get; the next line is the switch.
            replace_link(target, release)
    except OSError:
        _discard(made)
        raise
    # The release is live even if this fails. Not every file system can fsync a folder.
    with suppress(OSError):
        sync(target)
    return release


def replace_link(target: Path, release: Release) -> None:
    """Makes the link `current` point to the release, in one step. Raises OSError."""
    switch_link(target / CURRENT, Path(RELEASES) / release.name, target / f"{UNFINISHED}-link")
