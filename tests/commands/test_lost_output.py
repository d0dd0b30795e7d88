"""Commands whose output cannot be written end in a sentence, and a closing never waits for `local.yaml`."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from site_src.read.project import Project as Files
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


def test_a_named_pipe_does_not_hold_up_the_search_for_the_target(project: Project) -> None:
    """If local.yaml is a named pipe that nothing writes to, there is no target, and the search ends at once."""
    os.mkfifo(project.root / "local.yaml")

    assert Files(project.root).find_target() is None
