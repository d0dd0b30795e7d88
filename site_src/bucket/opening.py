"""Opens a bucket with the settings of this host: the store, the signing key and the trusted metadata."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from site_src.bucket.address import Address
from site_src.bucket.object_store import ObjectStore
from site_src.bucket.pointer import metadata_key
from site_src.bucket.pointer_store import PointerStore
from site_src.bucket.roots import KEYS, KeyRefused, roots
from site_src.bucket.signing import OnlineKey, load_online_key
from site_src.bucket.store_failure import AccessRefused
from site_src.bucket.trust import Fetch, Trust
from site_src.exit_codes import WrongUse
from site_src.read.local import StoreSettings

KEY_VARIABLE = "QUOTABORD_SIGNING_KEY"


@dataclass(frozen=True, slots=True)
class Bucket:
    """An open bucket. `key` is None if this host only reads. `roots` contains every version of the root in `keys/`."""

    pointers: PointerStore
    new_trust: Callable[[], Trust]
    key: OnlineKey | None
    roots: tuple[tuple[int, bytes], ...]


def open_bucket(
    address: Address, root: Path, target: Path, settings: StoreSettings, patience: float, writes: bool = True
) -> Bucket:
    """Opens the bucket, without a request to the store. `target` is this machine's copy of the releases.

    `writes` is False for a host without the online key. Raises WrongUse.
    """
    store = ObjectStore(address, settings, patience)
    try:
        known = tuple(roots(root / KEYS))
        key = load_online_key(find_key_file(settings), known[-1][1]) if writes else None
    except KeyRefused as error:
        raise WrongUse(str(error)) from None
    # The previous root stays valid until a publisher has signed the metadata for the newest one.
    first = known[-2:][0][1] if writes else known[-1][1]
    fetch = _fetch_from(store, known if writes else ())

    def new_trust() -> Trust:
        return Trust(target, first, fetch)

    return Bucket(PointerStore(store, new_trust(), key, known[-1][0]), new_trust, key, known)


def _fetch_from(store: ObjectStore, roots: tuple[tuple[int, bytes], ...]) -> Fetch:
    """Returns a function that reads an object. If the bucket lacks a root, it returns the checkout's from `roots`."""
    own = {metadata_key("root", version): data for version, data in roots}

    def fetch(name: str) -> bytes | None:
        try:
            found = store.get(name)
        except AccessRefused:
            # Without the right to list, some stores refuse access to a missing object. The next root is usually missing.
            if not name.endswith(".root.json"):
                raise
            found = None
        return found.data if found else own.get(name)

    return fetch


def find_key_file(settings: StoreSettings) -> Path:
    """Returns the path of the online key, from QUOTABORD_SIGNING_KEY or local.yaml. Raises KeyRefused if neither names it."""
    named = os.environ.get(KEY_VARIABLE) or settings.signing_key
    if not named:
        raise KeyRefused(
            f'no signing key is configured. Name its file in local.yaml ("signing_key: /etc/quotabord/online.pem" below "store:"), or in the environment variable {KEY_VARIABLE}.'
        )
    return Path(named)
