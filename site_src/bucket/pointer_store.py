"""Reads and verifies the pointer in the bucket, replaces it if it is unchanged, and ends its lease (`hold`)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from site_src.bucket.object_store import ObjectStore, Outcome
from site_src.bucket.pointer import TIMESTAMP, Listing, Pointer, PointerRefused, metadata_key
from site_src.bucket.signing import OnlineKey
from site_src.bucket.store_failure import StoreFailed
from site_src.bucket.trust import Trust

_ROUNDS = 20
_RESTORED = ' If an old copy was restored, delete this object and publish. See docs/scaling.md, "The store was restored from a copy".'


@dataclass(frozen=True, slots=True)
class At:
    """A verified pointer, with its ETag."""

    pointer: Pointer
    etag: str


class PointerStore:
    """Reads the pointer and, with a `key`, replaces it, for all threads. `root` is the checkout's newest version of the root."""

    def __init__(self, store: ObjectStore, trust: Trust, key: OnlineKey | None, root: int) -> None:
        self.store, self._trust, self._key = store, trust, key
        self._newest_root, self._root_there = root, False
        self._lock = threading.Lock()

    @property
    def rotates(self) -> bool:
        """Returns True if the checkout has a newer root than the bucket, or than the one that the pointer was signed for.

        Raises PointerRefused and StoreFailed.
        """
        if self._newest_root > self._trust.root_version:
            return True
        # The first root is uploaded before the first pointer, so a closing need not request it.
        if not self._root_there and self._newest_root > 1:
            self._root_there = self.store.get(metadata_key("root", self._newest_root)) is not None
        return self._newest_root > 1 and not self._root_there

    def put_roots(self, roots: Iterable[tuple[int, bytes]]) -> None:
        """Uploads each version of the root that the bucket lacks. Raises StoreFailed, also if the bucket has a different one."""
        for version, data in roots:
            key = metadata_key("root", version)
            if not self.store.create_surely(key, data):
                raise StoreFailed(
                    f"{self.store.address}/{key}", "differs from the root of the same version in keys/"
                )
        self._root_there = True

    def read(self) -> At | None:
        """Reads the pointer in the bucket, or returns None. Raises StoreFailed, including for a refused pointer."""
        found = self.store.get(TIMESTAMP)
        if found is None:
            return None
        with self._trusting(f"/{TIMESTAMP}", _RESTORED):
            pointer = self._trust.accept(found.data)
            # A publisher accepts a new root only with a pointer that is signed for it. Until then, the last pointer is
            # signed with the old key.
            if self._key is None:
                self._trust.update_root()
        return At(pointer, found.etag)

    def list_releases(self) -> Listing:
        """Returns the releases that belong to the pointer that was read last. Raises StoreFailed."""
        with self._trusting("/metadata"):
            return self._trust.list_releases()

    def last_versions(self) -> tuple[int, int, int]:
        """Returns the last trusted versions of the pointer, the snapshot and the listing; 0 for each that is missing.

        Raises StoreFailed.
        """
        with self._trusting():
            known = self._trust.known()
            return known.version if known else 0, known.snapshot if known else 0, self._trust.listing_version

    def write(self, pointer: Pointer, base: At | None) -> Outcome:
        """Signs `pointer`, and replaces `base` with it or, if `base` is None, creates the first pointer. Raises StoreFailed."""
        if self._key is None:
            raise ValueError("without a key, nothing can be written")
        with self._trusting():
            is_current = self._key.id in self._trust.online_keys or self.rotates
        if not is_current:
            reason = "the keys were rotated. Bring this checkout and the online key of this host up to date"
            raise StoreFailed(str(self.store.address), reason)
        data = self._key.sign_pointer(pointer)
        return self.store.swap(TIMESTAMP, data, base.etag) if base else self.store.create(TIMESTAMP, data)

    def change(self, alter: Callable[[Pointer], Pointer | None], base: At | None = None) -> Pointer | None:
        """Replaces the pointer with the result of `alter`, which names the same release. Returns the new pointer.

        `base` is a pointer that was just read, or None. Writes nothing, and returns the present pointer, if `alter` returns
        None, if a different release has become live, or if the keys were rotated: the next publish signs everything again.
        Raises StoreFailed.
        """
        base = base or self.read()
        if base is None:
            return None
        live = "" if self.rotates else base.pointer.live
        for _ in range(_ROUNDS):
            altered = alter(base.pointer) if base.pointer.live == live else None
            if altered is None:
                return base.pointer
            now = datetime.now(UTC)
            new = replace(altered, version=base.pointer.version + 1, signed=now)
            if self.write(new, base) is Outcome.DONE:
                return altered
            # Refused or unknown: the object in the bucket decides. The store refuses a late write because of its ETag.
            there = self.read()
            if there is None:
                return None
            base = there
        raise StoreFailed(
            str(self.store.address), "other publishers replaced the pointer during each attempt"
        )

    def hold(self, who: str, base: At | None = None) -> Pointer | None:
        """Ends the lease on all web servers until something is published. Returns the new pointer. Raises StoreFailed."""

        def end(pointer: Pointer) -> Pointer | None:
            if not pointer.shows_link or pointer.held:
                return None
            now = datetime.now(UTC).replace(microsecond=0)
            return replace(pointer, expires=now - timedelta(seconds=1), held=who)

        return self.change(end, base)

    @contextmanager
    def _trusting(self, place: str = "", cure: str = "") -> Iterator[None]:
        """Runs the block while no other thread uses the trusted metadata. Raises StoreFailed instead of PointerRefused."""
        try:
            with self._lock:
                yield
        except PointerRefused as error:
            raise StoreFailed(f"{self.store.address}{place}", f"{error}{cure}") from None
