"""The loop of the resident publisher (`publish --watch`): publishes after each change of the inputs, and at each scheduled change
of the output.

It reads the wall clock twice a second, so after a pause of the machine or a change of the clock it is at most half a second
late. It publishes for the present instant, so nothing is published too early.
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
# The pause after an unexpected error, so that repeated errors do not use the whole processor.
_BREATH_SECONDS = 0.2
_T = TypeVar("_T")


class Publishing(Protocol):
    """The work that the loop calls."""

    def attempt(self) -> bool:
        """Publishes and reports the result. Returns False if the loop should try again soon, even if nothing changes."""

    def next_change(self, after: datetime) -> datetime:
        """Returns the first instant after `after` (aware) at which the output changes although the inputs do not."""

    def beat(self, next_change: datetime) -> None:
        """Reports to a monitor that the process is alive."""

    def is_intact(self) -> bool:
        """Returns True if the published files are unchanged since the last attempt."""

    def say(self, line: str) -> None:
        """Writes a line to the log."""


@dataclass
class Resident:
    """Publishes at once, then after each change of the inputs and at each scheduled change of the output, until `stop`."""

    root: Path
    publishing: Publishing
    now: Callable[[], datetime]
    poll: bool = False

    def __post_init__(self) -> None:
        self._watcher = Watcher(self.root, WATCHED, self.poll, hurried=[STATE_FILE])
        self._stopped = False
        # The messages that were logged last: why the watcher polls, and which unexpected error was raised.
        self._reported: str | None = None
        self._crash = ""

    @property
    def polling(self) -> str | None:
        """Returns why the watcher polls for changes, or None while the system reports changes."""
        return self._watcher.polling

    @property
    def is_stopped(self) -> bool:
        """Returns True after `stop` was called."""
        return self._stopped

    def rest(self, seconds: float) -> None:
        """Waits for `seconds` seconds, or until `stop`."""
        end = time.monotonic() + seconds
        while not self._stopped and (left := end - time.monotonic()) > 0:
            self._watcher.wait(left)

    def stop(self, *_: Any) -> None:
        """Makes `stay` return after the current publish. Can be used as a signal handler."""
        self._stopped = True
        self._watcher.wake()

    def stay(self) -> None:
        """Publishes, waits for a change or for the next instant, and repeats this until `stop`."""
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
        """Waits for a change of the inputs or for `due`. Also returns if the clock was set back since `seen`, and after `stop`."""
        beaten: datetime | None = None
        while not self._stopped:
            now = self.now()
            # After the clock was set back, the shown state may not be true yet, and the next change is due later.
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
                f"Checking the files twice a second ({self.polling}), so a change is noticed within half a second."
            )

    def _survive(self, work: Callable[[], _T], otherwise: _T) -> _T:
        """Calls `work` and returns its result.

        If `work` raises an exception, logs the exception and returns `otherwise`, so the process keeps running.
        """
        try:
            return work()
        except Exception as error:  # noqa: BLE001 -- a lack of memory, threads or files can raise any class
            if (crash := repr(error)) != self._crash:
                self._crash = crash
                trace = "".join(traceback.format_exception(error))
                self.publishing.say(f"ALARM: an unexpected error. The publisher tries again.\n{trace}")
            time.sleep(_BREATH_SECONDS)
            return otherwise
