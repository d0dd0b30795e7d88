"""`quota take`: adds the events of another version of the log to the log here; deploy/pull.sh runs it."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from site_src.exit_codes import DONE, PROBLEMS, WrongUse
from site_src.file_lock import LockHeld, Wait
from site_src.quota.log_file import LogChanged, LogFile
from site_src.quota.take_over import take_over
from site_src.read.project import Project
from site_src.read.tree import STATE_FILE


def run(options: argparse.Namespace, project: Project) -> int:
    """Merges the events into the log in one step. Returns 1 if a programme keeps its lines; the others are taken over then.

    Raises InputRefused, and WrongUse for a file that cannot be read.
    """
    zone = project.read_zone()
    log_file = LogFile(project.root)
    try:
        base, theirs = (Path(name).read_bytes().decode() for name in (options.base, options.theirs))
        with log_file.lock(Wait()):
            version, before = log_file.version(), log_file.read().decode()
            taken = take_over(base, before, theirs, zone, datetime.now(UTC))
            if taken.text != before:
                log_file.replace(taken.text, version)
    except LogChanged:
        print(f"Refused: {STATE_FILE} was changed at the same moment. Try again.", file=sys.stderr)
        return PROBLEMS
    except LockHeld as error:
        print(f"Refused: {error}", file=sys.stderr)
        return PROBLEMS
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"a version of {STATE_FILE} cannot be read or written: {error}") from None
    for note in taken.notes:
        print(note, file=sys.stderr)
    for refused in taken.refused:
        print(f"Not taken over: {refused}", file=sys.stderr)
    return PROBLEMS if taken.refused else DONE
