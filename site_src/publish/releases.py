"""The layout of a target: numbered releases in `releases/`, each complete and never changed, and the link `current` to the live
one; its locks.

    TARGET/current             link to the live release; the web server's root is TARGET/current/site
    TARGET/releases/12-3f…/    site/ what visitors get · hidden/ the same without any link, for when the lease has ended
                               inputs/ the content and the design it was built from · manifest.json
    TARGET/journal.jsonl       what was attempted, by whom, and the result
    TARGET/made-by-quotabord   the lock; never removed
    TARGET/resident.lock       locked by the resident publisher while it runs; never removed

Callers hold the lock, unless they only read.
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
from site_src.publish.manifest import ASSETS, MANIFEST_FILE, Manifest, ManifestBroken, digest, load_manifest
from site_src.publish.store import MARKER, OutputRefused, is_ours_or_new, lock, make_folder, sweep
from site_src.publish.twins import ENDING, is_twin

CURRENT, RELEASES, SITE, HIDDEN, INPUTS = "current", "releases", "site", "hidden", "inputs"
DESIGN = "design"
RESIDENT_LOCK = "resident.lock"
# Content contains the addresses of closed programmes, so other users and the web server may not read it.
INPUTS_MODE = 0o750
_NAME = re.compile(r"(\d+)-[0-9a-f]{12}")
UNFINISHED = ".unfinished"
_UNFINISHED_NAME = re.compile(re.escape(UNFINISHED) + r"-(\d+)")
_MARKER_TEXT = "A published site: releases/, and current, which leads to the live one. This file is the lock: leave it here.\n"


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
        """Returns the packed twin of the file with that path in `folder` (SITE or HIDDEN).

        Returns None if the release has not published these bytes there, or if its twin was changed. A file that HIDDEN
        shares with SITE is found in SITE.
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
        """Returns the content that the release was built from, by path such as `content/site.yaml`. Raises OSError."""
        return {path: (self.folder / INPUTS / path).read_bytes() for path in self.manifest.inputs}


@contextmanager
def target_lock(target: Path, wait: Wait) -> Iterator[None]:
    """Locks the target, and makes it if it is missing; other publishers wait.

    Raises OutputRefused for a folder that Quotabord did not make, LockHeld, and OSError.
    """
    refuse_foreign(target)
    with lock(target, _MARKER_TEXT, wait):
        if (target / RELEASES).is_symlink():
            raise OutputRefused(
                f"{target / RELEASES} is a link, and is not followed. Put the folder itself there."
            )
        make_folder(target / RELEASES)
        yield


@contextmanager
def resident_lock(target: Path) -> Iterator[None]:
    """Locks the target, and makes it if it is missing, for one resident publisher; other publishers do not wait.

    Raises LockHeld at once while another resident publisher has the lock, OSError, and OutputRefused for a folder that Quotabord
    did not make.
    """
    if not (target / MARKER).exists():
        with target_lock(target, Wait(SHORT_WAIT)):
            pass
    with lock_file(target / RESIDENT_LOCK, Wait(0)):
        yield


def refuse_foreign(target: Path) -> None:
    """Raises OutputRefused unless the target is a published site, is an empty folder, or does not exist in an existing folder."""
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
    """Returns the release that visitors get, or None before the first one. Raises ManifestBroken if it cannot be read."""
    try:
        name = Path(os.readlink(target / CURRENT)).name
    except FileNotFoundError:
        if not _names(target):
            return None
        raise ManifestBroken(f"{target / CURRENT} is missing, and there are releases.") from None
    except OSError as error:
        raise ManifestBroken(f"{target / CURRENT} cannot be read as a link ({error.strerror}).") from None
    return _release(target / RELEASES / name)


def live_name(target: Path) -> str | None:
    """Returns the name of the live release, read from the link. Returns None if there is no link that can be read."""
    try:
        return Path(os.readlink(target / CURRENT)).name
    except OSError:
        return None


def live_or_newest(target: Path) -> tuple[Release | None, str | None]:
    """Returns the live release and None. If it cannot be read, returns the newest readable release and the reason."""
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
    """Returns the folder of each release, the newest first. Includes releases whose manifest cannot be read."""
    return [target / RELEASES / name for name in sorted(_names(target), key=_number, reverse=True)]


def names_before(target: Path, live: Release) -> list[str]:
    """Returns the names of the releases before the live one, the newest first."""
    return sorted((name for name in _names(target) if _number(name) < live.number), key=_number, reverse=True)


def all_releases(target: Path) -> list[Release | str]:
    """Returns every release, the newest first. For one whose manifest cannot be read, returns its name."""
    found: list[Release | str] = []
    for folder in release_folders(target):
        try:
            found.append(_release(folder))
        except ManifestBroken:
            found.append(folder.name)
    return found


def next_number(target: Path, published: Collection[str]) -> int:
    """Returns a number above those of all releases, including unfinished and deleted ones. `published` has names of releases."""
    return 1 + max((_number(name) for name in (*os.listdir(target / RELEASES), *published)), default=0)


def sweep_leftovers(target: Path, live: Release | None, published: Collection[str]) -> None:
    """Deletes what killed runs left: unfinished releases, and finished releases that never became live.

    Keeps a release in `published`, even if an older release was made live by hand.
    """
    number = live.number if live else 0
    unfinished = [name for name in os.listdir(target / RELEASES) if name.startswith(UNFINISHED)]
    never_live = [name for name in _names(target) if _number(name) > number and name not in published]
    sweep(target / RELEASES / name for name in (*unfinished, *never_live))


def close_inputs(target: Path) -> None:
    """Makes the kept content unreadable for other users, because older versions left it readable. Ignores OSError."""
    for name in _names(target):
        inputs = target / RELEASES / name / INPUTS
        with suppress(OSError):
            if stat.S_IMODE(inputs.stat().st_mode) != INPUTS_MODE:
                inputs.chmod(INPUTS_MODE)


def old_assets(target: Path, files: Collection[str]) -> dict[str, bytes]:
    """Returns the assets of kept releases that are not in `files`, by path. Pages that are open in browsers still load them."""
    assets: dict[str, bytes] = {}
    for folder in release_folders(target):
        # Reading a manifest is slow, and most releases have the same assets.
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
    """Returns the paths of the assets on the disk, without packed twins."""
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
