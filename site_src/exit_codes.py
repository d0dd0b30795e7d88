"""The exit codes of the commands, which docs/reference.md lists, and the exception for wrong use (exit 2)."""

from __future__ import annotations

DONE, PROBLEMS, WRONG_USE, GATE_REFUSED, CONTENT_PENDING, NOT_SHOWN = 0, 1, 2, 3, 4, 5
INTERRUPTED = 130  # as shells report a command that Ctrl-C ended
READER_GONE = 141  # as shells report a program whose reader closed the pipe


class WrongUse(Exception):
    """Raised for arguments that the command cannot carry out (exit 2). The message is for the user."""
