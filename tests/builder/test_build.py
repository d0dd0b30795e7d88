"""`build` makes the published site from files, as when a user runs the command."""

from __future__ import annotations

import subprocess
import sys

from tests.support.commands import command
from tests.support.project import NOON, Project


def test_builds_the_small_site(project: Project) -> None:
    """A first build makes every page in both languages, and prints for each programme whether its link is shown."""
    done = command(project, "build", "--at", NOON)

    assert (done.returncode, done.stderr) == (0, "")
    assert "japan: quota_reached, link hidden" in done.stdout
    assert "south-korea: open, link shown" in done.stdout
    pages = {path for path in project.published() if path.endswith("index.html")}
    assert pages == {"index.html"} | {
        f"{language}/{page}index.html"
        for language in ("en", "nl")
        for page in ("", "japan/", "south-korea/", "status/")
    }


def test_the_same_site_is_not_written_again(project: Project) -> None:
    """If nothing has changed, a second build keeps the first one and says so. If a file is missing, it builds again."""
    assert command(project, "build", "--at", NOON).returncode == 0
    first = (project.root / "dist").readlink()

    again = command(project, "build", "--at", NOON)
    assert (again.returncode, (project.root / "dist").readlink()) == (0, first)
    assert "files, as before, for" in again.stdout

    (project.root / "dist" / "en" / "index.html").unlink()
    assert command(project, "build", "--at", NOON).returncode == 0
    assert (project.root / "dist").readlink() != first
    assert "en/index.html" in project.published()


def test_a_reader_who_has_seen_enough_is_no_mistake(project: Project) -> None:
    """If the program that reads the output stops reading, the site is built all the same, without a traceback."""
    shell = f"{sys.executable} build.py build --at '{NOON}' | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", shell],
        cwd=project.root,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode in (0, 141)
    assert done.stderr == ""
    assert "en/index.html" in project.published()


def test_a_second_build_loads_no_library_that_it_does_not_need(project: Project) -> None:
    """A second build does not import the libraries for Markdown, calendars and dates, because their results are cached."""
    slow = ("babel", "markdown", "icalendar", "nh3", "watchdog")
    loaded = [
        {line.split("|")[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
        for done in (
            project.run("build", "--at", NOON, env={"PYTHONPROFILEIMPORTTIME": "1"}) for _ in range(2)
        )
    ]

    assert set(slow) - {"watchdog"} <= loaded[0]
    assert set(slow).isdisjoint(loaded[1])
    assert "jinja2" in loaded[1]
