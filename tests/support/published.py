"""A published site for tests: what visitors get, and the other files in the target."""

from __future__ import annotations

import atexit
import json
import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from site_src.cache import digest
from site_src.publish.manifest import Manifest
from site_src.publish.releases import all_releases, live_release
from tests.support.commands import Done, command
from tests.support.project import Project, tree

JAPAN_PAGE, KOREA_PAGE, PLAIN_PAGE = "en/japan/index.html", "en/south-korea/index.html", "en/index.html"
LINK = 'class="conversation-starter"'


@cache
def _first_releases() -> Path:
    """Returns the folder of the first releases, each below the digest of its inputs."""
    folder = Path(mkdtemp(prefix="published-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def copy_target(source: Path, target: Path) -> None:
    """Makes a copy of a target with the same times, and with hard links where the source has them."""
    copies: dict[int, str] = {}

    def copy(file: str, place: str) -> None:
        inode = os.stat(file, follow_symlinks=False).st_ino
        if inode in copies:
            os.link(copies[inode], place)
        else:
            copies[inode] = place
            shutil.copy2(file, place)

    shutil.copytree(source, target, symlinks=True, copy_function=copy)


@dataclass(frozen=True)
class Target:
    """A project and the folder to which it is published."""

    project: Project
    folder: Path

    def publish(self, *more: str) -> Done:
        """Runs `publish` in this process."""
        return command(self.project, "publish", str(self.folder), *more)

    def published(self, *more: str, code: int = 0) -> str:
        """Publishes, and checks the exit code. Returns the name of the live release.

        The first release of given inputs is made once in a test run, and then copied. `publish` makes it
        each time.
        """
        if not more and not code and not self.folder.exists():
            key = digest(*(part for path, data in tree(self.project.root).items() for part in (path, data)))
            kept = _first_releases() / key
            if kept.exists():
                copy_target(kept, self.folder)
            else:
                assert (done := self.publish()).returncode == 0, done.stderr
                copy_target(self.folder, kept)
            return self.name
        done = self.publish(*more)
        assert done.returncode == code, done.stderr
        return self.name

    def command(self, word: str, *more: str) -> Done:
        """Runs `releases` or `rollback` in this process."""
        return command(self.project, word, str(self.folder), *more)

    @property
    def name(self) -> str:
        """The name of the live release."""
        return Path(os.readlink(self.folder / "current")).name

    @property
    def number(self) -> int:
        """The number of the live release."""
        return int(self.name.partition("-")[0])

    @property
    def manifest(self) -> Manifest:
        """The live release's manifest."""
        live = live_release(self.folder)
        assert live
        return live.manifest

    @property
    def numbers(self) -> list[int]:
        """Returns the numbers of all releases, newest first."""
        return [release.number for release in all_releases(self.folder) if not isinstance(release, str)]

    def site(self) -> dict[str, bytes]:
        """Returns every file that visitors can get."""
        return tree(self.folder / "current" / "site")

    def page(self, path: str = JAPAN_PAGE) -> str:
        """Returns a page as visitors get it."""
        return (self.folder / "current/site" / path).read_text(encoding="utf-8")

    def shows_link(self, programme: str = "japan") -> bool:
        """Returns whether the programme's pages show the link. Fails if the languages differ."""
        # Reads one release, because a switch may come between two reads of the link.
        site = (self.folder / "current").resolve() / "site"
        shown = {LINK in (site / f"{code}/{programme}/index.html").read_text() for code in ("en", "nl")}
        assert len(shown) == 1
        return shown.pop()

    def journal(self) -> list[dict[str, Any]]:
        """Returns the journal's lines."""
        return [json.loads(line) for line in (self.folder / "journal.jsonl").read_text().splitlines()]

    def everything(self) -> dict[str, tuple[bytes, float]]:
        """Returns the bytes and modification time of every file in the releases."""
        releases = self.folder / "releases"
        return {path: (data, (releases / path).stat().st_mtime) for path, data in tree(releases).items()}
