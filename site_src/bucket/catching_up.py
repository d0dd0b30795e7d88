"""Brings a target up to date with the bucket."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

from site_src.bucket.pointer import Listing
from site_src.bucket.pointer_store import At, PointerStore
from site_src.bucket.releases import fetch_manifest, keep_release, switch_to_fetched
from site_src.publish import journal
from site_src.publish.live_release import note_unlogged
from site_src.publish.releases import live_name, live_or_newest, release_folders, sweep_leftovers
from site_src.states import State


def catch_up(pointers: PointerStore, target: Path) -> tuple[At | None, Listing]:
    """Fetches the releases that the target lacks, and makes the bucket's live release live in the target.

    The caller holds the target's lock. Returns the pointer (None if the bucket has none) and the listed releases. Raises OSError.
    """
    at = pointers.read()
    if at is None:
        return None, Listing(0, {})
    listing, live, store = pointers.list_releases(), at.pointer.live, pointers.store
    if listing.releases.keys() <= _names(target) and live_name(target) == live:
        return at, listing
    known, _ = live_or_newest(target)
    published = journal.manifests_in(target)
    note_unlogged(target, known, published)
    sweep_leftovers(target, known, published)
    manifest = cache(partial(fetch_manifest, store, listing))
    names = listing.newest_first()

    def states_before(name: str) -> Mapping[str, State]:
        # A release is removed from the listing only if it changed no link, so the next older one shows the same links.
        older = names[names.index(name) + 1 :]
        return manifest(older[0]).states if older else {}

    for name in reversed(names):
        if name not in _names(target) and name != live:
            keep_release(target, store, manifest(name), known, states_before(name))
    if live_name(target) != live:
        switch_to_fetched(target, store, manifest(live), known, states_before(live))
    return at, listing


def _names(target: Path) -> frozenset[str]:
    return frozenset(folder.name for folder in release_folders(target))
