"""Signals that wait: once an event is written, neither Ctrl-C nor a dropped connection keeps it from being published."""

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
    """From `begin` to `end`, SIGINT and SIGHUP do nothing but be noted. Python delivers signals to the main thread only."""

    def __init__(self) -> None:
        self.interrupted = False
        self._before: dict[int, Any] = {}

    def begin(self) -> None:
        """Lets the signals wait."""
        if not self._before and threading.current_thread() is threading.main_thread():
            self._before = {
                number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGHUP)
            }

    def end(self) -> None:
        """Gives the signals back what they did before; those that were noted are not repeated."""
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
    """A terminal that is gone answers each line with an error: what is printed from now on goes nowhere."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError), open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), stream.fileno())
