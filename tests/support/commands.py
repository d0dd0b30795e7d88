"""A command in this process: for tests in which a process of its own would only take time."""

from __future__ import annotations

import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO

from site_src.cli import main
from tests.support.project import Project


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    returncode: int
    stdout: str
    stderr: str


class Terminal(StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """True, as of a terminal."""
        return True


def command(project: Project, *arguments: str) -> Done:
    """`python build.py …`, typed in the project's folder."""
    return _run(project, StringIO(), *arguments)


def answer(project: Project, text: str, *arguments: str) -> Done:
    """`python build.py …` at a terminal, where this is typed when the command asks."""
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
