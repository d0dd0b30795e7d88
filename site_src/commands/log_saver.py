"""Saves the quota log in git beside a resident publisher: after each change, and again while that fails."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from site_src.commands.quota_save import save
from site_src.read.local import Local
from site_src.read.project import Project
from site_src.read.tree import STATE_FILE

RETRY_SECONDS = 60.0


class LogSaver:
    """Commits, and pushes if `local` says so, in a thread that nothing waits for. `alarm` gets each new reason why that fails."""

    def __init__(self, project: Project, local: Local | None, alarm: Callable[[str], None]) -> None:
        self._project, self._alarm = project, alarm
        self._local = local if local and local.git != "none" else None
        self._thread: threading.Thread | None = None
        self._saved, self._trouble, self._tried = 0, "", 0.0

    def beat(self) -> None:
        """Starts to save the log if it has changed since it was saved, or if that failed a minute ago."""
        if self._local is None or (self._thread and self._thread.is_alive()):
            return
        try:
            changed = os.stat(self._project.root / STATE_FILE).st_mtime_ns
        except OSError:
            return  # the publisher reports it
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
