"""The same inputs and instant give the same bytes on every machine, in every place, and after any earlier build."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.commands import command
from tests.support.project import NOON, Project, tree
from tests.support.real_site import copy_of_repository

# Each environment differs from the others in several ways. `umask` is not a variable, but `build` sets it too.
SURROUNDINGS: Mapping[str, Mapping[str, str]] = {
    "in-tokyo": {"PYTHONHASHSEED": "0", "TZ": "Asia/Tokyo", "LANG": "ja_JP.UTF-8", "umask": "077"},
    "in-new-york-without-a-locale": {
        "PYTHONHASHSEED": "4242",
        "TZ": "America/New_York",
        "LC_ALL": "C",
        "LANG": "",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "umask": "027",
    },
    "in-no-zone-in-latin-1": {
        "PYTHONHASHSEED": "1",
        "TZ": "Nowhere/Land",
        "LC_ALL": "nl_NL.ISO-8859-1",
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "latin-1",
        "umask": "000",
    },
    "before-the-date-line-in-turkish": {
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "tr_TR.UTF-8",
        "LANGUAGE": "tr",
        "PYTHONOPTIMIZE": "2",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SOURCE_DATE_EPOCH": "0",
    },
}


def build(project: Project, env: Mapping[str, str]) -> dict[str, bytes]:
    """Runs a build in its own process. Returns the files that it writes."""
    done = subprocess.run(
        [sys.executable, "build.py", "--at", NOON],
        cwd=project.root,
        env=project.environment(env),
        umask=int(env.get("umask", "022"), 8),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return project.published()


@pytest.mark.parametrize("surroundings", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_surroundings_change_nothing(project: Project, surroundings: Mapping[str, str]) -> None:
    """The hash seed, time zone, locale, umask and output encoding do not change the published bytes."""
    assert build(project, surroundings) == dict(project.built(NOON).files)


@pytest.mark.parametrize("order", ["forwards", "backwards"])
def test_the_order_and_age_of_files_change_nothing(project: Project, tmp_path: Path, order: str) -> None:
    """Inputs that were written in a different order and at different times give the same site."""
    inputs = tree(project.root)
    assert len(inputs) > 20
    other = Project(tmp_path / "elsewhere" / "deeper")
    for number, path in enumerate(sorted(inputs, reverse=order == "backwards")):
        os.utime(other.write(path, inputs[path]), (10**9 + number, 10**9 - number))

    assert command(other, "--at", NOON).returncode == 0
    assert other.published() == dict(project.built(NOON).files)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-22 12:00:00",
        "2026-11-22T12:00",
        "2026-11-22 20:00+09:00",
        "2026-11-22 11:00Z",
        "2026-11-21 21:30-13:30",
    ],
)
def test_the_same_instant_in_other_words_changes_nothing(project: Project, moment: str) -> None:
    """The same instant with a different offset gives the same site."""
    assert dict(project.built(moment).files) == dict(project.built(NOON).files)


def test_between_two_events_the_instant_changes_nothing(project: Project) -> None:
    """While no state changes and no period begins, a build at any time gives the same bytes."""
    assert dict(project.built("2026-12-31 23:59:59").files) == dict(project.built("2026-04-01 11:42").files)
    assert dict(project.built("2026-04-01 11:41:59").files) != dict(project.built("2026-04-01 11:42").files)


@pytest.mark.parametrize(
    "before", ["nothing", "the-same", "another-moment", "another-text", "rubbish", "half-of-it"]
)
def test_what_was_built_before_changes_nothing(project: Project, before: str) -> None:
    """Whatever earlier builds left behind, a build gives the same bytes as a first build."""
    expected = dict(project.built(NOON).files)
    text = (project.root / "content/en/japan.md").read_text(encoding="utf-8")
    if before == "another-text":
        project.write("content/en/japan.md", text + "\nMore.\n")
    if before != "nothing":
        assert (
            command(project, "--at", "2026-03-01 12:00" if before == "another-moment" else NOON).returncode
            == 0
        )
    project.write("content/en/japan.md", text)
    kept = [file for file in (project.root / ".dist.builds").glob("*") if file.is_file()]
    for file in kept if before in ("rubbish", "half-of-it") else ():
        data = file.read_bytes()
        file.write_bytes(b'{"x": [1]}' if before == "rubbish" else data[: len(data) // 2])

    done = command(project, "--at", NOON)

    assert done.returncode == 0, done.stderr
    assert project.published() == expected


@pytest.mark.slow
def test_surroundings_change_nothing_in_the_real_site(tmp_path: Path) -> None:
    """The real site has the same bytes with a different hash seed, time zone, locale and umask."""
    site = copy_of_repository(tmp_path / "real")

    published = build(site, SURROUNDINGS["in-tokyo"])

    assert published == dict(site.built(NOON).files)
    assert len(published) > 40
