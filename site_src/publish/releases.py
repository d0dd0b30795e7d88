"""Reads and locks a target: finds its releases, and the one that is live.

    TARGET/current             link to the live release; the web server's root is TARGET/current/site
    TARGET/releases/12-3f…/    a release, complete and never changed:
                               site/ what visitors get · hidden/ what they get after the lease has ended, without links
                               inputs/ the content and design that it was built from · manifest.json
    TARGET/journal.jsonl       every attempt to publish, by whom, and its result
    TARGET/made-by-quotabord   the lock; never removed
    TARGET/resident.lock       locked by the resident publisher while it runs; never removed
    TARGET/reserve             disk space that a closing frees if the disk is full

Callers that write hold the lock.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import filterfalse
from pathlib import Path

from site_src.file_lock import SHORT_WAIT, Wait, lock_file
from site_src.publish.gzip_twins import ENDING, is_twin
from site_src.publish.manifest import ASSETS, MANIFEST_FILE, Manifest, ManifestBroken, digest, load_manifest
from site_src.publish.store import MARKER, OutputRefused, is_ours_or_new, lock, make_folder, sweep

CURRENT, RELEASES, SITE, HIDDEN, INPUTS = "current", "releases", "site", "hidden", "inputs"
DESIGN = "design"
RESIDENT_LOCK = "resident.lock"
# Content contains the addresses of closed programmes, so other users and the web server may not read it.
INPUTS_MODE = 0o750
_NAME = re.compile(r"(\d+)-[0-9a-f]{12}")
UNFINISHED = ".unfinished"
_UNFINISHED_NAME = re.compile(re.escape(UNFINISHED) + r"-(\d+)")
_MARKER_TEXT = "A published site. The link current leads to the live release in releases/. This file is the lock: do not delete it.\n"


@dataclass(frozen=True, slots=True)
class Release:
    """A release on the disk: its folder and its manifest."""

    folder: Path
    manifest: Manifest

    @property
    def number(self) -> int:
        """Returns the number of the release. Later releases have higher numbers."""
        return self.manifest.number

    @property
    def name(self) -> str:
        """Returns the name of the release's folder."""
        return self.folder.name

    @property
    def design(self) -> Path:
        """Returns the folder with the templates and static files that the release was made with."""
        return self.folder / INPUTS / DESIGN

    def find_twin(self, folder: str, path: str, data: bytes) -> bytes | None:
        """Returns the compressed twin of the file at `path` in `folder` (SITE or HIDDEN), if the release has published it
        with these bytes.

        Otherwise, or if the twin on the disk was changed, returns None. A file that is the same in HIDDEN and SITE is found
        only in SITE.
        """
        files = self.manifest.files if folder == SITE else self.manifest.hidden or {}
        about, twin = files.get(path), files.get(f"{path}{ENDING}")
        if about is None or twin is None or about.sha256 != digest(data):
            return None
        with suppress(OSError):
            packed = Path(f"{self.folder}/{folder}/{path}{ENDING}").read_bytes()
            return packed if digest(packed) == twin.sha256 else None
        return None

    def content(self) -> dict[str, bytes]:
        """Maps each path, such as `content/site.yaml`, to the content that the release was built from. Raises OSError."""
        return {path: (self.folder / INPUTS / path).read_bytes() for path in self.manifest.inputs}


@contextmanager
def target_lock(target: Path, wait: Wait) -> Iterator[None]:
    """Locks the target, and makes it if it is missing. Other publishers wait.

    Raises OutputRefused if Quotabord did not make the folder, LockHeld, and OSError.
    """
    refuse_foreign(target)
    with lock(target, _MARKER_TEXT, wait):
        if (target / RELEASES).is_symlink():
            raise OutputRefused(
                f"{target / RELEASES} is a link, which is refused. Replace it with the folder."
            )
        make_folder(target / RELEASES)
        yield


@contextmanager
def resident_lock(target: Path) -> Iterator[None]:
    """Locks the target for one resident publisher, and makes it if it is missing. Commands that publish do not wait for it.

    Raises LockHeld at once if another resident publisher holds the lock, OutputRefused if Quotabord did not make the folder,
    and OSError.
    """
    if not (target / MARKER).exists():
        with target_lock(target, Wait(SHORT_WAIT)):
            pass
    with lock_file(target / RESIDENT_LOCK, Wait(0)):
        yield


def refuse_foreign(target: Path) -> None:
    """Raises OutputRefused unless the target is a published site, an empty folder, or a free name in an existing folder."""
    if not target.parent.is_dir():
        raise OutputRefused(f"{target.parent} is not a folder. Make it first: mkdir -p {target.parent}")
    if not target.is_symlink() and is_ours_or_new(target):
        return
    if not target.is_symlink() and (target / RELEASES).is_dir() and os.path.lexists(target / CURRENT):
        raise OutputRefused(
            f"{target} looks like a published site whose lock is missing. If it is one, make the lock again: touch {target / MARKER}"
        )
    raise OutputRefused(
        f"{target} exists and Quotabord did not make it, so it stays as it is. Name a new folder, or an empty one."
    )


