"""`Trust`: verifies the bucket's metadata with python-tuf, and follows new roots.

It saves the trusted metadata on this machine, so that older metadata is refused later:

TARGET/trusted/root.json timestamp.json snapshot.json targets.json
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tuf.api.exceptions import EqualVersionNumberError, ExpiredMetadataError, RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from site_src.bucket.pointer import CHANGES_LINK, Listing, Pointer, PointerRefused, metadata_key, read_pointer
from site_src.publish.manifest import File
from site_src.publish.store import sync

Fetch = Callable[[str], bytes | None]


class Trust:
    """The trusted metadata in `target`. `first_root` is used until a root is saved there. `fetch` reads an object."""

    def __init__(self, target: Path, first_root: bytes, fetch: Fetch) -> None:
        self._folder, self._first_root, self._fetch = target / "trusted", first_root, fetch
        self._set: TrustedMetadataSet | None = None

    def accept(self, data: bytes) -> Pointer:
        """Verifies the bytes of a timestamp.json, saves them, and returns the pointer. Raises PointerRefused.

        If the version is the trusted one, returns the trusted pointer. Accepts a pointer whose lease has ended, because such a
        pointer only hides links. Requests newer roots from the bucket only if the trusted root does not verify the pointer, so a
        closing does not wait for that request. Call `update_root` afterwards.
        """
        with _refusing():
            try:
                trusted = self._verify(data)
            except RepositoryError:
                if not self._fetch_roots():
                    raise
                trusted = self._verify(data)
        self._set = trusted
        return read_pointer(trusted.timestamp)

    def known(self) -> Pointer | None:
        """Returns the pointer that was accepted last, even by an earlier process, or None. Raises PointerRefused."""
        data = self._read(Timestamp.type)
        return self.accept(data) if data else None

    def update_root(self) -> None:
        """Trusts the newest root in the bucket, and verifies the accepted pointer with it. Raises PointerRefused."""
        with _refusing():
            if self._fetch_roots() and (data := self._read(Timestamp.type)):
                self._set = self._verify(data)

    def list_releases(self) -> Listing:
        """Returns the releases that belong to the last accepted pointer. Raises PointerRefused and the errors of `fetch`."""
        trusted = self._set
        if trusted is None:
            raise ValueError("no pointer was accepted")
        if Targets.type not in trusted:
            with _refusing():
                self._load_listing(trusted)
        targets = trusted.targets.targets
        return Listing(
            trusted.targets.version,
            {name: File(about.hashes["sha256"], about.length) for name, about in targets.items()},
            frozenset(name for name, about in targets.items() if (about.custom or {}).get(CHANGES_LINK)),
        )

    @property
    def listing_version(self) -> int:
        """Returns the version of the last trusted targets.json, or 0 if there is none."""
        data = self._read(Targets.type)
        return Metadata[Targets].from_bytes(data).signed.version if data else 0

    @property
    def root_version(self) -> int:
        """Returns the version of the trusted root. Raises PointerRefused."""
        with _refusing():
            return self._load_root().root.version

    @property
    def online_keys(self) -> frozenset[str]:
        """Returns the identifiers of the keys that may sign a pointer. Raises PointerRefused."""
        with _refusing():
            return frozenset(self._load_root().root.roles[Timestamp.type].keyids)

    def _load_root(self) -> TrustedMetadataSet:
        return TrustedMetadataSet(self._read(Root.type) or self._first_root, EnvelopeType.METADATA)

    def _fetch_roots(self) -> bool:
        """Saves each newer root in the bucket that the trusted root verifies. Returns True if there is one."""
        trusted, found = self._load_root(), False
        while newer := self._fetch(metadata_key(Root.type, trusted.root.version + 1)):
            trusted.update_root(newer)
            self._keep(Root.type, newer)
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
        if self._read(Root.type) is None:
            self._keep(Root.type, self._first_root)
        # A rotation of the online key makes the old timestamp invalid, which ends a fast-forward attack.
        if known := self._read(Timestamp.type):
            with suppress(RepositoryError):
                _update_timestamp(trusted, known)
        with suppress(EqualVersionNumberError):
            _update_timestamp(trusted, data)
            self._keep(Timestamp.type, data)
        return trusted

    def _load_listing(self, trusted: TrustedMetadataSet) -> None:
        """Loads targets.json of the accepted timestamp: the saved one, or else the one in the bucket."""
        version = trusted.timestamp.snapshot_meta.version
        if snapshot := self._read(Snapshot.type):
            with suppress(RepositoryError):
                trusted.update_snapshot(snapshot, trusted=True)
        if Snapshot.type not in trusted or trusted.snapshot.version != version:
            self._fetch_new(Snapshot.type, version, trusted.update_snapshot)
        if targets := self._read(Targets.type):
            with suppress(RepositoryError):
                trusted.update_targets(targets)
                return
        wanted = trusted.snapshot.meta[f"{Targets.type}.json"].version
        self._fetch_new(Targets.type, wanted, trusted.update_targets)

    def _fetch_new(self, role: str, version: int, update: Callable[[bytes], Any]) -> None:
        key = metadata_key(role, version)
        data = self._fetch(key)
        if data is None:
            raise RepositoryError(f"{key} is missing")
        update(data)
        self._keep(role, data)

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


def _update_timestamp(trusted: TrustedMetadataSet, data: bytes) -> None:
    with suppress(ExpiredMetadataError):
        trusted.update_timestamp(data)
    # This program checks the end of the lease itself: a pointer with an ended lease still states what is hidden.
    trusted.reference_time = min(datetime.now(UTC), trusted.timestamp.expires - timedelta(seconds=1))


@contextmanager
def _refusing() -> Iterator[None]:
    """Raises PointerRefused instead of the errors of python-tuf."""
    try:
        yield
    except (RepositoryError, ValueError) as error:
        text = " ".join(str(error).split()) or type(error).__name__
        raise PointerRefused(f"the bucket's metadata is not trusted ({text[:200]}).") from None
