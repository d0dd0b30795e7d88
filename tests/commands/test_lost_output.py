"""Commands whose output cannot be written end in a sentence, and a closing never waits for `local.yaml`."""

from __future__ import annotations

import errno
import os
import subprocess
import sys

import pytest

from site_src import cli
from site_src.read.project import Project as Files
from tests.support.commands import command
from tests.support.project import Project


@pytest.mark.parametrize(
    "words", [("quota", "show"), ("quota", "history"), ("build",), ("check", "--format", "json")]
)
def test_a_full_disk_below_the_output_is_reported_in_a_sentence(
    project: Project, words: tuple[str, ...]
) -> None:
    """If standard output is a file on a full disk, the command says so in one line, and exits with 1."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "build.py", *words],
            cwd=project.root,
            env=project.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "The output could not be written: No space left on device."
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError("timed out"), "The command failed: timed out."),
        (
            OSError(errno.EAGAIN, "Resource temporarily unavailable"),
            "The command failed: Resource temporarily",
        ),
        (OSError(errno.EACCES, "Permission denied", "/srv/site"), "/srv/site: Permission denied."),
    ],
)
def test_an_unexpected_error_of_the_system_keeps_its_reason(
    project: Project, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str
) -> None:
    """An error of the system that no command expects ends in a sentence with its reason, and in exit code 1."""

    def fail(*_: object) -> int:
        raise error

    monkeypatch.setattr(cli, "load_function", lambda _: fail)
    done = command(project, "build")

    assert done.returncode == 1
    assert words in done.stderr


def test_a_named_pipe_does_not_hold_up_the_search_for_the_target(project: Project) -> None:
    """If local.yaml is a named pipe that nothing writes to, there is no target, and the search ends at once."""
    os.mkfifo(project.root / "local.yaml")

    assert Files(project.root).find_target() is None
