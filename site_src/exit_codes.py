"""The exit codes of the commands (listed in docs/reference.md), their summary for help texts, and the exception for wrong use
(exit 2).
"""

from __future__ import annotations

DONE, PROBLEMS, WRONG_USE, GATE_REFUSED, CONTENT_PENDING, NOT_SHOWN = 0, 1, 2, 3, 4, 5
INTERRUPTED = 130  # as shells report a command that Ctrl-C ended
READER_GONE = 141  # as shells report a program whose reader closed the pipe
# The help texts end with this summary.
SUMMARY = (
    "Exit: 0 done; 1 problems in the inputs or with the disk, nothing written; 2 wrong use; "
    "3 the gate refused the output, nothing written; 4 published, but content/ was left out until it is fixed; "
    "5 published, but the public address does not show it."
)


class CommandFailed(Exception):
    """Raised if a command could not do its work (exit 1). The message is for the user."""


class WrongUse(Exception):
    """Raised for arguments that the command cannot carry out (exit 2). The message is for the user."""
