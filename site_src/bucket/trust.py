"""`Trust`: verifies the bucket's metadata with python-tuf, and follows new roots.

It saves the trusted metadata on this machine, so that older metadata is refused later:

TARGET/trusted/root.json timestamp.json snapshot.json targets.json
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tuf.api.exceptions import (
    EqualVersionNumberError,
    ExpiredMetadataError,
    RepositoryError,
)
from tuf.api.metadata import Metadata, Root, Targets
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from site_src.bucket.pointer import CHANGES_LINK, Listing, Pointer, PointerRefused, metadata_key, read_pointer
from site_src.publish.manifest import File
from site_src.publish.store import sync

TRUSTED = "trusted"
_ROOT, _TIMESTAMP, _SNAPSHOT, _TARGETS = "root", "timestamp", "snapshot", "targets"
Fetch = Callable[[str], bytes | None]


class Trust:
    """The trusted metadata in `target`. `first_root` is used until a root is saved there. `fetch` reads an object."""

    def __init__(self, target: Path, first_root: bytes, fetch: Fetch) -> None:
        self._folder, self._first_root, self._fetch = target / TRUSTED, first_root, fetch
        self._set: TrustedMetadataSet | None = None

    def accept(self, data: bytes) -> Pointer:
        """Verifies the bytes of a timestamp.json, saves them, and returns the pointer. Raises PointerRefused.

        If the version is the trusted one, returns the trusted pointer. Accepts a pointer whose lease has ended, because such a
        pointer only hides links. Requests newer roots from the bucket only if the trusted root does not verify the pointer, so a
        closing does not wait for that request. Call `update_root` afterwards.
        """
        try:
            try:
                trusted = self._verify(data)
            except RepositoryError:
                if not self._fetch_roots():
                    raise
                trusted = self._verify(data)
        except (RepositoryError, ValueError) as error:
            raise PointerRefused(_explain(error)) from None
        self._set = trusted
        return read_pointer(trusted.timestamp)

    def known(self) -> Pointer | None:
        """Returns the pointer that was accepted last, even by an earlier process, or None if there is none.

        Raises PointerRefused.
        """
        data = self._read(_TIMESTAMP)
        return self.accept(data) if data else None

    def update_root(self) -> None:
        """Trusts the newest root in the bucket, and verifies the accepted pointer with it. Raises PointerRefused."""
        try:
            if self._fetch_roots() and (data := self._read(_TIMESTAMP)):
                self._set = self._verify(data)
        except (RepositoryError, ValueError) as error:
            raise PointerRefused(_explain(error)) from None

    def list_releases(self) -> Listing:
        """Returns the releases that belong to the last accepted pointer. Raises PointerRefused and the errors of `fetch`."""
        trusted = self._set
        if trusted is None:
            raise ValueError("no pointer was accepted")
        if _TARGETS not in trusted:
            try:
                self._load_listing(trusted)
            except (RepositoryError, ValueError) as error:
                raise PointerRefused(_explain(error)) from None
        targets = trusted.targets
        return Listing(
            targets.version,
            {
                name: File(about.hashes["sha256"], about.length)
                for name, about in targets.targets.items()
                if "sha256" in about.hashes
            },
            frozenset(
                name for name, about in targets.targets.items() if (about.custom or {}).get(CHANGES_LINK)
            ),
        )

    @property
    def listing_version(self) -> int:
        """Returns the version of the last trusted targets.json, or 0 if there is none."""
        data = self._read(_TARGETS)
        return Metadata[Targets].from_bytes(data).signed.version if data else 0

    @property
    def root_version(self) -> int:
        """Returns the version of the trusted root. Raises PointerRefused."""
        return self._read_root().version

    @property
    def online_keys(self) -> frozenset[str]:
        """Returns the identifiers of the keys that may sign a pointer. Raises PointerRefused."""
        return frozenset(self._read_root().roles[_TIMESTAMP].keyids)

    @property
    def root_expires(self) -> datetime:
        """Returns when the trusted root expires (UTC). Raises PointerRefused."""
        return self._read_root().expires

    def _read_root(self) -> Root:
        try:
            return self._load_root().root
        except (RepositoryError, ValueError) as error:
            raise PointerRefused(_explain(error)) from None

    def _load_root(self) -> TrustedMetadataSet:
        return TrustedMetadataSet(self._read(_ROOT) or self._first_root, EnvelopeType.METADATA)

    def _fetch_roots(self) -> bool:
        """Saves each newer root in the bucket that the trusted root verifies. Returns True if there is one."""
        trusted, found = self._load_root(), False
        while newer := self._fetch(metadata_key(_ROOT, trusted.root.version + 1)):
            trusted.update_root(newer)
            self._keep(_ROOT, newer)
            found = True
        return found

    def _verify(self, data: bytes) -> TrustedMetadataSet:
        """Verifies the timestamp in `data` with the trusted root, and returns both as a new set of metadata.

        Saves the timestamp if it is newer than the trusted one.
        """
        trusted = self._load_root()
        if trusted.root.is_expired():
            raise ExpiredMetadataError(
                f"its root expired on {trusted.root.expires:%Y-%m-%d}; make the next one: python build.py keys rotate"
            )
        if self._read(_ROOT) is None:
            self._keep(_ROOT, self._first_root)
        # A rotation of the online key makes the old timestamp invalid, which ends a fast-forward attack.
        if known := self._read(_TIMESTAMP):
            with suppress(RepositoryError):
                self._update_timestamp(trusted, known)
        with suppress(EqualVersionNumberError):
            self._update_timestamp(trusted, data)
            self._keep(_TIMESTAMP, data)
        return trusted

    def _update_timestamp(self, trusted: TrustedMetadataSet, data: bytes) -> None:
        with suppress(ExpiredMetadataError):
            trusted.update_timestamp(data)
        # This program checks the end of the lease itself: a pointer with an ended lease still states what is hidden.
        trusted.reference_time = min(datetime.now(UTC), trusted.timestamp.expires - timedelta(seconds=1))

    def _load_listing(self, trusted: TrustedMetadataSet) -> None:
        version = trusted.timestamp.snapshot_meta.version
        snapshot, old = self._read(_SNAPSHOT), None
        if snapshot:
            with suppress(RepositoryError):
                trusted.update_snapshot(snapshot, trusted=True)
                old = snapshot
        if old is None or trusted.snapshot.version != version:
            snapshot = self._need(metadata_key(_SNAPSHOT, version))
            trusted.update_snapshot(snapshot)
            self._keep(_SNAPSHOT, snapshot)
        wanted = trusted.snapshot.meta[f"{_TARGETS}.json"].version
        targets = self._read(_TARGETS)
        if targets:
            with suppress(RepositoryError):
                trusted.update_targets(targets)
                return
        targets = self._need(metadata_key(_TARGETS, wanted))
        trusted.update_targets(targets)
        self._keep(_TARGETS, targets)

    def _need(self, key: str) -> bytes:
        data = self._fetch(key)
        if data is None:
            raise RepositoryError(f"{key} is missing")
        return data

    def _read(self, role: str) -> bytes | None:
        try:
            return (self._folder / f"{role}.json").read_bytes()
        except FileNotFoundError:
            return None

    def _keep(self, role: str, data: bytes) -> None:
        """Replaces the file and fsyncs it, so that older metadata is refused even after a crash. Raises OSError."""
        self._folder.mkdir(mode=0o755, exist_ok=True)
        file = self._folder / f"{role}.json"
        aside = self._folder / f"{role}.json.{threading.get_ident()}.unfinished"
        aside.write_bytes(data)
        sync(aside)
        os.replace(aside, file)
        sync(self._folder)


def _explain(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return f"the bucket's metadata is not trusted ({text[:200]})."
