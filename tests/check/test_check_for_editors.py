"""`check` for editors: the table of translations, the order of problems, and the checks that depend on today's date."""

from __future__ import annotations

import json
import subprocess
from contextlib import chdir, redirect_stderr
from datetime import UTC, datetime, timedelta

import pytest

from site_src.cli import main
from tests.convert.test_page_texts import FRONT
from tests.support.commands import Terminal, command
from tests.support.project import AMSTERDAM, NOON, Project

TABLE = """\
page         en        nl
(home)       complete  complete
japan        complete  older
south-korea  complete  missing
status       complete  complete
4 pages in 2 languages: 6 complete, 1 older, 1 missing
"""


def day(**distance: int) -> str:
    """Returns the date in the Netherlands, this many days from today."""
    return f"{datetime.now(UTC).astimezone(AMSTERDAM) + timedelta(**distance):%Y-%m-%d}"


def test_translations_are_a_table(project: Project) -> None:
    """`check --translations` prints a row for each page and a column for each language: complete, older or missing."""
    project.replace("content/nl/japan.md", "updated: 2026-11-22", "updated: 2026-11-21")

    done = command(project, "check", "--translations")

    assert (done.returncode, done.stdout, done.stderr) == (0, TABLE, "")


def test_translations_for_tools(project: Project) -> None:
    """The JSON of `check --translations` has the status, path and date of each page in each language."""
    printed = json.loads(command(project, "check", "--translations", "--format", "json").stdout)[
        "translations"
    ]

    assert len(printed) == 4 * 2
    assert {
        "page": "south-korea",
        "language": "nl",
        "status": "missing",
        "path": "content/nl/south-korea.md",
        "updated": None,
    } in printed
    assert {
        "page": "",
        "language": "en",
        "status": "complete",
        "path": "content/en/index.md",
        "updated": "2026-11-22",
    } in printed


def test_translations_beside_a_broken_file(project: Project) -> None:
    """If a page is broken, the table says "unreadable" for it, its problem is reported, and the exit code is 1."""
    project.write("content/nl/status.md", "broken\n")
    done = command(project, "check", "--translations")
    assert done.returncode == 1
    assert "content/nl/status.md:1: has no front matter." in done.stderr
    assert "status       complete  unreadable" in done.stdout


def test_translations_without_settings(project: Project) -> None:
    """If the settings cannot be read, `check` reports the problem and prints no table."""
    project.write("content/site.yaml", "nothing\n")
    done = command(project, "check", "--translations")
    assert (done.returncode, done.stdout) == (1, "")
    assert "content/site.yaml:1: must be lines" in done.stderr


def test_errors_stand_before_warnings(project: Project) -> None:
    """Errors come before warnings, whatever their files are called. Errors and warnings are each sorted by file and line."""
    project.replace("content/en/index.md", "Read about", "Click [here](japan.md). Read about")
    project.replace("content/nl/status.md", "Wat de stand is.", "[[onzin]] [hier](japan.md)")

    lines = command(project, "check", "--at", NOON).stderr.splitlines()

    assert [line.split(" ")[0] for line in lines[:-1]] == [
        "content/nl/status.md:7:",
        "content/en/index.md:6:",
        "content/en/south-korea.md:1:",
        "content/nl/status.md:7:",
    ]
    assert ["warning: " in line for line in lines[:-1]] == [False, True, True, True]
    assert lines[-1] == "1 error, 3 warnings"


def test_a_pull_request_gets_the_rules_name(project: Project) -> None:
    """With `--format github`, each problem is an annotation on its file and line, with the name of its rule as the title."""
    project.replace("content/en/index.md", "Read about", "Click [here](japan.md). Read about")
    printed = command(project, "check", "--at", NOON, "--format", "github").stdout
    assert "::warning file=content/en/index.md,line=6,title=link-text::has the link" in printed


def test_advice_fails_only_a_strict_check(project: Project) -> None:
    """If there are only warnings, `check` and `build` exit with 0, and `check --strict` exits with 1."""
    project.replace("content/en/index.md", "Read about", "Click [here](japan.md). Read about")
    assert command(project, "check", "--at", NOON).returncode == 0
    assert command(project, "check", "--at", NOON, "--strict").returncode == 1
    assert command(project, "build", "--at", NOON).returncode == 0


