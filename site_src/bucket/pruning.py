"""Deletes from the bucket the blobs that no listed release needs and that are over an hour old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from site_src.bucket.object_store import ObjectStore
from site_src.bucket.pointer import Listing
from site_src.bucket.releases import blobs_of, fetch_manifest
from site_src.bucket.store_failure import StoreFailed

# A blob that was just put may belong to a release that another publisher is about to make live.
_YOUNG = timedelta(hours=1)
_BLOBS = "blobs"


def prune_bucket(store: ObjectStore, listing: Listing) -> int:
    """Deletes the blobs that no release in the listing needs and that are over an hour old. Returns their number.

    Does nothing without the right to list or to delete, and never raises StoreFailed: the release is live already.
    """
    try:
        needed = {about.sha256 for about in listing.releases.values()}
        for name in listing.releases:
            needed |= blobs_of(fetch_manifest(store, listing, name)).keys()
        before, deleted = datetime.now(UTC) - _YOUNG, 0
        for blob in list(store.list(_BLOBS)):
            if blob.key.rpartition("/")[2] not in needed and blob.modified < before:
                store.delete(blob.key)
                deleted += 1
    except StoreFailed:
        return 0
    return deleted
