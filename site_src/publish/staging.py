"""Stages a release outside the web root, makes it live in one step, and sets the modification times of its files (for ETags)."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from site_src.frozen import dataclass
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

    A web server makes the ETag from time and size, so two versions of a page must never have the same second.
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
    """Stages a release outside the web root. Yields its folder after all files were read back. It is fsynced on exit.

    Hard-links the files that `live` contains too. Raises OSError. After any exception, deletes the staged release.
    """
    staging = target / RELEASES / f"{UNFINISHED}-{manifest.number}"
    like = live.folder if live else staging / "no-release-before"
    try:
        staging.mkdir(0o700)  # no other user may write into it while it is made, whatever the umask is
        site = write_linked_tree(staging / SITE, trees.site, [like / SITE], _times(manifest.files), progress)
        known, times = [staging / SITE, like / HIDDEN], _times(manifest.hidden_files)
        hidden = write_linked_tree(staging / HIDDEN, trees.hidden, known, times)
        inputs = write_linked_tree(
            staging / INPUTS, content, [like / INPUTS], int(manifest.instant.timestamp())
        )
        manifest_file = write_file(staging / MANIFEST_FILE, dump_manifest(manifest))
        (staging / INPUTS).chmod(INPUTS_MODE)
        staging.chmod(FOLDER_MODE)
        with syncing([*site, *hidden, *inputs, manifest_file, staging], progress):
            for folder, files in ((INPUTS, content), (SITE, trees.site), (HIDDEN, trees.hidden)):
                read_back(staging / folder, files)
            yield staging
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _times(files: Mapping[str, File]) -> dict[str, int]:
    """Maps each path to the file's modification time; 0 if its manifest has none."""
    return {path: file.modified or 0 for path, file in files.items()}


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

    After an OSError, the old release is still live, and the staged one is deleted. With a `commit`, the release is live when it
    returns; if the link cannot be replaced then, the next publish replaces it.
    """
    folder = target / RELEASES / manifest.name
    release, made = Release(folder, manifest), staging
    try:
        if (target / CURRENT).is_dir() and not (target / CURRENT).is_symlink():
            message = f"is a folder and must be a link, so move it away: mv {CURRENT} copy"
            raise IsADirectoryError(errno.EISDIR, message, CURRENT)
        made = staging.rename(folder)
        sync(folder.parent)
        # Nothing above this line changes what visitors get: the switch is `commit`, or else the link.
        if commit:
            commit(release)
        with suppress(OSError) if commit else nullcontext():
            replace_link(target, release)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        raise
    # The release is live even if this fails. Not every file system can fsync a folder.
    with suppress(OSError):
        sync(target)
    return release


def replace_link(target: Path, release: Release) -> None:
    """Makes the link `current` point to the release, in one step. Raises OSError."""
    switch_link(target / CURRENT, Path(RELEASES) / release.name, target / f"{UNFINISHED}-link")
