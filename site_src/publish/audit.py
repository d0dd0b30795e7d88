"""Compares a target with what was published (`releases --verify`): the journal's chain, every manifest, every file.

To find the changes of a person who rewrites the whole journal too, keep anchors or a copy of it on another machine.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from site_src.publish import journal
from site_src.publish.manifest import MANIFEST_FILE, File, ManifestBroken, digest
from site_src.publish.releases import (
    CURRENT,
    DESIGN,
    HIDDEN,
    INPUTS,
    INPUTS_MODE,
    RELEASES,
    SITE,
    Release,
    all_releases,
    live_release,
)
from site_src.publish.store import FILE_MODE, FOLDER_MODE, folders_of

_NO_LINK = "is missing, although releases were published"
_MODE_CHANGED = "no longer has the permissions with which it was published"


def find_tampering(target: Path) -> list[str]:
    """Returns a message for each difference from what was published: first in the journal, then in the releases."""
    published: dict[str, str] = {}
    findings = list(_journal(target, published))
    for release in all_releases(target):
        if isinstance(release, Release):
            findings += _release(release, published)
        else:
            findings.append(f"{RELEASES}/{release}/{MANIFEST_FILE}: cannot be understood")
    return [*findings, *_live(target, published)]


def _journal(target: Path, published: dict[str, str]) -> Iterator[str]:
    file = target / journal.JOURNAL
    if file.is_file() and not file.read_bytes().endswith(b"\n"):
        yield f"{journal.JOURNAL}: the last line is unfinished; the next publish removes it"
    for line in journal.lines(target):
        if not isinstance(line, journal.Line):
            yield f"{journal.JOURNAL}:{line}: cannot be understood"
            continue
        if not line.unbroken:
            yield f"{journal.JOURNAL}:{line.number}: the line before it was changed, or lines were added or removed"
        if line.entry.get("release") and line.entry.get("manifest"):
            published[str(line.entry["release"])] = str(line.entry["manifest"])


def find_damage(release: Release) -> list[str]:
    """Returns a message for each file in the release's two trees that differs from what was published, sorted."""
    trees = {SITE: release.manifest.files, HIDDEN: release.manifest.hidden_files}
    return sorted(
        f"{folder}/{path}: {what}"
        for folder, files in trees.items()
        for path, what in _differences(release.folder / folder, files)
    )


def is_design_whole(release: Release) -> bool:
    """Returns True if the release contains its templates and static files, unchanged."""
    return bool(release.manifest.design) and not any(_differences(release.design, release.manifest.design))


def _release(release: Release, published: Mapping[str, str]) -> Iterator[str]:
    place = f"{RELEASES}/{release.name}"
    noted = published.get(release.name)
    if noted is None:
        yield f"{place}: is not in any line of {journal.JOURNAL}"
    elif digest((release.folder / MANIFEST_FILE).read_bytes()) != noted:
        yield f"{place}/{MANIFEST_FILE}: is not the one that was published"
    manifest = release.manifest
    design = {f"{DESIGN}/{path}": file for path, file in manifest.design.items()}
    trees = {SITE: manifest.files, INPUTS: {**manifest.inputs, **design}}
    if manifest.hidden is not None:
        trees[HIDDEN] = manifest.hidden_files
    for folder, files in trees.items():
        for path, what in _differences(release.folder / folder, files):
            yield f"{place}/{folder}/{path}: {what}"


def _differences(folder: Path, files: Mapping[str, File]) -> Iterator[tuple[str, str]]:
    there = {
        (Path(parent) / name).relative_to(folder).as_posix()
        for parent, folders, names in os.walk(folder)
        for name in (*names, *(name for name in folders if os.path.islink(os.path.join(parent, name))))
    }
    for path in sorted(there - files.keys()):
        yield path, "was added"
    for path, about in files.items():
        file = folder / path
        if path not in there:
            yield path, "is missing"
        elif file.is_symlink() or not about.fits(file):
            yield path, "was changed"
        elif stat.S_IMODE(file.stat().st_mode) != FILE_MODE:
            yield path, _MODE_CHANGED
    for made in folders_of(folder):
        mode = INPUTS_MODE if made == folder and folder.name == INPUTS else FOLDER_MODE
        if stat.S_IMODE(made.stat().st_mode) != mode:
            yield made.relative_to(folder).as_posix(), _MODE_CHANGED


def _live(target: Path, published: Mapping[str, str]) -> Iterator[str]:
    try:
        live = live_release(target)
    except ManifestBroken:
        is_there = os.path.lexists(target / CURRENT)
        what = "does not lead to a release whose manifest can be read" if is_there else _NO_LINK
        yield f"{CURRENT}: {what}"
        return
    if published and live is None:
        yield f"{CURRENT}: {_NO_LINK}"
    elif live and published and live.name != (last := list(published)[-1]):
        yield f"{CURRENT}: leads to {live.name}, but the last published release is {last}"
