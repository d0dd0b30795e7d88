"""A project in a temporary folder, as a user has it: real files, and commands as real processes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from site_src.builder import Built
from site_src.instants import parse_instant
from site_src.read.project import Project as OpenedProject
from tests.support.building import build_site, read_inputs
from tests.support.running import Running, start
from tests.support.warm_python import warm_python

REPOSITORY = Path(__file__).resolve().parents[2]
SITES = REPOSITORY / "tests" / "sites"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOON = (
    "2026-11-22 12:00"  # At this moment, Japan's quota is reached and South Korea is open in the small site.
)


def at(text: str) -> datetime:
    """Returns the instant of `text` in Dutch time."""
    return parse_instant(text, AMSTERDAM)


@dataclass(frozen=True)
class Project:
    """A project's folder, with the changes that tests make in it."""

    root: Path

    @property
    def python(self) -> str:
        """An interpreter for the project's commands, which has imported what they need except a project's own code."""
        return warm_python("" if (self.root / "site_src").exists() else "site_src")

    @property
    def opened(self) -> OpenedProject:
        """The project as a command gets it."""
        return OpenedProject(self.root)

    def run(
        self, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Runs `python build.py …` in the project's folder until it ends."""
        return subprocess.run(
            [self.python, "build.py", *arguments],
            cwd=self.root,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    def start(
        self, *arguments: str, out: IO[bytes], env: Mapping[str, str] | None = None, package: str = "site_src"
    ) -> Running:
        """Starts `python build.py …` in the project's folder, with both outputs to `out`."""
        return start(["build.py", *arguments], self.root, self.environment(env), out, package)

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Returns the environment for a process of this project, in which the repository's modules can be imported."""
        return {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1", **(more or {})}

    def write(self, path: str, content: str | bytes) -> Path:
        """Writes a file, and makes its folders."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def replace(self, path: str, old: str, new: str) -> None:
        """Edits a file. Fails if the text to replace is not there."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new))

    def set_log(self, programme: str, *events: str) -> None:
        """Gives a programme a different log. Each event is `state from`, such as `open 2026-01-01 00:00`."""
        lines: list[str] = []
        keep = True
        for line in (self.root / "quota_state.yaml").read_text(encoding="utf-8").splitlines():
            if not line.startswith((" ", "#")):
                keep = line != f"{programme}:"
            if keep:
                lines.append(line)
        lines.append(f"{programme}:")
        for event in events:
            state, moment = event.split(" ", 1)
            lines += [f"  - state: {state}", f"    from: {moment}"]
        self.write("quota_state.yaml", "\n".join(lines) + "\n")

    def built(self, moment: str = NOON) -> Built:
        """Builds the site at the moment (Dutch time) in this process through every step and the gate."""
        return build_site(read_inputs(self.root), at(moment))

    def published(self, out: str = "dist") -> dict[str, bytes]:
        """Returns every file of the output, by its path."""
        return tree(self.root / out)


def tree(folder: Path) -> dict[str, bytes]:
    """Returns every file below the folder, by its path."""
    real = folder.resolve()
    return {
        file.relative_to(real).as_posix(): file.read_bytes()
        for file in sorted(real.rglob("*"))
        if file.is_file()
    }


def make_project(folder: Path, site: Path = SITES / "small") -> Project:
    """Copies the site into the folder, with the real entry beside it."""
    shutil.copytree(site, folder, dirs_exist_ok=True)
    shutil.copy(REPOSITORY / "build.py", folder)
    return Project(folder)


def make_tiny_project(folder: Path) -> Project:
    """Makes the small site with one language and one programme: complete, and quick to build."""
    project = make_project(folder)
    shutil.rmtree(project.root / "content/nl")
    for path in ("content/programmes/south-korea.yaml", "content/en/south-korea.md"):
        (project.root / path).unlink()
    project.replace("content/site.yaml", "  nl: Kleine site\n", "")
    project.replace("content/site.yaml", "    nl: https://ind.nl/nl\n", "")
    project.replace("content/site.yaml", "[en, nl]", "[en]")
    project.replace("content/programmes/japan.yaml", "  nl: Japan\n", "")
    zones = (project.root / "content/programmes/japan.yaml").read_text(encoding="utf-8")
    project.write(
        "content/programmes/japan.yaml", re.sub(r"(time_zone_names:\n(?:  .*\n)*?)  nl: .*\n", r"\1", zones)
    )
    project.replace("content/programmes/japan.yaml", "  nl: https://start.request.test/japan/nl\n", "")
    project.replace("content/en/index.md", " and [South Korea](south-korea.md)", "")
    log = (project.root / "quota_state.yaml").read_text(encoding="utf-8")
    project.write("quota_state.yaml", log[: log.index("south-korea:")])
    return project
