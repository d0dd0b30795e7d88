"""Fetches releases from the bucket into a target, and makes one live there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from site_src.bucket.object_store import ObjectStore
from site_src.bucket.pointer import Listing, blob_key
from site_src.bucket.store_failure import StoreFailed
from site_src.publish import journal
from site_src.publish.history import KEPT
from site_src.publish.journal_fields import journal_of, states_of
from site_src.publish.lease import switching
from site_src.publish.manifest import File, Manifest, ManifestBroken, digest, dump_manifest, parse_manifest
from site_src.publish.releases import DESIGN, HIDDEN, INPUTS, RELEASES, SITE, Release
from site_src.publish.staging import Trees, replace_link, staged, switch_to
from site_src.states import State, shown_links

_AT_ONCE = 32
_In = TypeVar("_In")
_Out = TypeVar("_Out")


def fetch_manifest(store: ObjectStore, listing: Listing, name: str) -> Manifest:
    """Fetches the manifest of a listed release.

    Raises StoreFailed, including for a release that another version of Quotabord made.
    """
    data = fetch_blob(store, listing.releases[name])
    try:
        manifest = parse_manifest(data)
    except ManifestBroken as error:
        raise StoreFailed(f"{store.address}: release {name}", str(error)) from None
    if manifest.name != name or dump_manifest(manifest) != data:
        reason = "was made by another version of Quotabord. Run the same version on all machines"
        raise StoreFailed(f"{store.address}: release {name}", reason)
    return manifest


def fetch_blob(store: ObjectStore, about: File) -> bytes:
    """Fetches the blob with the digest of `about`. Raises StoreFailed if the blob is missing, or if its bytes were changed."""
    found = store.get(blob_key(about.sha256))
    if found is None or digest(found.data) != about.sha256:
        what = "is missing" if found is None else "was changed in the bucket, and is not used"
        raise StoreFailed(f"{store.address}/{blob_key(about.sha256)}", what)
    return found.data


def blobs_of(manifest: Manifest) -> dict[str, File]:
    """Maps the digest of every file of the release to the file's digest and size."""
    return {about.sha256: about for _, about in paths_of(manifest)}


def paths_of(manifest: Manifest) -> Iterator[tuple[str, File]]:
    """Yields the path of every file in the release's folder, with the file's digest and size."""
    trees = {
        SITE: manifest.files,
        HIDDEN: manifest.hidden_files,
        INPUTS: manifest.inputs,
        f"{INPUTS}/{DESIGN}": manifest.design,
    }
    yield from ((f"{tree}/{path}", about) for tree, files in trees.items() for path, about in files.items())


def each_at_once(work: Callable[[_In], _Out], items: Iterable[_In]) -> list[_Out]:
    """Calls `work` for each item, in up to 32 threads, and returns the results in order. Raises the first error."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(work, items))


def keep_release(
    target: Path, store: ObjectStore, manifest: Manifest, like: Release | None, before: Mapping[str, State]
) -> None:
    """Adds the release to the target without making it live, and adds a line to the journal. Raises OSError.

    `before` contains the states of the release that this one replaced in the bucket.
    """
    staging = _assemble(target, store, manifest, like)
    release = Release(target / RELEASES / manifest.name, manifest)
    staging.rename(release.folder)
    _note(target, store, release, before, KEPT)


def switch_to_fetched(
    target: Path, store: ObjectStore, manifest: Manifest, like: Release | None, before: Mapping[str, State]
) -> Release:
    """Makes the release live in the target, and adds a line to the journal. The caller holds the target's lock.

    Links each file that the release `like` contains too. `before` contains the states that were live until then. Raises OSError.
    """
    release = Release(target / RELEASES / manifest.name, manifest)
    staging = None if release.folder.is_dir() else _assemble(target, store, manifest, like)
    with switching(target, bool(shown_links(manifest.states))):
        if staging:
            switch_to(target, staging, manifest)
        else:
            replace_link(target, release)
    _note(target, store, release, before, "published")
    return release


def _assemble(target: Path, store: ObjectStore, manifest: Manifest, like: Release | None) -> Path:
    """Stages the release in the target, and returns its folder. Links each file that `like` contains too. Raises OSError."""
    blobs = _gather(store, manifest, like)
    site = _tree(manifest.files, blobs)
    trees = Trees(site, {**site, **_tree(manifest.hidden or {}, blobs)})
    design = {f"{DESIGN}/{path}": about for path, about in manifest.design.items()}
    content = _tree({**manifest.inputs, **design}, blobs)
    with staged(target, manifest, trees, content, like) as staging:
        return staging


def _gather(store: ObjectStore, manifest: Manifest, like: Release | None) -> dict[str, bytes]:
    """Maps the digest of every file of the release to its verified bytes. Raises OSError."""
    blobs, missing = {}, blobs_of(manifest)
    for path, about in paths_of(like.manifest) if like else ():
        if like and about.sha256 in missing:
            with suppress(OSError):
                data = (like.folder / path).read_bytes()
                if digest(data) == about.sha256:
                    blobs[about.sha256] = data
                    del missing[about.sha256]
    fetched = each_at_once(lambda about: fetch_blob(store, about), missing.values())
    return {**blobs, **dict(zip(missing, fetched, strict=True))}


def _tree(files: Mapping[str, File], blobs: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: blobs[about.sha256] for path, about in files.items()}


def _note(
    target: Path, store: ObjectStore, release: Release, before: Mapping[str, State], result: str
) -> None:
    entry = {
        "who": str(store.address),
        "action": "follow",
        "from": {id: str(state) for id, state in sorted(before.items())},
        "to": states_of(release),
    }
    journal.append(target, {**entry, **journal_of(release), "result": result})
