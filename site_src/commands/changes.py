"""Which files the editor has changed according to git; without git, none."""

from __future__ import annotations

import subprocess
from pathlib import Path

# What a branch may have begun from; the first that exists is used.
_BASES = ("origin/HEAD", "origin/main", "main")


def list_own_files(root: Path) -> frozenset[str]:
    """The files below `root`, as paths relative to it, that differ from the main branch, or are not committed yet.

    Empty if `root` is in no git repository, or git is not installed.
    """
    bases = (_git(root, "merge-base", "HEAD", base) for base in _BASES)
    base = next((found[0] for found in bases if found), "HEAD")
    changed = _git(root, "diff", "--name-only", "--relative", "-z", base)
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset((*changed, *new))


def current_branch(root: Path) -> str:
    """The branch that is checked out in `root`; "" if there is none."""
    return "".join(_git(root, "branch", "--show-current"))


def _git(root: Path, *words: str) -> list[str]:
    """The fields that git prints; empty if git fails."""
    try:
        done = subprocess.run(  # noqa: S603 - no word comes from outside
            ["git", *words],
            cwd=root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return []
    text = done.stdout.decode(errors="surrogateescape") if done.returncode == 0 else ""
    return [field for field in text.replace("\n", "\0").split("\0") if field]
