"""The host's own alarm: the program that local.yaml names, called with one sentence; and the command `alarm`, which gives it."""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
from pathlib import Path

from site_src.commands.report import ignore_output_errors
from site_src.exit_codes import DONE, PROBLEMS, WrongUse
from site_src.local_file import LOCAL_FILE
from site_src.problems import InputRefused
from site_src.read.local import read_local

_SECONDS = 30.0


def ring(program: str | None, sentence: str) -> None:
    """Starts the program with the sentence as its only argument, without a shell; does not wait; prints a failure."""
    if program:
        threading.Thread(target=ring_and_wait, args=(program, sentence), daemon=True).start()


def run(options: argparse.Namespace, root: Path) -> int:
    """Gives the alarm of local.yaml and waits for its end; returns 1 if the program failed. Raises InputRefused and WrongUse."""
    local, problems = read_local(root)
    if problems:
        raise InputRefused(problems)
    if local is None or local.alarm is None:
        raise WrongUse(
            f'no alarm is configured. Name a program in {LOCAL_FILE} beside quota_state.yaml, such as "alarm: /usr/local/bin/warn-our-people".'
        )
    return DONE if ring_and_wait(local.alarm, options.sentence) else PROBLEMS


def ring_and_wait(program: str, sentence: str) -> bool:
    """Starts the program as `ring` does, and waits for its end; False if it failed."""
    try:
        done = subprocess.run(  # noqa: S603 -- the program comes from this host's own file
            [program, sentence], stdin=subprocess.DEVNULL, timeout=_SECONDS, check=False
        )
        reason = f"it ended with {done.returncode}" if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = str(error)
    if reason:
        with ignore_output_errors():
            print(f"The alarm could not be given by {program}: {reason}.", file=sys.stderr, flush=True)
    return not reason
