"""Situations with wrong inputs: the small site with a few files changed, and the output of `check` for it.

A situation is a folder of tests/sites/invalid/. Its files replace those of the small site and of `translated`, which
has the one translation that the small site lacks, so that no output mentions it. Three lists describe files that git
does not keep well: `removed.txt` (files and folders), `links.txt` (`path -> target`) and `oversized.txt` (paths that
get 1 MiB of blanks at their end). `expected.txt` is the exact standard error of COMMAND.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from site_src.read.tree import MAX_BYTES
from tests.support.project import NOON, SITES, Project

INVALID = SITES / "invalid"
COMMAND = ("check", "--at", NOON)
_LISTS = ("removed.txt", "links.txt", "oversized.txt")


@dataclass(frozen=True)
class Situation:
    """One folder of tests/sites/invalid/."""

    folder: Path

    @property
    def expectation(self) -> Path:
        """The file with the exact output."""
        return self.folder / "expected.txt"

    @property
    def expected(self) -> str:
        """The exact output."""
        return self.expectation.read_bytes().decode()

    @property
    def files(self) -> tuple[Path, ...]:
        """Returns the files that replace those of the small site."""
        names = ("expected.txt", *_LISTS)
        return tuple(
            path
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and not (path.parent == self.folder and path.name in names)
        )

    @property
    def lists(self) -> dict[str, list[str]]:
        """Returns the lines of each list that the situation has."""
        return {
            name: (self.folder / name).read_text(encoding="utf-8").splitlines()
            for name in _LISTS
            if (self.folder / name).exists()
        }

    def arrange(self, project: Project) -> None:
        """Changes the project (a copy of the small site) into this situation."""
        shutil.copytree(SITES / "translated", project.root, dirs_exist_ok=True)
        lists = self.lists
        for path in lists.get("removed.txt", ()):
            gone = project.root / path
            shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
        for file in self.files:
            target = project.root / file.relative_to(self.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        for line in lists.get("links.txt", ()):
            path, target_text = line.split(" -> ")
            (project.root / path).symlink_to(target_text)
        for path in lists.get("oversized.txt", ()):
            file = project.root / path
            file.write_bytes(file.read_bytes() + b" " * MAX_BYTES)


def situations() -> list[Situation]:
    """Returns every situation, by name."""
    return [Situation(folder) for folder in sorted(INVALID.iterdir()) if folder.is_dir()]
