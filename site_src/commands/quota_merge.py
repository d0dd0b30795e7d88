"""`quota merge`: git's merge driver for the quota log. docs/running.md shows how to register it with git."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from site_src.exit_codes import DONE, PROBLEMS, WrongUse
from site_src.problems import InputRefused
from site_src.quota.merge import MergeRefused, mark_conflict, merge_texts
from site_src.read.project import Project
from site_src.read.tree import STATE_FILE


def run(options: argparse.Namespace, project: Project) -> int:
    """Writes the merged log to the file `ours` and returns 0; else writes it with conflict markers and returns 1.

    Raises WrongUse for a file that cannot be read.
    """
    ours_file = Path(options.ours)
    try:
        base, ours, theirs = (
            Path(name).read_bytes().decode() for name in (options.base, options.ours, options.theirs)
        )
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"a version of {STATE_FILE} cannot be read: {error}") from None
    try:
        merged = merge_texts(base, ours, theirs, project.read_zone(), datetime.now(UTC))
    except MergeRefused as refused:
        reasons, text = refused.reasons, refused.text
    except InputRefused as refused:
        reasons, text = tuple(map(str, refused.problems)), mark_conflict(ours, theirs)
    else:
        ours_file.write_bytes(merged.text.encode())
        for note in merged.notes:
            print(note, file=sys.stderr)
        return DONE
    ours_file.write_bytes(text.encode())
    for reason in reasons:
        print(f"{STATE_FILE}: {reason}", file=sys.stderr)
    return PROBLEMS
