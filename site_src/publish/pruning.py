"""Deletes old releases: those beyond `--keep` (its default is in commands/options.py), and more of them if the disk is full.

Releases that closed or opened a link are evidence of what visitors saw, so they are kept permanently.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from site_src.file_lock import SHORT_WAIT, Wait
from site_src.publish.history import releases_to_keep
from site_src.publish.manifest import ManifestBroken
from site_src.publish.releases import RELEASES, Release, live_release, names_before, target_lock
from site_src.publish.store import OutputRefused, sweep

_PRUNED_AT_ONCE = 20


def free_room(target: Path, closing: bool) -> bool:
    """Calls `prune_half` for a command without the lock.

    Also returns False if the lock cannot be taken or the live release cannot be read.
    """
    with suppress(OSError, OutputRefused, ManifestBroken), target_lock(target, Wait(SHORT_WAIT)):
        live = live_release(target)
        return live is not None and prune_half(target, live, closing)
    return False


def prune_half(target: Path, live: Release, closing: bool) -> bool:
    """Frees space on a full disk: deletes the older half of the releases before the live one, but never the release directly
    before it.

    Keeps releases that closed or opened a link. If only such releases are left and the publish is a closing, deletes their older
    half too, because a closing must not wait for disk space. Returns True if a release was deleted.
    """
    older = names_before(target, live)[1:]
    others = _without_evidence(target, older) or (older if closing else [])
    sweep(target / RELEASES / name for name in others[len(others) // 2 :])
    return len(names_before(target, live)[1:]) < len(older)


def _without_evidence(target: Path, names: list[str]) -> list[str]:
    """Returns the releases that neither closed nor opened a link."""
    kept = releases_to_keep(target)
    return [name for name in names if name not in kept]


def prune(target: Path, live: Release, keep: int) -> None:
    """Deletes the oldest releases beyond `keep`, at most 20 per call, but never the live release or the one before it.

    Releases that closed or opened a link are not counted and stay. Raises OSError if the journal cannot be read.
    """
    older = names_before(target, live)
    if len(older) < max(keep, 2):
        return
    beyond = names_beyond(older, releases_to_keep(target), keep)
    # Few per call, so that the lock is not held for minutes after `keep` was lowered.
    sweep(target / RELEASES / name for name in beyond[-_PRUNED_AT_ONCE:])


def names_beyond(older: list[str], evidence: Collection[str], keep: int) -> list[str]:
    """Returns which releases before the live one to delete.

    `older` names them, the newest first; those in `evidence` are kept permanently.
    """
    others = [name for name in older if name not in evidence]
    return [name for name in others[max(keep - 1, 0) :] if name != older[0]]
