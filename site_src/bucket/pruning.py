"""Deletes the blobs in a bucket that are over an hour old and that no listed release needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from site_src.bucket.object_store import ObjectStore
from site_src.bucket.pointer import Listing
from site_src.bucket.releases import blobs_of, fetch_manifest
from site_src.bucket.store_failure import StoreFailed

# A new blob may belong to a release that another publisher is about to make live.
_YOUNG = timedelta(hours=1)


def prune_bucket(store: ObjectStore, listing: Listing) -> int:
    """Deletes the blobs that are over an hour old and that no listed release needs. Returns the number of deleted blobs.

    If the store fails or refuses, stops and returns 0: the release is live already, so this is not an error.
    """
    try:
        needed = {about.sha256 for about in listing.releases.values()}
        for name in listing.releases:
            needed |= blobs_of(fetch_manifest(store, listing, name)).keys()
        before, deleted = datetime.now(UTC) - _YOUNG, 0
        for blob in store.list("blobs"):
            if blob.key.rpartition("/")[2] not in needed and blob.modified < before:
                store.delete(blob.key)
                deleted += 1
    except StoreFailed:
        return 0
    return deleted
