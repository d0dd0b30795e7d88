"""Runs a command in this process, for tests that need no separate process."""

from __future__ import annotations

import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO

from site_src.cli import main
from tests.support.project import Project


@dataclass(frozen=True)
class Done:
    """The exit code of a command, and its output."""

    returncode: int
    stdout: str
    stderr: str


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Returns True, as a terminal does."""
        return True


def command(project: Project, *arguments: str) -> Done:
    """Runs `python build.py …` in the project's folder."""
    return _run(project, StringIO(), *arguments)


def answer(project: Project, text: str, *arguments: str) -> Done:
    """Runs `python build.py …` as at a terminal, and types this text when the command asks."""
    stdin, sys.stdin = sys.stdin, Terminal(f"{text}\n")
    try:
        return _run(project, Terminal(), *arguments)
    finally:
        sys.stdin = stdin


def _run(project: Project, out: StringIO, *arguments: str) -> Done:
    err = StringIO()
    with chdir(project.root), redirect_stdout(out), redirect_stderr(err):
        try:
            code = main(arguments, project.root.resolve())
        except SystemExit as done:
            code = int(done.code or 0)
    return Done(code, out.getvalue(), err.getvalue())
