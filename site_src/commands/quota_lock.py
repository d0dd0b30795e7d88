"""The lock of the quota log, for commands that change it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from site_src.commands.report import ignore_output_errors
from site_src.file_lock import SHORT_WAIT, Wait
from site_src.quota.log_file import NEW_FILE, state_lock
from site_src.states import STATES_WITH_LINK


@contextmanager
def hold_log(options: argparse.Namespace, root: Path) -> Iterator[str]:
    """Holds the log's lock during the block, and yields the name of the new file that will replace the log.

    Raises LockHeld or OSError if the lock cannot be taken. A command that hides a link continues without the lock instead, with a
    file name that only this process uses.
    """
    _, state = getattr(options, "noted", None) or ("", None)
    aside = NEW_FILE
    with ExitStack() as lock:
        try:
            lock.enter_context(state_lock(root, Wait(SHORT_WAIT, _say_waiting)))
        except OSError as error:
            if state is None or state in STATES_WITH_LINK:
                raise
            aside = f"{NEW_FILE}.{os.getpid()}"
            with ignore_output_errors():
                print(f"Going on without the lock {error.filename}: it {_reason(error)}.", file=sys.stderr)
        yield aside


def _reason(error: OSError) -> str:
    return "belongs to another user" if isinstance(error, PermissionError) else error.strerror or str(error)


def _say_waiting(holder: str) -> None:
    with ignore_output_errors():
        print(
            f"Another command is at work here ({holder}); waiting for it to end.", file=sys.stderr, flush=True
        )
