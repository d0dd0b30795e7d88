"""Delays signals: after an event is written, neither Ctrl-C nor a dropped connection prevents its publication."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import Any

_WAITING = b"\nThe event is written; it is being published. Ctrl-C waits for that.\n"


class SignalHold:
    """From `begin` to `end`, SIGINT only sets `interrupted`, and SIGHUP only detaches the output; only in the main thread."""

    def __init__(self) -> None:
        self.interrupted = False
        self._before: dict[int, Any] = {}

    def begin(self) -> None:
        """Starts to hold the signals; does nothing in a thread other than the main one."""
        if not self._before and threading.current_thread() is threading.main_thread():
            self._before = {
                number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGHUP)
            }

    def end(self) -> None:
        """Restores the earlier signal handlers; held signals are not repeated."""
        while self._before:
            number, handler = self._before.popitem()
            signal.signal(number, handler)

    def _note(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGHUP:
            _leave_terminal()
            return
        self.interrupted = True
        with suppress(OSError):
            os.write(2, _WAITING)


def _leave_terminal() -> None:
    """Sends all later output to the null device, because each write to a closed terminal fails."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError), open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), stream.fileno())
