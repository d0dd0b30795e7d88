"""`quota show` prints from its cache exactly what it would print without a cache.

In any doubt, it reads all inputs.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from site_src.read.settings import PROGRAMMES, SETTINGS_FILE
from site_src.read.tree import QUOTA_PLACES, STATE_FILE
from tests.support.commands import Done, command
from tests.support.invalid_sites import Situation, situations
from tests.support.project import NOON, REPOSITORY, Project
from tests.support.quota_desk import EVERY_STATE, desk


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/quotabord"


def show(project: Project, *more: str) -> Done:
    """Runs `quota show` at noon."""
    return command(project, "quota", "show", "--at", NOON, *more)


def is_read(situation: Situation) -> bool:
    """Returns whether the situation changes a file that `quota show` reads."""
    paths = [file.relative_to(situation.folder).as_posix() for file in situation.files]
    paths += [line for lines in situation.lists.values() for line in lines]
    return any(path.startswith(("content/site", "content/programmes", STATE_FILE)) for path in paths)


def test_the_places_are_those_of_the_settings() -> None:
    """The copy of the list of places equals the list in the settings, whose module is slow to import."""
    assert QUOTA_PLACES == (SETTINGS_FILE, PROGRAMMES, STATE_FILE)


# The cache sees only which bytes changed, so a quarter of the mistakes is enough.
@pytest.mark.parametrize(
    "situation", [*filter(is_read, situations())][::4], ids=lambda situation: situation.folder.name
)
def test_mistakes_are_reported_each_time(
    situation: Situation, project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """After a reading of the correct site, each mistake gives the same result as without a cache, both times."""
    show(project)
    situation.arrange(project)
    first, second = show(project), show(project)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))

    assert show(project) == first == second


def test_the_second_time_needs_no_models(project: Project, cache: Path) -> None:
    """The second call prints the same for people and machines, and imports neither pydantic nor YAML."""
    desk(project, EVERY_STATE)
    first, as_json = show(project), show(project, "--json")
    assert (cache / "show.sqlite").exists()
    code = (
        "import sys; from pathlib import Path; from site_src.cli import main\n"
        "code = main(sys.argv[1:], Path.cwd())\n"
        "sys.exit('slow' if {'pydantic', 'yaml'} & sys.modules.keys() else code)"
    )
    for expected, more in ((first, ()), (as_json, ("--json",))):
        done = subprocess.run(
            [sys.executable, "-c", code, "quota", "show", "--at", NOON, *more],
            cwd=project.root,
            env=project.environment({"PYTHONPATH": str(REPOSITORY)}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, expected.stdout, "")


def test_a_change_of_the_log_is_shown(project: Project) -> None:
    """If a file that `quota show` has read changes, the new content is shown.

    The inputs of two projects are not mixed up.
    """
    assert "quota_reached: the link is hidden" in show(project).stdout
    project.set_log("japan", "open 2026-01-01 00:00")
    assert "japan" in show(project).stdout.lower()
    assert "quota_reached" not in show(project).stdout


def test_a_damaged_cache_is_not_used(project: Project, cache: Path) -> None:
    """If bytes of the cache are damaged, the cache is ignored, because its values have digests."""
    first = show(project)
    file = cache / "show.sqlite"
    file.write_bytes(file.read_bytes().replace(b"open", b"OPEN"))
    assert show(project) == first
    file.write_bytes(b"no database")
    assert show(project) == first


@pytest.mark.parametrize("folder", ["/proc/none", "relative", "/dev/null/x"])
def test_without_a_cache_all_is_read(project: Project, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    """If `quota show` cannot make the cache folder, it still works."""
    first = show(project)
    monkeypatch.setenv("XDG_CACHE_HOME", folder)
    assert show(project) == first
