"""Finds the live release, adds its journal line if that is missing, and finds files that were changed by hand (`LiveFiles`)."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from site_src.publish import journal
from site_src.publish.journal_fields import journal_of, states_of
from site_src.publish.manifest import MANIFEST_FILE, digest
from site_src.publish.releases import CURRENT, Release, live_or_newest

# The share of the time spent on looking. One look at a site of 40,000 files takes a fifth of a second.
_SHARE = 0.05
_Marks = dict[str, tuple[object, ...]]


def find_live(target: Path, published: Mapping[str, str]) -> tuple[Release | None, tuple[str, ...]]:
    """Returns the live release, and a message if there is a doubt about it. `published` maps releases to manifest digests.

    If the live release cannot be read, returns the newest readable one, because a closing must not wait for a repair.
    """
    live, doubt = live_or_newest(target)
    if live and not doubt and _is_changed(live, published):
        doubt = f"{live.name}/{MANIFEST_FILE} is not the one that was published."
    look = "The new release does not depend on it. To check: python build.py releases --verify"
    return live, (f"{doubt} {look}",) if doubt else ()


def note_unlogged(target: Path, live: Release | None, published: Mapping[str, str]) -> None:
    """Adds the journal line of the live release if it is missing. Ignores OSError, because a closing must not wait."""
    with suppress(OSError):
        if live and live.name not in published:
            before = {id: str(state) for id, (state, _) in journal.last_published(target).items()}
            journal.append(target, line_of_unlogged(live, before))


def line_of_unlogged(live: Release, before: Mapping[str, str]) -> dict[str, Any]:
    """Returns a journal line, without its time, about a live release that has none. It cannot say who published the release.

    `before` contains the states before the release.
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


class LiveFiles:
    """The status of the link `current`, and of every file of the live release, as recorded by the last `remember`."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._marks: _Marks = {}
        self._next = 0.0

    def remember(self) -> None:
        """Records the present status of all files."""
        self._marks = self._look()

    def find_change(self) -> str | None:
        """Returns the first path that was changed, added or deleted since `remember`, such as "current/site/en/index.html".

        Returns None if there is none. After each check of the files, makes no check, and returns None, for twenty times as
        long as the check took.
        """
        if time.monotonic() < self._next:
            return None
        now = self._look()
        changed = (path for path in now.keys() | self._marks.keys() if now.get(path) != self._marks.get(path))
        return min(changed, default=None)

    def _look(self) -> _Marks:
        begun = time.monotonic()
        marks: _Marks = {CURRENT: (_read_link(self._target / CURRENT),)}
        top = self._target / CURRENT
        for parent, folders, files in os.walk(top):
            for name in (*folders, *files):
                path = os.path.join(parent, name)
                marks[os.path.relpath(path, self._target)] = _mark(path)
        self._next = time.monotonic() + (time.monotonic() - begun) / _SHARE
        return marks


def _read_link(link: Path) -> str | None:
    try:
        return os.readlink(link)
    except OSError as error:
        return error.strerror


def _mark(path: str) -> tuple[object, ...]:
    try:
        status = os.lstat(path)
    except OSError as error:
        return (error.strerror,)
    owned, times = (status.st_mode, status.st_uid, status.st_ino), (status.st_mtime_ns, status.st_ctime_ns)
    return (*owned, status.st_size, *times)
