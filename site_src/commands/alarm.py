"""Calls the programs that local.yaml names: `alarm` with a message, and `after_switch` with the release's name after each switch."""

from __future__ import annotations

import argparse
import threading

from site_src.commands.output import say
from site_src.exit_codes import DONE, PROBLEMS, WrongUse
from site_src.local_file import LOCAL_FILE
from site_src.read.project import Project

_SECONDS = 30.0


def ring(program: str | None, sentence: str) -> None:
    """Starts the alarm program without a shell, with the message as its only argument, and does not wait for it.

    Prints a message if the program fails.
    """
    if not program:
        return
    try:
        threading.Thread(target=ring_and_wait, args=(program, sentence), daemon=True).start()
    except RuntimeError as error:
        say(f"The alarm program {program} failed: {error}.")


def ring_aloud(program: str | None, sentence: str) -> None:
    """Prints the message as an alarm, and starts the alarm program if there is one."""
    say(f"ALARM: {sentence}")
    ring(program, sentence)


def run(options: argparse.Namespace, project: Project) -> int:
    """Runs the alarm program of local.yaml, and waits for it to end. Returns 1 if it failed. Raises InputRefused and WrongUse."""
    local = project.require_local()
    if local is None or local.alarm is None:
        raise WrongUse(
            f'no alarm program is configured. Name one in {LOCAL_FILE} beside quota_state.yaml, such as "alarm: /usr/local/bin/warn-our-people".'
        )
    return DONE if ring_and_wait(local.alarm, options.sentence) else PROBLEMS


def ring_and_wait(program: str, sentence: str) -> bool:
    """Starts the alarm program as `ring` does, but waits for it to end. Returns False if it failed."""
    reason = _call(program, sentence)
    if reason:
        say(f"The alarm program {program} failed: {reason}.")
    return not reason


def call_after_switch(project: Project, target: str, release: str) -> str | None:
    """Calls the program that `after_switch` in local.yaml names, with the release's name, and waits for it to end. Does nothing if
    local.yaml names no program, or a different target.

    Returns a message if the program failed, or if it was not called because local.yaml has problems.
    """
    local, problems = project.read_local()
    if problems:
        return f"{LOCAL_FILE} has problems, so no program was called after the switch to release {release}: {problems[0]}"
    if local is None or local.after_switch is None or target != local.target.rstrip("/"):
        return None
    reason = _call(local.after_switch, release)
    return f"{local.after_switch} failed after the switch to release {release}: {reason}." if reason else None


def _call(program: str, word: str) -> str:
    """Calls the program without a shell, with `word` as its only argument. Waits at most 30 seconds.

    Returns why the program failed, or "" if it succeeded.
    """
    import subprocess  # most commands call no program

    try:
        done = subprocess.run(  # noqa: S603 -- the program comes from this host's own file
            [program, word], stdin=subprocess.DEVNULL, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return f"it ended with exit code {done.returncode}" if done.returncode else ""
