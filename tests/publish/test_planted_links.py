"""Publishing follows no planted link in a target. Other users cannot write there or read private files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from site_src.publish.store import MARKER, keep_file
from tests.support.commands import command
from tests.support.published import Target

PLANTED = [
    "memo.sqlite",
    "journal.jsonl",
    "heartbeat.json.unfinished",
    "resident.lock",
    ".unfinished-link",
    "releases/.unfinished-2",
    "releases/2-0123456789ab",
]


def test_links_in_the_target_are_not_followed(target: Target, tmp_path: Path) -> None:
    """If links are planted in the place of files that a publish writes, a closing is still published.

    The destinations of the links stay unchanged.
    """
    command(target.project, "quota", "set", "japan", "open", "--yes")
    target.published()
    others = []
    for number, name in enumerate(PLANTED):
        others.append(tmp_path / f"other-{number}")
        others[-1].write_text("mine")
        (target.folder / name).unlink(missing_ok=True)
        (target.folder / name).symlink_to(others[-1])
    command(target.project, "quota", "set", "japan", "quota_reached", "--yes")

    done = target.publish()

    assert not target.shows_link()
    assert (
        "The journal could not be written (is a symbolic link, and is not followed. Delete it)" in done.stderr
    )
    assert [other.read_text() for other in others] == ["mine"] * len(PLANTED)
    assert not (target.folder / "memo.sqlite").is_symlink()


@pytest.mark.parametrize("name", [MARKER, "releases"])
def test_a_link_in_the_place_of_lock_or_releases_is_refused(
    target: Target, tmp_path: Path, name: str
) -> None:
    """If the lock or the folder of releases is a symbolic link, a publish writes nothing, and its message names the link."""
    target.published()
    place, other = target.folder / name, tmp_path / "other"
    place.rename(other)
    place.symlink_to(other)
    before = sorted(tmp_path.rglob("*"))
    target.project.replace("content/en/index.md", "title: ", "title: Newer ")

    done = target.publish()

    assert done.returncode in (1, 2)
    assert f"{place}" in done.stderr
    assert "link" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


def test_nothing_in_the_target_can_be_written_by_others(target: Target) -> None:
    """Even with umask 000, only the owner may write to what the commands make in the target and in the project."""
    old = os.umask(0)
    try:
        before = set(target.project.root.rglob("*"))
        command(target.project, "quota", "set", "japan", "open", "--yes", "--publish", str(target.folder))
        command(target.project, "build")
        keep_file(target.folder / "heartbeat.json", b"{}")
    finally:
        os.umask(old)
    made = {*target.folder.rglob("*"), target.folder, *target.project.root.rglob("*")} - before
    assert len(made) > 100

    writable = [path for path in made if not path.is_symlink() and path.stat().st_mode & 0o022]
    assert writable == []


def test_content_that_was_kept_readable_is_closed(target: Target) -> None:
    """If an older version kept content that everyone can read, the next publish makes it private."""
    first = target.folder / "releases" / target.published() / "inputs"
    first.chmod(0o755)
    target.project.replace("content/en/index.md", "title: ", "title: Newer ")
    target.published()

    assert stat.S_IMODE(first.stat().st_mode) == 0o750
    assert target.command("releases", "--verify").returncode == 0
