"""The resident publisher: publishes at each change of the inputs, and at each instant at which the output changes.

It reads the wall clock twice a second, so it is at most half a second late after the machine slept or the clock was set. It
publishes for the present instant, so nothing is live before its time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from site_src.publish.watcher import Watcher
from site_src.read.tree import STATE_FILE

WATCHED = ("content", STATE_FILE, "site_src/render/templates", "site_src/render/static")
LOOK_SECONDS, BEAT_SECONDS, RETRY_SECONDS = 0.5, 2.0, 15.0
_SET_BACK = timedelta(seconds=1)


class Publishing(Protocol):
    """What the resident publisher needs of the one that does the work."""

    def attempt(self) -> bool:
        """Publishes and reports the outcome; False if it should be tried again soon, without a change."""

    def next_change(self, after: datetime) -> datetime:
        """The first instant after `after` (aware) at which the output changes without a change of the inputs."""

    def beat(self, next_change: datetime) -> None:
        """Reports to a monitor that the process is alive."""


@dataclass
class Resident:
    """Publishes at once, then at each change and each instant at which the output changes, until `stop`."""

    root: Path
    publishing: Publishing
    now: Callable[[], datetime]
    poll: bool = False

    def __post_init__(self) -> None:
        self._watcher = Watcher(self.root, WATCHED, self.poll, hurried=[STATE_FILE])
        self._stopped = False

    @property
    def polling(self) -> str | None:
        """Why it polls for changes; None while the system reports them."""
        return self._watcher.polling

    def stop(self, *_: Any) -> None:
        """Ends `stay` after the publish that is running; a signal handler may call it."""
        self._stopped = True
        self._watcher.wake()

    def stay(self) -> None:
        """Publishes and waits, until `stop`."""
        try:
            while not self._stopped:
                begun = self.now()
                done = self.publishing.attempt()
                due = self.publishing.next_change(begun)
                self._wait(due if done else min(due, begun + timedelta(seconds=RETRY_SECONDS)))
        finally:
            self._watcher.close()

    def _wait(self, due: datetime) -> None:
        """Returns at a change, when `due` has come, when the clock was set back, or after `stop`."""
        seen = self.now()
        beaten: datetime | None = None
        while not self._stopped:
            now = self.now()
            # The clock was set back: what is shown may not be true yet, and scheduled changes come later.
            if now >= due or now < seen - _SET_BACK:
                return
            seen = now
            if beaten is None or (now - beaten).total_seconds() >= BEAT_SECONDS:
                self.publishing.beat(due)
                beaten = now
            if self._watcher.wait(min(LOOK_SECONDS, (due - now).total_seconds())):
                return
