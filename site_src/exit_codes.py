"""How a command can end: its exit codes, as docs/reference.md lists them, and wrong use."""

from __future__ import annotations

DONE, PROBLEMS, WRONG_USE, GATE_REFUSED, CONTENT_PENDING, NOT_SHOWN = 0, 1, 2, 3, 4, 5
INTERRUPTED = 130  # as a shell says it of a command that Ctrl-C has ended
READER_GONE = 141  # as a shell says it of a program whose reader closed the pipe


class WrongUse(Exception):
    """Raised, with a sentence, for arguments that cannot be carried out; exit 2."""