def live_release(target: Path) -> Release | None:
    """Returns the live release, or None before the first publish. Raises ManifestBroken if it cannot be read."""
    try:
        name = Path(os.readlink(target / CURRENT)).name
    except FileNotFoundError:
        if not _names(target):
            return None
        raise ManifestBroken(f"{target / CURRENT} is missing, although there are releases.") from None
    except OSError as error:
        raise ManifestBroken(f"{target / CURRENT} cannot be read as a link ({error.strerror}).") from None
    return _release(target / RELEASES / name)


def live_name(target: Path) -> str | None:
    """Returns the name of the live release according to the link, or None if the link is missing or cannot be read."""
    try:
        return Path(os.readlink(target / CURRENT)).name
    except OSError:
        return None


def find_live(target: Path) -> Release | None:
    """Returns the live release, or None if there is none or it cannot be read."""
    try:
        return live_release(target)
    except ManifestBroken:
        return None


def live_or_newest(target: Path) -> tuple[Release | None, str | None]:
    """Returns the live release and None, or, if it cannot be read, the newest readable release and the reason."""
    try:
        return live_release(target), None
    except ManifestBroken as error:
        return next((release for release in all_releases(target) if isinstance(release, Release)), None), str(
            error
        )


def target_of(release: Release) -> Path:
    """Returns the target that contains the release."""
    return release.folder.parent.parent


def release_folders(target: Path) -> list[Path]:
    """Returns the folder of each release, the newest first, even if its manifest cannot be read."""
    return [target / RELEASES / name for name in sorted(_names(target), key=_number, reverse=True)]


def names_before(target: Path, live: Release) -> list[str]:
    """Returns the names of the releases before the live one, the newest first."""
    return sorted((name for name in _names(target) if _number(name) < live.number), key=_number, reverse=True)


def all_releases(target: Path) -> list[Release | str]:
    """Returns every release, the newest first. Returns only the name of a release whose manifest cannot be read."""
    found: list[Release | str] = []
    for folder in release_folders(target):
        try:
            found.append(_release(folder))
        except ManifestBroken:
            found.append(folder.name)
    return found


def next_number(target: Path, published: Collection[str]) -> int:
    """Returns the number for the next release: higher than that of any release, unfinished release, or name in `published`."""
    return 1 + max((_number(name) for name in (*os.listdir(target / RELEASES), *published)), default=0)


def sweep_leftovers(target: Path, live: Release | None, published: Collection[str]) -> None:
    """Deletes what killed runs have left: unfinished releases, and finished releases that were never live.

    Keeps every release in `published`, even if an older release was made live by hand.
    """
    number = live.number if live else 0
    unfinished = [name for name in os.listdir(target / RELEASES) if name.startswith(UNFINISHED)]
    never_live = [name for name in _names(target) if _number(name) > number and name not in published]
    sweep(target / RELEASES / name for name in (*unfinished, *never_live))


def close_inputs(target: Path) -> None:
    """Makes the content in every release unreadable for other users. Older versions left it readable. Ignores OSError."""
    for name in _names(target):
        inputs = target / RELEASES / name / INPUTS
        with suppress(OSError):
            if stat.S_IMODE(inputs.stat().st_mode) != INPUTS_MODE:
                inputs.chmod(INPUTS_MODE)


def old_assets(target: Path, files: Collection[str]) -> dict[str, bytes]:
    """Maps the path of each asset of a kept release to its bytes, except the paths in `files`. Pages open in browsers still
    load them.
    """
    assets: dict[str, bytes] = {}
    for folder in release_folders(target):
        # Most releases have the same assets, and reading a manifest is slow.
        if not any(path not in files and path not in assets for path in _assets_in(folder)):
            continue
        with suppress(ManifestBroken):
            release = _release(folder)
            for path in filterfalse(is_twin, release.manifest.own_assets):
                file = folder / SITE / path
                if path not in files and path not in assets and release.manifest.files[path].fits(file):
                    assets[path] = file.read_bytes()
    return assets


def _assets_in(folder: Path) -> Iterator[str]:
    """Yields the paths of the assets on disk, except compressed twins."""
    for parent, _, names in os.walk(folder / SITE / ASSETS):
        inside = os.path.relpath(parent, folder / SITE)
        yield from filterfalse(is_twin, (f"{inside}/{name}" for name in names))


def _names(target: Path) -> list[str]:
    folder = target / RELEASES
    return [name for name in os.listdir(folder) if _NAME.fullmatch(name)] if folder.is_dir() else []


def _number(name: str) -> int:
    found = _NAME.fullmatch(name) or _UNFINISHED_NAME.fullmatch(name)
    return int(found[1]) if found else 0


def _release(folder: Path) -> Release:
    return Release(folder, load_manifest(folder / MANIFEST_FILE))
