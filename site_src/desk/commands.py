"""Runs the project's own commands as processes, with time limits. So the desk uses the locks, exit codes and refusals of
these commands.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A command that only reads is killed after its time. A change is never killed; the page only stops waiting for it.
LOOK_SECONDS, CHANGE_SECONDS = 20.0, 240.0
_LONGEST_OUTPUT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Ran:
    """The result of a command: its exit code, the JSON that it printed, and the lines on its standard error.

    `code` is None if the command is still running or was killed by a signal. `data` is None if it printed no JSON.
    """

    code: int | None
    data: Any
    lines: tuple[str, ...]


class Commands:
    """Runs the commands of the project in `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def list_programmes(self) -> frozenset[str]:
        """Returns the programmes that have a file in `content/programmes/`."""
        return frozenset(file.stem for file in (self._root / "content/programmes").glob("*.yaml"))

    def look(self, *words: str) -> Ran:
        """Runs a command that only reads. Kills it after LOOK_SECONDS."""
        return self._run(words, LOOK_SECONDS, end=True)

    def change(self, *words: str) -> Ran:
        """Runs a command that changes the log. After CHANGE_SECONDS, returns, and leaves the command running."""
        return self._run(words, CHANGE_SECONDS, end=False)

    def _run(self, words: Sequence[str], seconds: float, end: bool) -> Ran:
        # Files, not pipes: a command that is left running must not block because a pipe is full.
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(  # noqa: S603 -- this program, and words that were checked
                [sys.executable, "build.py", *words],
                cwd=self._root,
                env={**os.environ, "PYTHONUTF8": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,  # Ctrl-C at the desk's terminal must not stop a publish.
            )
            code: int | None
            try:
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                code = None
                if end:
                    process.kill()
                    process.wait()
            texts = []
            for file in (output, errors):
                file.seek(0)
                texts.append(file.read(_LONGEST_OUTPUT).decode("utf-8", "replace"))
        lines = tuple(line for line in texts[1].splitlines() if line.strip())
        return Ran(code if code is not None and code >= 0 else None, _parse(texts[0]), lines)


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:  # The command was refused, so it printed no JSON.
        return None
