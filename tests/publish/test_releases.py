"""`releases` lists the releases. --verify finds changed files."""

from __future__ import annotations

import errno
import json
import os
import re
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from site_src.publish import journal
from site_src.publish.store import MARKER
from tests.support.project import make_project, tree
from tests.support.published import JAPAN_PAGE, Target, copy_target
from tests.support.quota_desk import desk


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """Three releases, published once."""
    folder = tmp_path_factory.mktemp("three")
    target = Target(desk(make_project(folder / "project")), folder / "www")
    for number in range(3):
        target.project.replace("content/en/japan.md", "title: ", f"title: {number}")
        target.published()
    return target


@pytest.fixture
def published(three: Target, tmp_path: Path) -> Target:
    """A copy of the three releases."""
    copy_target(three.folder, tmp_path / "www")
    return Target(make_project(tmp_path / "project", three.project.root), tmp_path / "www")


def rewrite(file: Path, old: str, new: str) -> None:
    """Changes a file by hand."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_the_list_marks_the_live_one(published: Target) -> None:
    """`releases` lists the newest release first and puts a star at the live one. --json has the same content."""
    done = published.command("releases")
    lines = done.stdout.splitlines()

    assert len(lines) == 3
    assert lines[0].startswith(f"* {published.name} ")
    assert "japan quota_reached" in lines[0]
    releases = json.loads(published.command("releases", "--json").stdout)["releases"]
    assert [release["live"] for release in releases] == [True, False, False]


def test_nothing_is_found_where_nothing_was_touched(published: Target) -> None:
    """After publishes and roll-backs, --verify finds nothing and exits with 0."""
    published.command("rollback", "1", "--yes")
    done = published.command("releases", "--verify")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("4 releases, 4 lines in the journal: 0 findings\n")


@pytest.mark.parametrize(
    ("tamper", "finding"),
    [
        (lambda t: rewrite(t / "current/site" / JAPAN_PAGE, "<h1", "<h2"), f"releases/3-.*/site/{JAPAN_PAGE}: was changed"),
        (lambda t: (t / "current/site" / JAPAN_PAGE).unlink(), f"site/{JAPAN_PAGE}: is missing"),
        (lambda t: (t / "current/site/new.html").write_text("x"), "site/new.html: was added"),
        (lambda t: (t / "current/site/new").symlink_to("en"), "site/new: was added"),
        (lambda t: (t / "current/site" / JAPAN_PAGE).chmod(0o600), f"site/{JAPAN_PAGE}: no longer has the permissions"),
        (lambda t: (t / "current/site/en").chmod(0o700), "site/en: no longer has the permissions"),
        (lambda t: rewrite(t / "current/inputs/content/en/japan.md", "title", "titel"), "inputs/content/en/japan.md: was changed"),
        (lambda t: rewrite(t / "current/manifest.json", '"japan": "quota_reached"', '"japan": "open"'), "3-.*/manifest.json: is not the one"),
        (lambda t: (t / "current/manifest.json").write_text("{"), "3-.*/manifest.json: cannot be understood"),
        (lambda t: rewrite(t / "journal.jsonl", '"who": "', '"who": "x'), "journal.jsonl:2: the line before it was changed"),
        (lambda t: (t / "journal.jsonl").write_text("\n".join((t / "journal.jsonl").read_text().splitlines()[1:]) + "\n"), "journal.jsonl:1: the line before it"),
        (lambda t: (t / "journal.jsonl").write_text("\n".join((t / "journal.jsonl").read_text().splitlines()[:2]) + "\n"), "releases/3-.*: is not in any line"),
        (lambda t: rewrite(t / "journal.jsonl", "{", "["), "journal.jsonl:1: cannot be understood"),
        (lambda t: (t / "journal.jsonl").unlink(), "is not in any line"),
        (lambda t: os.truncate(t / "journal.jsonl", (t / "journal.jsonl").stat().st_size - 9), "the last line is unfinished"),
        (lambda t: (t / "current").unlink(), "current: is missing"),
        (lambda t: ((t / "current").unlink(), (t / "current").symlink_to(next(p for p in sorted((t / "releases").iterdir())).relative_to(t))), "current: leads to 1-.*, but the last published release is 3-"),
    ],
)  # fmt: skip
def test_what_was_tampered_with_is_named(
    published: Target, tamper: Callable[[Path], object], finding: str
) -> None:
    """--verify names each change that somebody made by hand, exits with 1, and changes nothing."""
    tamper(published.folder)
    before = tree(published.folder)
    done = published.command("releases", "--verify")

    assert done.returncode == 1
    assert re.search(finding, done.stderr), done.stderr
    assert tree(published.folder) == before


def test_a_journal_line_is_whole_or_not_there(tmp_path: Path) -> None:
    """If the last line of the journal is half-written, the next line replaces it, and the chain stays whole."""
    journal.append(tmp_path, {"number": 1})
    whole = (tmp_path / journal.JOURNAL).read_bytes()
    journal.append(tmp_path, {"number": 2})
    end = (tmp_path / journal.JOURNAL).stat().st_size
    for size in (*range(len(whole), end, 20), end - 2, end - 1):
        os.truncate(tmp_path / journal.JOURNAL, size)
        journal.append(tmp_path, {"number": 3})
        lines = [line for line in journal.lines(tmp_path) if isinstance(line, journal.Line)]
        assert [line.entry["number"] for line in lines] == [1, 3]
        assert all(line.unbroken for line in lines)


@pytest.mark.parametrize("room", [0, 1, 9])
def test_a_line_that_the_disk_has_no_room_for_leaves_nothing(tmp_path: Path, room: int) -> None:
    """The journal has the same bytes after a write that failed, whatever part of the line had room."""
    journal.append(tmp_path, {"number": 1})
    before = (tmp_path / journal.JOURNAL).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Python ignores SIGXFSZ, so a write beyond the limit is an error.
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + room, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            journal.append(tmp_path, {"number": 2})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert (tmp_path / journal.JOURNAL).read_bytes() == before


def test_a_line_that_is_not_on_the_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal has the same bytes after a line whose fsync failed."""
    journal.append(tmp_path, {"number": 1})
    before = (tmp_path / journal.JOURNAL).read_bytes()

    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="Input"):
        journal.append(tmp_path, {"number": 2})

    assert (tmp_path / journal.JOURNAL).read_bytes() == before


def test_a_folder_that_is_none_of_ours_is_wrong_use(target: Target) -> None:
    """`releases` refuses a folder that is missing or that Quotabord did not make, and writes nothing into it."""
    assert target.command("releases").returncode == 2
    target.folder.mkdir()
    (target.folder / "mine").touch()

    assert target.command("releases").returncode == 2
    assert not (target.folder / MARKER).exists()
