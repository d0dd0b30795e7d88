"""The loop of the resident publisher (`publish --watch`): publishes at each change of the inputs and each scheduled change of
the output.

It reads the wall clock twice a second, so it is at most half a second late after the machine slept or the clock was set. It
publishes for the present instant, so nothing is published before its time.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from site_src.publish.watcher import Watcher
from site_src.read.tree import STATE_FILE

WATCHED = ("content", STATE_FILE, "site_src/render/templates", "site_src/render/static")
LOOK_SECONDS, BEAT_SECONDS, RETRY_SECONDS = 0.5, 2.0, 15.0
_SET_BACK = timedelta(seconds=1)
# The pause after a failure, so that repeated failures do not use the whole processor.
_BREATH_SECONDS = 0.2
_T = TypeVar("_T")


class Publishing(Protocol):
    """What the resident publisher calls to do its work."""

    def attempt(self) -> bool:
        """Publishes and reports the result. Returns False if it should be tried again soon, even without a change."""

    def next_change(self, after: datetime) -> datetime:
        """Returns the first instant after `after` (aware) at which the output changes without a change of the inputs."""

    def beat(self, next_change: datetime) -> None:
        """Reports to a monitor that the process is alive."""

    def is_intact(self) -> bool:
        """Returns True while the published files are as the last attempt left them."""

    def say(self, line: str) -> None:
        """Writes a line to the log."""


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
        # The messages that were already logged: why it polls, and how a part of the work failed.
        self._reported: str | None = None
        self._crash = ""

    @property
    def polling(self) -> str | None:
        """Returns why it polls for changes; None while the system reports changes."""
        return self._watcher.polling

    @property
    def is_stopped(self) -> bool:
        """Returns True after `stop`."""
        return self._stopped

    def rest(self, seconds: float) -> None:
        """Waits for this many seconds, or until `stop`."""
        end = time.monotonic() + seconds
        while not self._stopped and (left := end - time.monotonic()) > 0:
            self._watcher.wait(left)

    def stop(self, *_: Any) -> None:
        """Ends `stay` after the current publish. May be used as a signal handler."""
        self._stopped = True
        self._watcher.wake()

    def stay(self) -> None:
        """Publishes and waits for changes and instants in turn, until `stop`."""
        self._tell_polling()
        try:
            while not self._stopped:
                begun = self.now()
                retry = begun + timedelta(seconds=RETRY_SECONDS)
                done = self._survive(self.publishing.attempt, False)
                due = self._survive(partial(self.publishing.next_change, begun), None)
                if done and due:
                    self._crash = ""
                self._wait(due if done and due else min(due or retry, retry), begun)
        finally:
            self._watcher.close()

    def _wait(self, due: datetime, seen: datetime) -> None:
        """Returns at a change, at `due`, when the clock was set back since `seen`, or after `stop`."""
        beaten: datetime | None = None
        while not self._stopped:
            now = self.now()
            # The clock was set back: the shown state may not be true yet, and the next change is due later.
            if now >= due or now < seen - _SET_BACK:
                return
            seen = now
            if beaten is None or (now - beaten).total_seconds() >= BEAT_SECONDS:
                self._survive(partial(self.publishing.beat, due), None)
                beaten = now
                if not self._survive(self.publishing.is_intact, True):
                    return
            self._tell_polling()
            timeout = min(LOOK_SECONDS, (due - now).total_seconds())
            nothing: frozenset[str] = frozenset()
            if self._survive(partial(self._watcher.wait, timeout), nothing):
                return

    def _tell_polling(self) -> None:
        if self.polling != self._reported:
            self._reported = self.polling
            self.publishing.say(
                f"Looking for changes twice a second ({self.polling}): a change is seen within half a second."
            )

    def _survive(self, work: Callable[[], _T], otherwise: _T) -> _T:
        """Returns what `work` returns.

        If it raises any Exception, logs that and returns `otherwise`, so the process keeps running.
        """
        try:
            return work()
        except Exception as error:  # noqa: BLE001 -- a lack of memory, threads or files can raise any class
            if (crash := repr(error)) != self._crash:
                self._crash = crash
                trace = "".join(traceback.format_exception(error))
                self.publishing.say(f"ALARM: a part of the work failed, and is tried again.\n{trace}")
            time.sleep(_BREATH_SECONDS)
            return otherwise