@pytest.mark.parametrize("word", ["build", "check"])
@pytest.mark.parametrize(
    ("path", "old"),
    [("content/site.yaml", "2025-01-01"), ("content/programmes/japan.yaml", "2025-01-01")],
)
def test_a_fact_that_does_not_hold_yet_is_refused_today(
    project: Project, word: str, path: str, old: str
) -> None:
    """A fact that is valid from tomorrow is refused today. With `--at` an earlier moment, it is accepted.

    Once it is valid, it is accepted.
    """
    project.replace(path, old, day(days=1))
    done = command(project, word)
    assert done.returncode == 1
    assert f"valid_from: {day(days=1)} is in the future" in done.stderr
    assert f"{path}:" in done.stderr
    assert not (project.root / "dist").exists()
    assert command(project, word, "--at", NOON).returncode == 0

    project.replace(path, day(days=1), day())
    assert command(project, word).returncode == 0


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("--state", "japan=closed"), 'Did you mean "quota_reached"?'),
        (("quota", "set", "japan", "full"), 'Did you mean "quota_reached"?'),
        (("quota", "set", "japan", "reopened"), 'Did you mean "places_available"?'),
        (("--at", "2026-04-01 9.42"), "Did you mean 2026-04-01 09:42?"),
        (("quota", "show", "--at", "2026-04-01T9:42+02:00"), "Did you mean 2026-04-01 09:42+02:00?"),
    ],
)
def test_what_was_nearly_right_is_suggested(project: Project, typed: tuple[str, ...], words: str) -> None:
    """A misspelled state or moment is refused, and the message suggests the right form."""
    done = command(project, *typed)
    assert done.returncode == 2
    assert words in done.stderr


def test_warnings_come_by_group(project: Project) -> None:
    """Warnings have three groups: those in files that git reports as changed, those in other files, and placeholders."""
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "All"]):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *words], cwd=project.root, check=True)
    project.replace("content/site.yaml", "https://small.test", "https://small.example")
    project.replace("content/nl/japan.md", "updated: 2026-11-22", "updated: 2026-11-21")
    project.write("content/en/new.md", FRONT + "Look [here](index.md).\n")

    with chdir(project.root), redirect_stderr(Terminal()) as err:
        assert main(["check", "--at", NOON], project.root) == 0
    lines = err.getvalue().splitlines()
    plain = command(project, "check", "--at", NOON).stderr.splitlines()

    assert plain == [line for line in lines if not line.endswith(":")]
    groups = [line for line in lines if line.endswith(":")]
    assert groups == [
        "Warnings in the files that you changed:",
        "Warnings in other files:",
        "Placeholders:",
    ]
    own, others, placeholders = (lines.index(group) for group in groups)
    assert {line.split(":")[0] for line in lines[own + 1 : others]} == {
        "content/en/new.md",
        "content/nl/japan.md",
    }
    assert [line.split(":")[0] for line in lines[others + 1 : placeholders]] == ["content/en/south-korea.md"]
    assert "is a placeholder" in lines[placeholders + 1]


def test_a_path_shows_its_own_problems_alone(project: Project) -> None:
    """With paths, `check` prints only the problems of files below them, and only these problems decide the exit code."""
    project.write("content/en/wrong.md", FRONT + "[[nothing]]\n")

    page = command(project, "check", "content/nl", "quota_state.yaml", "--at", NOON)
    wrong = command(project, "check", "content/en/wrong.md", "--strict", "--at", NOON)

    assert (page.returncode, page.stderr.splitlines()) == (
        0,
        [
            "0 errors, 0 warnings",
            "1 error in other files. To read all: python build.py check",
        ],
    )
    assert wrong.returncode == 1
    assert [line.split(":")[0] for line in wrong.stderr.splitlines()[:-1]] == ["content/en/wrong.md"] * 2


def test_a_path_that_is_not_there(project: Project) -> None:
    """A path that does not exist is wrong use, and the message names the most similar path."""
    done = command(project, "check", "content/en/japn.md")

    assert (done.returncode, done.stderr) == (
        2,
        'build.py: "content/en/japn.md" is not a file of this site. Did you mean "content/en/japan.md"?\n',
    )
