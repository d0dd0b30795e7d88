"""Prints the progress of long work: on a terminal one line that changes, in a log a plain line every few seconds."""

from __future__ import annotations

import sys
import time

from site_src.commands.report import ignore_output_errors

_FIRST, _ON_TERMINAL, _IN_LOG = 0.5, 0.1, 5.0


class Progress:
    """Prints progress to standard error; nothing for work that ends within half a second, or within five seconds in a log."""

    def __init__(self) -> None:
        self._terminal = sys.stderr is not None and sys.stderr.isatty()
        self._next = time.monotonic() + (_FIRST if self._terminal else _IN_LOG)
        self._reported = False

    def waiting(self, holder: str) -> None:
        """Prints that the command waits for the publisher `holder`; ignores errors of the output."""
        with ignore_output_errors():
            print(
                f"Another publisher is at work here ({holder}); waiting for it to end.",
                file=sys.stderr,
                flush=True,
            )

    def step(self, done: int, total: int) -> None:
        """Prints that `done` of `total` files are written, if a line is due; ignores errors of the output."""
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
