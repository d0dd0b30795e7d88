"""Tests whether a store checks conditional writes. If not, two publishers can both believe that their release is live."""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from pathlib import Path

from site_src.bucket.object_store import ObjectStore, Outcome
from site_src.bucket.store_failure import StoreFailed
from site_src.publish.store import keep_file

TRIED = "store-tried.json"
_CREATED, _UPDATED, _WRONG = b"created\n", b"updated\n", b"must be refused\n"


class ConditionsIgnored(StoreFailed):
    """Raised if a conditional write succeeds although its condition is false."""


def try_conditions(store: ObjectStore, only_publisher: bool = False) -> None:
    """Tests the store's conditional writes on an object with a random name. Sets `store.bare` if ETags must have no quotes.

    Raises ConditionsIgnored if the store ignores a condition; with `only_publisher`, sets `store.conditional` to False instead.
    Raises StoreFailed.
    """
    key = f"canary/{secrets.token_hex(16)}"
    try:
        _try(store, key)
    except ConditionsIgnored:
        if not only_publisher:
            raise
        store.conditional = False
    finally:
        with suppress(StoreFailed):  # some stores do not let a publisher delete
            store.delete(key)


def keep_trial(store: ObjectStore, file: Path) -> None:
    """Saves the result of `try_conditions` in the file, so that later commands can skip the test. Raises OSError."""
    keep_file(file, json.dumps({"bare": store.bare, "conditional": store.conditional}).encode())


def recall_trial(store: ObjectStore, file: Path) -> bool:
    """Sets `store.bare` from the saved result. Returns False if there is no saved result, or if the store ignored conditions."""
    try:
        tried = json.loads(file.read_bytes())
        store.bare = bool(tried["bare"])
        return bool(tried["conditional"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _try(store: ObjectStore, key: str) -> None:
    if not store.create_surely(key, _CREATED):
        raise _ignored(store, "an object with a new name could not be created")
    if store.create(key, _WRONG) is not Outcome.REFUSED:
        raise _ignored(store, "If-None-Match: * did not prevent an object from being replaced")
    etag = _etag(store, key)
    for store.bare in (False, True):
        if store.swap(key, _UPDATED, etag) is Outcome.DONE:
            break
    else:
        raise _ignored(store, "If-Match with the right ETag was refused")
    if store.swap(key, _WRONG, etag) is not Outcome.REFUSED:
        raise _ignored(store, "If-Match with an old ETag did not prevent an object from being replaced")
    there = store.get(key)
    if there is None or there.data != _UPDATED:
        raise _ignored(store, "a refused write replaced the object")


def _etag(store: ObjectStore, key: str) -> str:
    there = store.get(key)
    if there is None or there.data != _CREATED:
        raise _ignored(store, "a refused write replaced the object")
    return there.etag


def _ignored(store: ObjectStore, what: str) -> ConditionsIgnored:
    reason = f"this store ignores conditions ({what}), so two publishers could overwrite each other's release. Use a different store. If there will only ever be one publisher, use --only-publisher"
    return ConditionsIgnored(str(store.address), reason)
