"""What a command does while a person waits: delays Ctrl-C until a written change is published, and prints progress."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import Any

from site_src.commands.output import ignore_output_errors, say

_WAITING = b"\nThe event is written, and is being published. The command stops after that.\n"
_FIRST, _ON_TERMINAL, _IN_LOG = 0.5, 0.1, 5.0


class SignalHold:
    """From `begin` to `end`, SIGINT only sets `interrupted`, and SIGHUP only detaches the output. Works only in the main thread."""

    def __init__(self) -> None:
        self.interrupted = False
        self._before: dict[int, Any] = {}

    def begin(self) -> None:
        """Starts to hold the signals. Does nothing outside the main thread."""
        if not self._before and threading.current_thread() is threading.main_thread():
            self._before = {
                number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGHUP)
            }

    def end(self) -> None:
        """Restores the earlier signal handlers. Held signals are not repeated."""
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


class Progress:
    """Prints progress to standard error.

    Prints nothing for work that ends within half a second, or within five seconds in a log.
    """

    def __init__(self) -> None:
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._next = time.monotonic() + (_FIRST if self._terminal else _IN_LOG)
        self._reported = False

    def waiting(self, holder: str) -> None:
        """Prints that the command waits for the publisher `holder`. Ignores output errors."""
        say(f"Another publisher is at work here ({holder}). Waiting for it to end.")

    def step(self, done: int, total: int) -> None:
        """Prints that `done` of `total` files are written, if a line is due. Ignores output errors."""
        with ignore_output_errors():
            self._step(done, total)

    def _step(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self._terminal and self._reported and done == total:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        elif now >= self._next and done < total:
            self._next = now + (_ON_TERMINAL if self._terminal else _IN_LOG)
            self._reported = True
            line = f"writing {done} of {total} files"
            print(
                f"\r{line}\x1b[K" if self._terminal else line,
                end="" if self._terminal else "\n",
                file=sys.stderr,
                flush=True,
            )
