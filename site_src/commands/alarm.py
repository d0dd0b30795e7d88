"""The host's own alarm: the program that local.yaml names, called with one sentence."""

from __future__ import annotations

import subprocess
import sys
import threading

from site_src.commands.report import ignore_output_errors

_SECONDS = 30.0


def ring(program: str | None, sentence: str) -> None:
    """Starts the program with the sentence as its only argument, without a shell; does not wait; prints a failure."""
    if program:
        threading.Thread(target=ring_and_wait, args=(program, sentence), daemon=True).start()


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
