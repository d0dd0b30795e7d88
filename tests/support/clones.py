"""A project as a git repository with a server, and other clones of the server's repository."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.project import Project

_NAMES = {
    "GIT_AUTHOR_NAME": "Host",
    "GIT_AUTHOR_EMAIL": "host@example.test",
    "GIT_COMMITTER_NAME": "Host",
    "GIT_COMMITTER_EMAIL": "host@example.test",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


def git(folder: Path, *words: str, check: bool = True, env: Mapping[str, str] | None = None) -> str:
    """Runs `git …` in the folder. Returns the output without the last line ending."""
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        env={**os.environ, **_NAMES, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


@dataclass(frozen=True)
class Clones:
    """A project that is a clone of `server`."""

    project: Project
    server: Path

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.project.root

    def clone(self, name: str) -> Project:
        """Makes another clone of the server's repository."""
        folder = self.server.parent / name
        git(self.server, "clone", "--quiet", str(self.server), str(folder))
        return Project(folder)

    def on_server(self, path: str = "quota_state.yaml") -> str:
        """Returns the content of a file on the server."""
        return git(self.server, "show", f"main:{path}") + "\n"


def make_clones(project: Project, server: Path) -> Clones:
    """Makes the project a repository on branch `main`, and pushes it to a new bare repository."""
    git(server.parent, "init", "--quiet", "--bare", "--initial-branch=main", str(server))
    git(project.root, "init", "--quiet", "--initial-branch=main")
    project.write(".gitignore", "/.quota_state.yaml.*\n/local.yaml\n/dist\n/.*.builds/\n")
    git(project.root, "add", "--all")
    git(project.root, "commit", "--quiet", "--message", "Begin")
    git(project.root, "remote", "add", "origin", str(server))
    git(project.root, "push", "--quiet", "--set-upstream", "origin", "main")
    return Clones(project, server)
