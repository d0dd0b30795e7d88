"""`quota save`: commits and pushes the quota log. Other commands start it in the background; a resident publisher runs it in a thread."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from site_src.commands.alarm import ring_and_wait
from site_src.commands.output import say
from site_src.commands.quota_inputs import read_quota_inputs
from site_src.exit_codes import DONE, PROBLEMS
from site_src.instants import utc_text
from site_src.local_file import LOCAL_FILE
from site_src.problems import InputRefused
from site_src.publish.store import keep_file
from site_src.read.local import Local
from site_src.read.project import Project
from site_src.read.tree import STATE_FILE

# The file with the reason for the last failure, which `quota due` reports.
SAVED_FILE = f".{STATE_FILE}.git.json"
_RUN = "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path; from site_src.cli import main; sys.exit(main(['quota', 'save'], Path(sys.argv[2])))"
RETRY_SECONDS = 60.0


def run(options: argparse.Namespace, project: Project) -> int:  # noqa: ARG001 - every command has this signature
    """Commits the log, pushes it if local.yaml says so, and prints what was done. Returns 1 after a failure. Raises InputRefused."""
    local = project.require_local()
    if local is None or local.git == "none":
        print(f'{LOCAL_FILE} has no line "git: commit" or "git: push", so nothing was done.')
        return DONE
    trouble, notes = save(project, local)
    for note in notes:
        print(note)
    if trouble is None:
        print(f"{STATE_FILE} is {'pushed' if local.git == 'push' else 'committed'}.")
        return DONE
    say(f"ALARM: {trouble}")
    if local.alarm:
        ring_and_wait(local.alarm, trouble)
    return PROBLEMS


def save(project: Project, local: Local) -> tuple[str | None, tuple[str, ...]]:
    """Commits the log, and pushes it if local.yaml says so.

    Returns the reason for a failure (or None), and the notes of a merge.
    """
    from site_src.commands.git import GitFailed
    from site_src.commands.log_repository import (
        LogRepository,  # A command that only starts this does not need these imports.
    )

    reason: str | None = None
    notes: tuple[str, ...] = ()
    try:
        notes = LogRepository(project.root, read_quota_inputs(project).zone).save(local.git == "push")
    except InputRefused as error:
        reason = str(error.problems[0])
    except GitFailed as error:
        reason = str(error)
    except OSError as error:
        reason = f"{error.filename}: {error.strerror}."
    trouble = reason and f"{STATE_FILE} of this host is not saved in git: {reason}"
    kept = {"time": utc_text(datetime.now(UTC), "seconds"), "trouble": trouble}
    keep_file(project.root / SAVED_FILE, (json.dumps(kept, ensure_ascii=False) + "\n").encode())
    return trouble, notes


def start_saving(project: Project) -> None:
    """If local.yaml requires it, starts `quota save` in a separate process, and does not wait for it. If that fails, prints why."""
    local, _ = project.read_local()
    if local is None or local.git == "none":
        return
    modules = str(Path(__file__).resolve().parents[2])
    try:
        process = subprocess.Popen(  # noqa: S603 - no word comes from outside
            [sys.executable, "-c", _RUN, modules, str(project.root)],
            cwd=project.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        say(f"{STATE_FILE} could not be saved in git: {os.strerror(error.errno or 0)}.")
        return
    # A thread waits for the process, so that an ended process does not stay in the system's table as a zombie.
    threading.Thread(target=process.wait, daemon=True).start()


class LogSaver:
    """Commits the log in a background thread, and pushes it if `local` says so.

    Calls `alarm` with each new reason for a failure, and with each note of a merge.
    """

    def __init__(self, project: Project, local: Local | None, alarm: Callable[[str], None]) -> None:
        self._project, self._alarm = project, alarm
        self._local = local if local and local.git != "none" else None
        self._thread: threading.Thread | None = None
        self._saved, self._trouble, self._tried = 0, "", 0.0

    def beat(self) -> None:
        """Starts to save the log if it has changed since the last attempt, or if that attempt failed more than a minute ago."""
        if self._local is None or (self._thread and self._thread.is_alive()):
            return
        try:
            changed = os.stat(self._project.root / STATE_FILE).st_mtime_ns
        except OSError:
            return  # The publisher reports the error.
        is_tried = changed == self._saved
        if is_tried and not (self._trouble and time.monotonic() - self._tried > RETRY_SECONDS):
            return
        self._saved, self._tried = changed, time.monotonic()
        self._thread = threading.Thread(target=self._save, args=(self._local,), daemon=True)
        self._thread.start()

    def _save(self, local: Local) -> None:
        trouble, notes = save(self._project, local)
        if trouble and trouble != self._trouble:
            self._alarm(trouble)
        for note in notes:
            self._alarm(note)
        self._trouble = trouble or ""
