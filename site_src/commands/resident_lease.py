"""Adds a line to the journal when a lease has ended while a link is live, and when the lease is renewed. `releases --at` reads these
lines to report what visitors saw.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from site_src.commands.output import say
from site_src.commands.visitors import look_at
from site_src.instants import utc_text
from site_src.publish import journal
from site_src.publish.history import ENDED, LEASE, RENEWED
from site_src.publish.lease import NOTED, read_lease
from site_src.publish.store import OutputRefused


class LeaseNotes:
    """Adds a line to the journal when an ended lease begins to hide a link, or no longer hides it. Writes in a background thread."""

    def __init__(self, target: Path, who: str) -> None:
        self._target, self._who = target, who
        self._ended, self._writing = False, Lock()

    def begin(self) -> None:
        """Adds a line if an ended lease already hides a link when this publisher starts. Raises OSError."""
        self.look(look_at(self._target).misses_link)

    def look(self, hidden: bool) -> None:
        """Adds a line if the lease has ended or was renewed since the last line. Raises OSError.

        `hidden` is True while the publisher raises an alarm about a hidden link.
        """
        hidden = hidden or (self._ended and look_at(self._target).misses_link)
        if hidden == self._ended:
            return
        self._ended = hidden
        entry: dict[str, Any] = {"who": self._who, "action": LEASE, "result": ENDED if hidden else RENEWED}
        lease = read_lease(self._target) if hidden else None
        if lease:
            # Three special moments in the past mark a lease that a command or a publisher ended.
            since = lease.until if lease.until > NOTED else lease.changed
            entry["since"] = utc_text(datetime.fromtimestamp(since, UTC), "milliseconds")
        Thread(target=self._write, args=(entry,), daemon=True).start()

    def _write(self, entry: dict[str, Any]) -> None:
        try:
            with self._writing:
                journal.append_locked(self._target, entry)
        except (OSError, OutputRefused) as error:
            say(f"The journal could not be written ({error}), so a line about the lease is missing.")
