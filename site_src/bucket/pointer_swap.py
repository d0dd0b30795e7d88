"""Replaces a bucket's pointer with the pointer to a new release, unless another publisher has replaced it first."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

from site_src.bucket.object_store import Outcome
from site_src.bucket.pointer import Pointer
from site_src.bucket.pointer_store import At, PointerStore
from site_src.bucket.store_failure import StoreFailed
from site_src.publish.switch import OutcomeUnknown, Overtaken
from site_src.states import hides_link

_PAUSE_SECONDS = 0.02


def swap_pointer(
    pointers: PointerStore, pointer: Pointer, base: At | None, who: str, is_resident: bool
) -> None:
    """Replaces `base` with the pointer, even if the lease of `base` was changed in the meantime. `who` is the publisher.

    Raises Overtaken if another release has become live, OutcomeUnknown and StoreFailed.
    """
    address, end = str(pointers.store.address), time.monotonic() + pointers.store.patience
    there = base
    while True:
        held = _still_held(there.pointer, pointer, base, who, is_resident) if there else ""
        outcome = pointers.write(_follow(there, pointer, held), there)
        try:
            there = pointers.read()
        except StoreFailed as error:
            if outcome is Outcome.DONE:
                return
            reason = f"it is not known whether the release is live: {error.strerror}"
            raise OutcomeUnknown(address, reason) from None
        # Only this publish used this snapshot version, so the pointer names this release, perhaps with a later lease.
        # If it was written, but names a later release, that release has already replaced this one.
        if outcome is Outcome.DONE or (there and there.pointer.snapshot == pointer.snapshot):
            return
        if (there and there.pointer.snapshot) != (base and base.pointer.snapshot):
            raise Overtaken(address, "another publisher has published first")
        if time.monotonic() >= end:
            raise OutcomeUnknown(address, "the pointer could not be replaced in time")
        time.sleep(_PAUSE_SECONDS)


def _follow(there: At | None, pointer: Pointer, held: str) -> Pointer:
    """Returns the pointer with a version after that of `there`. If the links stay `held`, the lease of `there` stays too."""
    now = datetime.now(UTC)
    if there is None:
        return replace(pointer, signed=now)
    expires = there.pointer.expires if held else pointer.expires
    version = max(pointer.version, there.pointer.version + 1)
    return replace(pointer, version=version, signed=now, held=held, expires=expires)


def _still_held(there: Pointer, new: Pointer, base: At | None, who: str, is_resident: bool) -> str:
    """Returns the process that still keeps the links hidden after this write; "" if there is none.

    A hold ends with a publish by its holder, with a closing, and with a command that had read the hold when it began.
    """
    knew = base is not None and bool(base.pointer.held)
    if there.held == who or hides_link(there.states, new.states) or (knew and not is_resident):
        return ""
    return there.held
