"""Archives each release that the public address shows, for a resident publisher. Runs `archive` in a separate process, for at most 20
minutes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from site_src.archive.archive_lines import is_archived
from site_src.publish.releases import Release

# The process is killed after this time, which is longer than any archive needs.
LONGEST_SECONDS = 1200.0
_FIRST_PAUSE, _LONGEST_PAUSE = 60.0, 3600.0
_LOW_PRIORITY = 10


class ResidentArchive:
    """Runs `archive` for each release that `add` names, one at a time, until it succeeds. Does nothing if local.yaml names no folder.

    Calls `call` with the first failure of each release, and `say` after a success. If a release was replaced before its archive began,
    the next archive adds a line about it to the journal.
    """

    def __init__(
        self,
        root: Path,
        target: Path,
        options: argparse.Namespace,
        call: Callable[[str], None],
        say: Callable[[str], None],
    ) -> None:
        self._root, self._target = root, target
        folder = options.local.archive if options.local else None
        self._words = [options.probe, folder] if options.probe and folder else []
        self._call, self._say = call, say
        self._waiting: Release | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None
        self._of, self._ends, self._next, self._pause = "", 0.0, 0.0, _FIRST_PAUSE
        self._called = ""

    def add(self, release: Release) -> None:
        """Makes the next `look` archive the release, which the public address shows. Any thread may call this."""
        if self._words:
            self._next, self._pause, self._waiting = 0.0, _FIRST_PAUSE, release

    def look(self) -> None:
        """Starts `archive` for the waiting release, or reports a run that has ended or took too long. Returns at once."""
        if self._process is not None:
            self._look_after(self._process)
        elif (release := self._waiting) and time.monotonic() >= self._next:
            self._start(release)

    def close(self) -> None:
        """Ends a running archive. The next resident publisher archives the live release again."""
        if self._process is not None:
            self._process.terminate()
            self._process = None
            self._read_output()

    def _start(self, release: Release) -> None:
        if is_archived(self._target, release.name):
            self._waiting = None
            return
        self._of = release.name
        self._output = TemporaryFile()  # noqa: SIM115 - closed when the process has ended; a pipe that nobody reads could block the process
        words = [sys.executable, "build.py", "archive", *self._words, "--release", str(release.number)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the project's own command
                words, cwd=self._root, stdin=subprocess.DEVNULL, stdout=self._output, stderr=subprocess.STDOUT
            )
        except OSError as error:
            self._read_output()
            self._fail(str(error))
            return
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _LOW_PRIORITY)
        self._ends = time.monotonic() + LONGEST_SECONDS

    def _look_after(self, process: subprocess.Popen[bytes]) -> None:
        code = process.poll()
        if code is None:
            if time.monotonic() >= self._ends:
                process.kill()
                self._process = None
                self._read_output()
                self._fail("it took too long")
            return
        self._process = None
        last = self._read_output()
        # 5: archived, but a response differs from the release. A newer release may have replaced it in between.
        if code in (0, 5):
            self._say(f"Archived: {last}")
            if self._waiting and self._waiting.name == self._of:
                self._waiting = None
        else:
            self._fail(last)

    def _read_output(self) -> str:
        with suppress(OSError), self._output or TemporaryFile() as output:
            output.seek(0)
            lines = output.read(64 * 1024).decode(errors="replace").splitlines()
            return lines[-1] if lines else ""
        return ""

    def _fail(self, why: str) -> None:
        self._next, self._pause = time.monotonic() + self._pause, min(2 * self._pause, _LONGEST_PAUSE)
        if self._called != self._of:
            self._called = self._of
            self._call(f"Release {self._of} could not be archived: {why}")
