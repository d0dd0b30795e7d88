"""A second build does nothing if nothing changed, and notices every change."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from site_src.publish.receipt import (
    RECEIPT_FILE,
    SHOWN_FILE,
    digest_build,
    digest_folder,
    dump_receipt,
    find_lines,
)
from site_src.read.tree import load_tree
from tests.support.commands import command
from tests.support.project import Project

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ABOUT = "content/en/about.md"


@pytest.fixture
def built(project: Project) -> Project:
    """A project with a page of words, just built."""
    project.write(ABOUT, "---\ntitle: About\ndescription: About us.\nupdated: 2026-09-01\n---\n\nWords.\n")
    assert command(project, "build").returncode == 0
    return project


def test_a_second_build_prints_the_same_and_keeps_the_files(built: Project) -> None:
    """If nothing changed, a build with a receipt prints the same as a full build, and keeps the files."""
    (built.root / ".dist.builds/memo.sqlite").unlink()
    before = built.published()

    again = command(built, "build")
    (built.root / ".dist.builds" / RECEIPT_FILE).unlink()
    whole = command(built, "build")

    assert again.returncode == whole.returncode == 0
    assert again.stdout.splitlines()[1:] == whole.stdout.splitlines()[1:]
    assert (
        again.stdout.partition(", for ")[0]
        == whole.stdout.partition(", for ")[0]
        == f"dist: {len(before)} files, as before"
    )
    assert built.published() == before


def test_a_second_build_into_another_folder_is_skipped(built: Project, tmp_path: Path) -> None:
    """With --out, a build whose output is up to date is skipped, and a build for a different moment is not."""
    out, memo = tmp_path / "other", tmp_path / ".other.builds/memo.sqlite"
    words = ("build", "--out", str(out))
    first = command(built, *words)
    memo.unlink()

    again = command(built, *words)

    assert again.returncode == 0
    assert again.stdout.startswith(f"{out}: ")
    assert again.stdout.splitlines()[1:] == first.stdout.splitlines()[1:]
    assert not memo.exists()
    assert command(built, *words, "--at", "2026-01-01 12:00").returncode == 0
    assert command(built, *words).stdout.partition(", for ")[0] == first.stdout.partition(", for ")[0]


CHANGES: dict[str, Callable[[Path], object]] = {
    "an output": lambda root: (root / "dist/en/index.html").write_text("changed"),
    "a file more in the output": lambda root: (root / "dist/more.html").write_text("more"),
    "an output that is gone": lambda root: (root / "dist/en/index.html").unlink(),
    "a page": lambda root: (root / ABOUT).write_text((root / ABOUT).read_text() + "\nMore.\n"),
    "the log": lambda root: (root / "quota_state.yaml").write_text((root / "quota_state.yaml").read_text() + "\n"),
    "a receipt that is cut": lambda root: (root / ".dist.builds" / RECEIPT_FILE).write_text("{"),
    "a receipt of another period": lambda root: expire(root / ".dist.builds" / RECEIPT_FILE),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_build_after_a_change_makes_the_site_again(built: Project, change: str) -> None:
    """A full build is made if an input, the output or the receipt changed, or if a scheduled change has passed."""
    CHANGES[change](built.root)
    receipt = built.root / ".dist.builds" / RECEIPT_FILE
    at = datetime.now(UTC).replace(microsecond=0)

    build = digest_build(load_tree(built.root), None)
    assert find_lines(receipt, build, built.root / "dist", at) is None
    assert command(built, "build").returncode == 0
    kept = json.loads(receipt.read_bytes())

    assert kept["output"] == digest_folder(built.root / "dist")
    assert (built.root / "dist/en/index.html").read_text() != "changed"
    assert not (built.root / "dist/more.html").exists()


def expire(receipt: Path) -> None:
    """Makes the receipt end now."""
    kept = json.loads(receipt.read_bytes())
    kept["period"][1] = kept["period"][0]
    receipt.write_text(json.dumps(kept))


def test_a_receipt_holds_until_the_next_change_and_not_before_its_own_build(tmp_path: Path) -> None:
    """A receipt is valid from its own build until the next scheduled change.

    If the clock is set to before the build, the receipt is not valid.
    """
    out, file = tmp_path / "out", tmp_path / "receipt"
    out.mkdir()
    (out / "index.html").write_bytes(b"page")
    (tmp_path / SHOWN_FILE).write_bytes(b"{}")
    until = NOW + timedelta(hours=1)
    file.write_bytes(dump_receipt("made", {"index.html": b"page"}, b"{}", NOW, until, ["1 file"]))

    def holds(build: str, minutes: int) -> bool:
        return find_lines(file, build, out, NOW + timedelta(minutes=minutes)) == ["1 file"]

    assert [holds("made", minutes) for minutes in (-1, 0, 59, 60)] == [False, True, True, False]
    assert not holds("other", 0)
    (tmp_path / SHOWN_FILE).write_bytes(b"")
    assert not holds("made", 0)
