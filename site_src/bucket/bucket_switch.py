"""Makes a release live in a bucket (`BucketSwitch`): one conditional write of the pointer decides which release is live.

A publisher makes the release in its own target, a copy of the releases in the bucket, and uploads the new objects. Last, it
replaces the pointer, unless another publisher has replaced it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from site_src.bucket.canary import TRIED, keep_trial, recall_trial, try_conditions
from site_src.bucket.catching_up import catch_up
from site_src.bucket.pointer import FAR_FUTURE, Listing, Pointer, blob_key, metadata_key, release_number
from site_src.bucket.pointer_store import At, PointerStore
from site_src.bucket.pointer_swap import swap_pointer
from site_src.bucket.pruning import prune_bucket
from site_src.bucket.releases import blobs_of, each_at_once, paths_of
from site_src.bucket.shared_journal import append_line, note_missing
from site_src.bucket.signing import OnlineKey
from site_src.bucket.store_failure import StoreFailed
from site_src.publish.live_release import line_of_unlogged
from site_src.publish.manifest import MANIFEST_FILE, File, Manifest, digest
from site_src.publish.pruning import names_beyond
from site_src.publish.releases import Release, live_or_newest, target_of
from site_src.states import STATES_WITH_LINK, shown_links


@dataclass(frozen=True, slots=True)
class BucketPublishing:
    """The settings of the publishing process `who`. `lease` is the length of the lease in seconds, or None for no lease.

    A command (not `is_resident`) does not change the lease in the pointer. With `only_publisher`, a store that ignores
    conditions is accepted.
    """

    who: str
    lease: int | None
    is_resident: bool
    roots: tuple[tuple[int, bytes], ...]
    only_publisher: bool = False


class BucketSwitch:
    """Implements `publish.switch.Switch` for a bucket."""

    def __init__(self, pointers: PointerStore, key: OnlineKey, publishing: BucketPublishing) -> None:
        self._pointers, self._key, self._publishing = pointers, key, publishing
        self._store = pointers.store
        self._base: At | None = None
        self._listing = Listing(0, {})
        self._is_prepared = False
        # The journal line of the release that this publish replaces.
        self._replaced: dict[str, Any] | None = None

    def catch_up(self, target: Path) -> None:
        """Fetches the releases that the target lacks, and makes the bucket's live release live in the target. Raises OSError."""
        self.prepare(target)
        self._base, self._listing = catch_up(self._pointers, target)
        live = live_or_newest(target)[0]
        self._replaced = line_of_unlogged(live, {}) if self._base and live else None

    def commit(self, release: Release, keep: int) -> None:
        """Uploads the release, and makes it the live release of the bucket. Raises Overtaken, OutcomeUnknown and StoreFailed."""
        manifest = (release.folder / MANIFEST_FILE).read_bytes()
        self._put_files(release, manifest)
        releases = {**self._listing.releases, release.name: File(digest(manifest), len(manifest))}
        evidence = set(self._listing.evidence)
        if shown_links(self._base.pointer.states if self._base else {}) != shown_links(
            release.manifest.states
        ):
            evidence.add(release.name)
        older = sorted(releases.keys() - {release.name}, key=release_number, reverse=True)
        gone = names_beyond(older, evidence, keep)
        kept = {name: file for name, file in releases.items() if name not in gone}
        pointer = self._pointer(release.manifest, *self._put_listing(kept, evidence))
        if self._base is None or self._pointers.rotates:
            self._pointers.put_roots(self._publishing.roots)
        who, is_resident = self._publishing.who, self._publishing.is_resident
        swap_pointer(self._pointers, pointer, self._base, who, is_resident)
        self._listing = self._pointers.list_releases()
        if gone:
            prune_bucket(self._store, self._listing)

    def confirm(self, release: Release, keep: int) -> None:
        """Commits the release if the bucket has no pointer, or if the checkout has a newer root than the bucket.

        Otherwise a resident publisher writes the length of its lease to the pointer, and a command ends a hold.
        """
        if self._base is None or self._pointers.rotates:
            self.commit(release, keep)
            return
        publishing, pointer = self._publishing, self._base.pointer
        changes_lease = publishing.is_resident and pointer.lease != publishing.lease
        if changes_lease or (pointer.held and not publishing.is_resident):
            lease = publishing.lease if publishing.is_resident else pointer.lease

            def release_hold(there: Pointer) -> Pointer:
                held = there.held if publishing.is_resident else ""
                end = there.expires if held else _lease_end(lease, release.manifest)
                return replace(there, expires=end, held=held, lease=lease)

            self._pointers.change(release_hold)

    def note(self, line: bytes) -> str | None:
        """Adds a line to the bucket's journal. Returns a message if the journal could not be written."""
        try:
            entry: dict[str, Any] = json.loads(line)
            if not self._store.conditional:
                entry["conditions"] = "ignored by the store"
            if self._replaced:
                note_missing(self._store, self._replaced)
            append_line(self._store, entry)
        except StoreFailed as error:
            return f"The bucket's journal could not be written ({error.strerror})."
        return None

    def prepare(self, target: Path) -> None:
        """Tests whether the store checks conditional writes. Raises ConditionsIgnored and StoreFailed.

        A command skips the test if the store has passed it before. The target contains the result of the last test.
        """
        if not self._is_prepared:
            tried = target / TRIED
            if self._publishing.is_resident or not recall_trial(self._store, tried):
                try_conditions(self._store, self._publishing.only_publisher)
                keep_trial(self._store, tried)
            self._is_prepared = True

    def _put_files(self, release: Release, manifest: bytes) -> None:
        # Files that the live release lacks are uploaded even if the bucket has them. That repairs damage, and cannot race with
        # pruning.
        needed = blobs_of(release.manifest)
        place = {about.sha256: path for path, about in paths_of(release.manifest)}
        live, doubt = live_or_newest(target_of(release))
        there = blobs_of(live.manifest) if self._base and live and not doubt else {}
        each_at_once(
            lambda name: self._store.put(blob_key(name), (release.folder / place[name]).read_bytes()),
            [name for name in needed if name not in there],
        )
        self._store.put(blob_key(digest(manifest)), manifest)

    def _put_listing(self, releases: Mapping[str, File], evidence: Collection[str]) -> tuple[int, int, File]:
        """Uploads targets.json and snapshot.json.

        Returns the next version of the pointer, the version of the snapshot, and the snapshot's digest and size.
        """
        version, snapshot, listing = self._pointers.last_versions()
        key = self._key
        listing, data = self._create_next(
            "targets", listing, lambda number: key.sign_listing(number, releases, evidence)
        )
        snapshot, signed = self._create_next(
            "snapshot", snapshot, lambda number: key.sign_snapshot(number, listing, data)
        )
        return version + 1, snapshot, File(digest(signed), len(signed))

    def _create_next(self, role: str, last: int, sign: Callable[[int], bytes]) -> tuple[int, bytes]:
        """Uploads metadata with the next version, which it returns with the bytes. Skips versions that another publisher has used."""
        for version in count(last + 1):
            data = sign(version)
            if self._store.create_surely(metadata_key(role, version), data):
                break
        return version, data

    def _pointer(self, manifest: Manifest, version: int, snapshot: int, snapshot_file: File) -> Pointer:
        before = self._base.pointer.lease if self._base else None
        lease = self._publishing.lease if self._publishing.is_resident else before
        return Pointer(
            version=version,
            expires=_lease_end(lease, manifest),
            snapshot=snapshot,
            snapshot_file=snapshot_file,
            live=manifest.name,
            states=manifest.states,
            lease=lease,
            held="",
            signed=datetime.now(UTC),
        )


def _lease_end(lease: int | None, manifest: Manifest) -> datetime:
    """Returns the end of a new lease: `lease` seconds from now, or the first scheduled closing if that is earlier.

    Returns FAR_FUTURE if there is neither, or if the release shows no link.
    """
    shown = shown_links(manifest.states)
    if not shown:
        return FAR_FUTURE
    now = datetime.now(UTC).replace(microsecond=0)
    closings = (
        event.starts
        for id, events in manifest.scheduled.items()
        for event in events
        if id in shown and event.state not in STATES_WITH_LINK
    )
    return min(now + timedelta(seconds=lease) if lease else FAR_FUTURE, *closings, FAR_FUTURE)
