"""Even with unusual characters in names and values, a problem is one line, in every format and on every terminal."""

from __future__ import annotations

import json
import os

import pytest

from tests.support.commands import command
from tests.support.invalid_sites import COMMAND
from tests.support.project import Project


@pytest.fixture
def project(project: Project) -> Project:
    """The small site with every page in both languages, so that there is no warning."""
    original = (project.root / "content/en/south-korea.md").read_text(encoding="utf-8")
    project.write("content/nl/south-korea.md", original)
    return project


def test_github_escapes(project: Project) -> None:
    """In a workflow command, characters that could end it or its properties are escaped in the path and in the message."""
    project.write("content/en/a,b:100%.md", "---\n---\n")
    project.replace("content/en/status.md", "order: 20", 'order: "50%\\n::error::two"')

    done = command(project, *COMMAND, "--format", "github")

    assert len(done.stdout.splitlines()) == 2
    first, second = done.stdout.splitlines()
    assert first.startswith("::error file=content/en/a%2Cb%3A100%25.md,line=1,title=file-name::is not")
    assert second.startswith("::error file=content/en/status.md,line=4,title=value::order: must be")
    assert second.endswith('not "50%25%0A::error::two".')


def test_a_problem_is_one_line_of_text(project: Project) -> None:
    """Line ends and control characters in a file's name or in a value do not break a line, and are not sent to the terminal."""
    project.write("content/en/two\nlines\x1b[31m.md", "---\n---\n")
    project.replace("content/en/status.md", "order: 20", 'order: "50\\r\\nok: 0 errors"')

    done = command(project, *COMMAND)

    assert done.stderr.splitlines()[-1] == "2 errors, 0 warnings"
    assert len(done.stderr.splitlines()) == 3
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize(
    ("form", "encoding"),
    [("text", "ascii"), ("text", "utf-8:strict"), ("json", "latin-1"), ("github", "ascii")],
)
def test_no_terminal_is_too_old(form: str, encoding: str, project: Project) -> None:
    """Problems are reported even if the terminal cannot show a letter, or if a file's name is not valid text."""
    with open(os.fsencode(project.root / "content/en/odd") + b"\xff.md", "wb"):
        pass
    project.replace("content/en/status.md", "order: 20", "order: 二十")

    done = project.run(*COMMAND, "--format", form, env={"PYTHONUTF8": "0", "PYTHONIOENCODING": encoding})

    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    if form == "json":
        messages = [problem["message"] for problem in json.loads(done.stdout)["problems"]]
        assert any("二十" in message for message in messages)
        assert len(messages) == 2
