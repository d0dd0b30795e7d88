"""Finds changes to a bucket (`releases --verify`): verifies every listed release, and the journal's chain."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256

from site_src.bucket.object_store import ObjectStore
from site_src.bucket.pointer_store import PointerStore
from site_src.bucket.releases import blobs_of, each_at_once, fetch_blob, fetch_manifest
from site_src.bucket.shared_journal import JOURNAL
from site_src.bucket.store_failure import StoreFailed
from site_src.publish import journal
from site_src.publish.manifest import File


def find_tampering_in_bucket(pointers: PointerStore) -> list[str]:
    """Returns a message for each difference from what was published. Raises StoreFailed if the pointer or listing is refused."""
    store = pointers.store
    if pointers.read() is None:
        return [f"{store.address}: has no pointer"]
    return [*_find_in_releases(pointers), *_find_in_journal(store)]


def _find_in_releases(pointers: PointerStore) -> list[str]:
    store, listing = pointers.store, pointers.list_releases()
    blobs: dict[str, File] = {}
    found: list[str] = []
    for name in listing.newest_first():
        try:
            blobs |= blobs_of(fetch_manifest(store, listing, name))
        except StoreFailed as error:
            found.append(str(error))

    def check(about: File) -> None:
        try:
            fetch_blob(store, about)
        except StoreFailed as error:
            found.append(str(error))

    each_at_once(check, blobs.values())
    return sorted(found)


def _find_in_journal(store: ObjectStore) -> Iterator[str]:
    before = journal.NO_LINE
    for number, line in enumerate(store.list(JOURNAL), start=1):
        found = store.get(line.key)
        data = found.data if found else b""
        try:
            follows = json.loads(data)[journal.BEFORE] == before
        except (ValueError, KeyError, TypeError):
            yield f"{store.address}/{line.key}: cannot be understood"
        else:
            if not follows or line.key != f"{JOURNAL}/{number:08}.json":
                yield f"{store.address}/{line.key}: the line before it was changed, or lines were added or removed"
        before = sha256(data).hexdigest()
