"""Deletes old releases: those beyond `--keep` (its default is in commands/options.py), and more of them if the disk is full.

Releases with which a link appeared or disappeared are evidence of what visitors saw, so they are kept permanently.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from site_src.file_lock import SHORT_WAIT, Wait
from site_src.publish.history import releases_to_keep
from site_src.publish.releases import RELEASES, Release, find_live, names_before, target_lock
from site_src.publish.reserve import spend_reserve
from site_src.publish.store import OutputRefused, is_full, sweep

_PRUNED_AT_ONCE = 20


def free_room(target: Path, closing: bool) -> bool:
    """Takes the target's lock and frees space on a full disk. Returns True if it freed any, or False if it cannot take the lock."""
    with suppress(OSError, OutputRefused), target_lock(target, Wait(SHORT_WAIT)):
        return _free(target, find_live(target), closing)
    return False


def make_room(write: Callable[[], Release], target: Path, live: Release | None, closing: bool) -> Release:
    """Calls `write` and returns its release. While the disk is full, frees space and tries again. Raises OSError."""
    while True:
        try:
            return write()
        except OSError as error:
            if not is_full(error) or not _free(target, live, closing):
                raise


def _free(target: Path, live: Release | None, closing: bool) -> bool:
    """Frees space on a full disk. Returns True if it freed any. Deletes no release while the live release is not known."""
    return (live is not None and prune_half(target, live, closing)) or (closing and spend_reserve(target))


def prune_half(target: Path, live: Release, closing: bool) -> bool:
    """Frees space on a full disk: deletes the older half of the releases before the live one. Returns True if it freed any.

    Keeps the release directly before the live one, and evidence. If only evidence is left and the publish is a closing, deletes
    the reserve, and at the next call the older half of the evidence, because a closing must not wait for disk space.
    """
    older, evidence = names_before(target, live)[1:], releases_to_keep(target)
    others = [name for name in older if name not in evidence]
    if not others and closing:
        if spend_reserve(target):
            return True
        others = older
    sweep(target / RELEASES / name for name in others[len(others) // 2 :])
    return len(names_before(target, live)[1:]) < len(older)


def prune(target: Path, live: Release, keep: int) -> None:
    """Deletes the oldest releases beyond `keep`, at most 20 per call, but never the live release or the one before it.

    Releases with which a link appeared or disappeared stay, and do not count. Raises OSError if the journal cannot be read.
    """
    older = names_before(target, live)
    if len(older) < max(keep, 2):
        return
    beyond = names_beyond(older, releases_to_keep(target), keep)
    # Only a few per call, so that the lock is not held for minutes after `keep` was lowered.
    sweep(target / RELEASES / name for name in beyond[-_PRUNED_AT_ONCE:])


def names_beyond(older: list[str], evidence: Collection[str], keep: int) -> list[str]:
    """Returns the names of the releases to delete.

    `older` contains the releases before the live one, the newest first. The first of them, and those in `evidence`, are kept.
    """
    others = [name for name in older if name not in evidence]
    return [name for name in others[max(keep - 1, 0) :] if name != older[0]]
