"""Stages a release outside the web root, and makes it live in one step."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from site_src.gate.gate import Verified
from site_src.publish.manifest import MANIFEST_FILE, Manifest, dump_manifest
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
    write_linked_tree,
)


@dataclass(frozen=True, slots=True)
class Trees:
    """The files of a release's two trees, by path: `site` is served while the lease is valid, `hidden` after it has ended."""

    site: Mapping[str, bytes]
    hidden: Mapping[str, bytes]


def stamp_of(live: Release | None) -> int:
    """The modification time (seconds since 1970) for a new release's new files: later than any in the live one.

    A web server makes its ETag from whole seconds and the size, so two versions of a page must never share a second.
    """
    folders = (live.folder / SITE, live.folder / HIDDEN) if live else ()
    return later_than(folder / path for folder in folders for path in (live.manifest.files if live else ()))


@contextmanager
def staged(
    target: Path,
    manifest: Manifest,
    trees: Trees,
    content: Mapping[str, bytes],
    live: Release | None,
    progress: Progress | None = None,
) -> Iterator[tuple[Path, Trees]]:
    """Stages a release outside the web root; yields its folder, and its trees as read back. It is fsynced on exit.

    Raises OSError. After any exception, including one from the block, the staged release is deleted.
    """
    staging = target / RELEASES / f"{UNFINISHED}-{manifest.number}"
    like = live.folder if live else staging / "no-release-before"
    seconds = stamp_of(live)
    try:
        # No other user may write into it while it is made, whatever the umask is.
        staging.mkdir(0o700)
        new = [
            *write_linked_tree(staging / SITE, trees.site, [like / SITE], seconds, progress),
            # One second later: a page may have the same size in both trees, and the same address serves either.
            *write_linked_tree(staging / HIDDEN, trees.hidden, [staging / SITE, like / HIDDEN], seconds + 1),
            *write_linked_tree(staging / INPUTS, content, [like / INPUTS], seconds),
            write_file(staging / MANIFEST_FILE, dump_manifest(manifest)),
        ]
        (staging / INPUTS).chmod(INPUTS_MODE)
        staging.chmod(FOLDER_MODE)
        with syncing(staging, new, progress):
            read_back(staging / INPUTS, content)
            yield (
                staging,
                Trees(read_back(staging / SITE, trees.site), read_back(staging / HIDDEN, trees.hidden)),
            )
    except BaseException:
        _discard(staging)
        raise


def _discard(staging: Path) -> None:
    """Deletes a staged release, so that part of a release does not keep the disk full."""
    shutil.rmtree(staging, ignore_errors=True)


def make_live(target: Path, staging: Path, manifest: Manifest, site: Verified, hidden: Verified) -> Release:
    """Gives the staged release its name and makes it live in one step. After an OSError the old release is still live.

    `site` and `hidden` are the verified files that were read back from `staging`; raises ValueError if their paths differ from
    the manifest's.
    """
    if site.files.keys() != manifest.files.keys() or hidden.files.keys() != manifest.hidden_files.keys():
        raise ValueError("the gate has not verified these files")
    folder = target / RELEASES / manifest.name
    made = staging
    try:
        if (target / CURRENT).is_dir() and not (target / CURRENT).is_symlink():
            message = f"is a folder where a link must stand, so move it away: mv {CURRENT} copy"
            raise IsADirectoryError(errno.EISDIR, message, CURRENT)
        made = staging.rename(folder)
        sync(folder.parent)
        # Nothing above this line changes what visitors get; the next line is the switch.
        switch_link(target / CURRENT, Path(RELEASES) / folder.name, target / f"{UNFINISHED}-link")
    except OSError:
        _discard(made)
        raise
    # The release is live even if this fails; not every file system can fsync a folder.
    with suppress(OSError):
        sync(target)
    return Release(folder, manifest)
