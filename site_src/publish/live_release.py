"""Finds the live release for a publisher, reports doubts about it, and adds its line to the journal if the line is missing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from site_src.publish import journal
from site_src.publish.manifest import MANIFEST_FILE, digest
from site_src.publish.publication import journal_of, states_of
from site_src.publish.releases import Release, live_or_newest


def find_live(target: Path, published: Mapping[str, str]) -> tuple[Release | None, tuple[str, ...]]:
    """Returns the live release, and a message if there is a doubt about it. `published` maps releases to manifest digests.

    If the live release cannot be read, returns the newest readable one, because a closing must not wait for a repair.
    """
    live, doubt = live_or_newest(target)
    if live and not doubt and _is_changed(live, published):
        doubt = f"{live.name}/{MANIFEST_FILE} is not the one that was published."
    look = "The new release does not depend on it. Look: python build.py releases --verify"
    return live, (f"{doubt} {look}",) if doubt else ()


def note_unlogged(target: Path, live: Release | None, published: Mapping[str, str]) -> None:
    """Adds the journal line of the live release if it is missing. Ignores OSError, because a closing must not wait."""
    with suppress(OSError):
        if live and live.name not in published:
            before = {id: str(state) for id, (state, _) in journal.last_published(target).items()}
            journal.append(target, line_of_unlogged(live, before))


def line_of_unlogged(live: Release, before: Mapping[str, str]) -> dict[str, Any]:
    """Returns a journal line, without its time, about a live release that has none. It cannot say who published the release.

    `before` has the states before the release.
    """
    found = {"who": "", "action": "publish", "from": before, "to": states_of(live), "result": "found"}
    return {**found, **journal_of(live)}


def describe_damage(live: Release, damage: list[str]) -> str:
    """Returns the alarm about the live release. `damage` lists its differences from what was published."""
    more = f" (and {len(damage) - 1} more)" if len(damage) > 1 else ""
    return f"ALARM: release {live.name} was changed on this disk, and a new one replaces it: {damage[0]}{more}. Find out who changed it."


def _is_changed(live: Release, published: Mapping[str, str]) -> bool:
    """Returns True if the manifest was edited: its digest differs from the one in the journal. Raises OSError."""
    noted = published.get(live.name)
    return noted is not None and noted != digest((live.folder / MANIFEST_FILE).read_bytes())
