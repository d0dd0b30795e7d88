"""Makes a release live in a bucket (`BucketSwitch`): one conditional write of the pointer decides which release is live.

A publisher works in its own target, a copy of the releases in the bucket. It fetches what the copy lacks, makes the release
in the target, and uploads the new objects. Last, it replaces the pointer, unless another publisher has replaced it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from site_src.bucket.canary import TRIED, keep_trial, recall_trial, try_conditions
from site_src.bucket.catching_up import catch_up
from site_src.bucket.object_store import Outcome
from site_src.bucket.pointer import Listing, Pointer, blob_key, metadata_key, release_number
from site_src.bucket.pointer_store import At, PointerStore, lease_end
from site_src.bucket.pruning import prune_bucket
from site_src.bucket.releases import blobs_of, each_at_once, paths_of
from site_src.bucket.shared_journal import append_line, note_missing
from site_src.bucket.signing import OnlineKey
from site_src.bucket.store_failure import StoreFailed
from site_src.frozen import dataclass
from site_src.publish.history import links_in
from site_src.publish.live_release import line_of_unlogged
from site_src.publish.manifest import MANIFEST_FILE, File, Manifest, digest
from site_src.publish.pruning import names_beyond
from site_src.publish.releases import (
    Release,
    live_or_newest,
    target_of,
)
from site_src.publish.switch import OutcomeUnknown, Overtaken
from site_src.publish.vouch import hides_link
from site_src.states import STATES_WITH_LINK

_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class BucketPublishing:
    """The settings of the publishing process `who`. `lease` is the length of the lease in seconds, or None for no lease.

    `is_resident` is False for a command, which does not change the lease in the pointer. `roots` contains every version of the
    root. With `only_publisher`, a store that ignores conditions is accepted.
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
        self._put_files(release)
        releases = dict(self._listing.releases)
        manifest = (release.folder / MANIFEST_FILE).read_bytes()
        releases[release.name] = File(digest(manifest), len(manifest))
        evidence = set(self._listing.evidence)
        if links_in(self._base.pointer.states if self._base else {}) != links_in(release.manifest.states):
            evidence.add(release.name)
        older = sorted(releases.keys() - {release.name}, key=release_number, reverse=True)
        gone = names_beyond(older, evidence, keep)
        kept = {name: file for name, file in releases.items() if name not in gone}
        version, snapshot, snapshot_file = self._put_listing(kept, evidence)
        if self._base is None or self._pointers.rotates:
            self._pointers.put_roots(self._publishing.roots)
        self._swap(self._pointer(release.manifest, version, snapshot, snapshot_file))
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
                end = lease_end(lease, there.shows_link, next_closing(release.manifest))
                held = there.held if publishing.is_resident else ""
                return replace(there, expires=there.expires if held else end, held=held, lease=lease)

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

    def _put_files(self, release: Release) -> None:
        # Files that the live release lacks are uploaded even if the bucket has them. That repairs damage, and cannot race with
        # pruning.
        needed = blobs_of(release.manifest)
        place = {about.sha256: path for path, about in paths_of(release.manifest)}
        live, doubt = live_or_newest(target_of(release))
        if self._base and live and not doubt:
            there = blobs_of(live.manifest)
            needed = {name: about for name, about in needed.items() if name not in there}
        manifest = (release.folder / MANIFEST_FILE).read_bytes()
        own = File(digest(manifest), len(manifest))
        place[own.sha256] = MANIFEST_FILE

        def put(about: File) -> None:
            self._store.put(blob_key(about.sha256), (release.folder / place[about.sha256]).read_bytes())

        each_at_once(put, {**needed, own.sha256: own})

    def _put_listing(self, releases: Mapping[str, File], evidence: Collection[str]) -> tuple[int, int, File]:
        """Uploads targets.json and snapshot.json.

        Returns the next version of the pointer, the version of the snapshot, and the snapshot's digest and size. Skips each
        version that another publisher, or a killed one, has used.
        """
        version, snapshot, listing = self._pointers.last_versions()
        listing += 1
        while not self._store.create_surely(
            metadata_key("targets", listing), data := self._key.sign_listing(listing, releases, evidence)
        ):
            listing += 1
        snapshot += 1
        while not self._store.create_surely(
            metadata_key("snapshot", snapshot), signed := self._key.sign_snapshot(snapshot, listing, data)
        ):
            snapshot += 1
        return version + 1, snapshot, File(digest(signed), len(signed))

    def _pointer(self, manifest: Manifest, version: int, snapshot: int, snapshot_file: File) -> Pointer:
        shows = not STATES_WITH_LINK.isdisjoint(manifest.states.values())
        before = self._base.pointer.lease if self._base else None
        lease = self._publishing.lease if self._publishing.is_resident else before
        return Pointer(
            version=version,
            expires=lease_end(lease, shows, next_closing(manifest)),
            snapshot=snapshot,
            snapshot_file=snapshot_file,
            live=manifest.name,
            states=manifest.states,
            lease=lease,
            held="",
            signed=datetime.now(UTC),
        )

    def _swap(self, pointer: Pointer) -> None:
        """Replaces the pointer with this one, unless another release has become live.

        Raises Overtaken, OutcomeUnknown and StoreFailed.
        """
        first, base, end = self._base, self._base, time.monotonic() + self._store.patience
        while True:
            version = max(pointer.version, base.pointer.version + 1 if base else 0)
            held = self._still_held(base, pointer)
            outcome, _ = self._pointers.write(
                replace(
                    pointer,
                    version=version,
                    signed=datetime.now(UTC),
                    held=held,
                    expires=base.pointer.expires if base and held else pointer.expires,
                ),
                base,
            )
            try:
                there = self._pointers.read()
            except StoreFailed as error:
                if outcome is Outcome.DONE:
                    return
                raise OutcomeUnknown(str(self._store.address), _unknown(error)) from None
            # Only this publish used this snapshot version, so the pointer names this release, perhaps with a later lease.
            if there and there.pointer.snapshot == pointer.snapshot:
                self._base = there
                return
            if outcome is Outcome.DONE:
                return  # The pointer was written, and a later release has already replaced it.
            if (there and there.pointer.snapshot) != (first and first.pointer.snapshot):
                raise Overtaken(str(self._store.address), "another publisher has published first")
            if time.monotonic() >= end:
                raise OutcomeUnknown(str(self._store.address), "the pointer could not be replaced in time")
            base = there
            time.sleep(_PAUSE_SECONDS)

    def _still_held(self, base: At | None, pointer: Pointer) -> str:
        """Returns the process that still keeps the links hidden after this write; "" if there is none.

        A hold ends with a publish by its holder, with a closing, and with a command that had read the hold when it began.
        """
        held = base.pointer.held if base else ""
        knew = bool(self._base and self._base.pointer.held)
        if base is None or held == self._publishing.who or hides_link(base.pointer.states, pointer.states):
            return ""
        return "" if knew and not self._publishing.is_resident else held


def next_closing(manifest: Manifest) -> datetime | None:
    """Returns the moment of the first scheduled event that hides a link which the release shows; None if there is none."""
    return min(
        (
            event.starts
            for id, events in manifest.scheduled.items()
            for event in events
            if manifest.states.get(id) in STATES_WITH_LINK and event.state not in STATES_WITH_LINK
        ),
        default=None,
    )


def _unknown(error: StoreFailed) -> str:
    return f"it is not known whether the release is live: {error.strerror}"
