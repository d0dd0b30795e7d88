"""For each site with mistakes, the output and exit code are exactly the expected ones, and nothing is written."""

from __future__ import annotations

import pytest

from site_src.cli import main
from site_src.publish.store import MARKER
from tests.support.commands import command
from tests.support.invalid_sites import COMMAND, INVALID, Situation, situations
from tests.support.project import NOON, SITES, Project, tree

ALL = situations()
each_situation = pytest.mark.parametrize("situation", ALL, ids=lambda situation: situation.folder.name)
AS_PROCESSES = ("page-reached-by-a-link", "several-files-at-once")
LEAVE_OUTPUT = ("several-files-at-once", "state-unknown", "settings-missing", "closing-in-far-future")


def exit_code(expected: str) -> int:
    """Returns the exit code of a command that printed this: 0 if the last line says "0 errors", otherwise 1."""
    return 0 if expected.splitlines()[-1].startswith("0 errors, ") else 1


def test_there_are_many_situations() -> None:
    """There are at least a hundred situations. Each one changes a file, and expects at least one problem and the count."""
    assert len(ALL) >= 100
    assert all(situation.files or situation.lists for situation in ALL)
    assert all(situation.expected.count("\n") >= 2 for situation in ALL)
    assert {*AS_PROCESSES, *LEAVE_OUTPUT} <= {situation.folder.name for situation in ALL}


def test_changes_what_the_small_site_has() -> None:
    """Each file of a situation differs from the small site's file of the same name."""
    for situation in ALL:
        for file in situation.files:
            original = SITES / "small" / file.relative_to(situation.folder)
            assert not original.is_file() or original.read_bytes() != file.read_bytes(), file


@each_situation
def test_prints_exactly(
    situation: Situation,
    project: Project,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    update_expected: bool,
) -> None:
    """`check` prints each mistake with its place and what to type, prints nothing else, and exits with the right code."""
    # `check` also builds the site in every state if there are only warnings. tests/check/test_rehearsal.py covers that.
    monkeypatch.setattr("site_src.commands.check.rehearse", lambda *_: None)
    situation.arrange(project)
    code = main(COMMAND, project.root)
    printed = capsys.readouterr()
    if update_expected:
        situation.expectation.write_bytes(printed.err.encode())

    assert printed.err == situation.expected
    assert (code, printed.out) == (exit_code(situation.expected), "")
    assert "errors, 0 warnings" in printed.err or "error, 0 warnings" in printed.err or code == 0
    if code == 0:
        # Only a site without errors gets advice. Now the memo has the advice for each text.
        assert (main(COMMAND, project.root), capsys.readouterr().err) == (0, printed.err)


@pytest.mark.parametrize("name", AS_PROCESSES)
def test_prints_the_same_as_a_process(name: str, project: Project) -> None:
    """The command in its own process prints the same bytes and exits with the same code as in the tests above."""
    situation = Situation(INVALID / name)
    situation.arrange(project)

    done = project.run(*COMMAND)

    assert (done.returncode, done.stdout, done.stderr) == (
        exit_code(situation.expected),
        "",
        situation.expected,
    )


def without_lock(files: dict[str, bytes]) -> dict[str, bytes]:
    """Returns the files except the lock, because the lock contains the name of its last holder."""
    return {path: data for path, data in files.items() if path != MARKER}


@pytest.mark.parametrize("name", LEAVE_OUTPUT)
def test_build_leaves_the_output(name: str, project: Project) -> None:
    """If a build finds mistakes, it exits with 1, and the earlier output stays byte for byte."""
    assert main(("build", "--at", NOON), project.root) == 0
    before, link = without_lock(tree(project.root / ".dist.builds")), (project.root / "dist").readlink()
    situation = Situation(INVALID / name)
    situation.arrange(project)

    done = command(project, "build", "--at", NOON)

    assert (done.returncode, done.stdout, done.stderr) == (1, "", situation.expected)
    assert before
    assert without_lock(tree(project.root / ".dist.builds")) == before
    assert (project.root / "dist").readlink() == link


def test_a_first_build_with_mistakes_publishes_nothing(project: Project) -> None:
    """If a first build finds mistakes, it makes no output."""
    Situation(INVALID / "state-unknown").arrange(project)

    assert command(project, "build", "--at", NOON).returncode == 1
    assert not (project.root / "dist").exists()
    assert not (project.root / "dist").is_symlink()
