"""Made-up sites, and writers that replace one site by another as a build or a publish does, but without a gate."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from site_src.file_lock import Wait
from site_src.gate.gate import Verified
from site_src.publish.dist import builds_folder, output_lock, write_output
from site_src.publish.manifest import Manifest, digest_of_all, list_entries, with_times
from site_src.publish.pruning import prune
from site_src.publish.releases import (
    live_or_newest,
    live_release,
    next_number,
    sweep_leftovers,
    target_lock,
)
from site_src.publish.staging import Trees, make_live, staged, stamp_of
from tests.support.project import tree

# Two versions of a site. Readers must always find one of the two. Their files have different sizes.
SITES: Mapping[str, Mapping[str, bytes]] = {
    "first": {
        "index.html": b"<p>In both.</p>",
        "en/index.html": b"<p>First.</p>" * 9,
        "en/japan/index.html": b"<p>First.</p>" * 40,
        "assets/style.1.css": b"p { color: #111 }",
    },
    "second": {
        "index.html": b"<p>In both.</p>",
        "en/index.html": b"<p>Second.</p>" * 8,
        "nl/japan/index.html": b"<p>Second.</p>" * 30,
        "assets/style.2.css": b"p { color: #222 }",
    },
}
CONTENT = {"content/site.yaml": b"title: Site\n"}
_HIDDEN = {"en/index.html": b"<p>Nobody vouches for it.</p>"}
_INSTANT = datetime(2020, 1, 1, tzinfo=UTC)


def hidden_tree(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Returns the files in the hidden tree of the release of these files."""
    return {**files, **_HIDDEN}


@dataclass
class Writer(ABC):
    """A writer of the sites in SITES, without inputs."""

    root: Path

    def prepare(self, version: str) -> None:  # noqa: B027 - most writers have nothing to prepare
        """Does nothing."""

    def write(self, version: str) -> tuple[bool, str]:
        """Writes SITES[version]."""
        try:
            self.replace(SITES[version])
        except OSError as error:
            return False, str(error)
        return True, ""

    @abstractmethod
    def replace(self, files: Mapping[str, bytes]) -> None:
        """Writes the files. Raises OSError."""

    def seen_in(self, site: Path) -> str:
        """Returns the version that has exactly the files in the folder."""
        if not os.path.lexists(site):
            return "nothing"
        files = tree(site)
        return next((version for version in SITES if files == SITES[version]), "a mixture")


class Dist(Writer):
    """The output of a build."""

    def replace(self, files: Mapping[str, bytes]) -> None:
        """Replaces the output as the end of `build` does."""
        with output_lock(self.root / "dist"):
            write_output(self.root / "dist", Verified(files))

    def seen(self) -> str:
        """Returns what is in `dist`."""
        return self.seen_in(self.root / "dist")

    def left(self) -> list[str]:
        """Returns the kept builds, without their numbers, and the files beside them."""
        builds = builds_folder(self.root / "dist")
        return sorted("build" if entry.name.isdigit() else entry.name for entry in builds.iterdir())


@dataclass
class Releases(Writer):
    """A published site. A publish keeps `keep` releases."""

    keep: int = 2

    @property
    def target(self) -> Path:
        """The folder of releases and the link to the live one."""
        return self.root / "www"

    def replace(self, files: Mapping[str, bytes]) -> None:
        """Publishes the files as `publish` does, without reading and building."""
        with target_lock(self.target, Wait()):
            live, doubt = live_or_newest(self.target)
            if not doubt:
                sweep_leftovers(self.target, live, ())
            number, stamp = next_number(self.target, ()), stamp_of(live)
            before = live.manifest if live else None
            manifest = Manifest(
                number=number,
                release=digest_of_all(list_entries(files)),
                instant=_INSTANT,
                states={},
                events={},
                content_of=number,
                files=with_times(list_entries(files), before.files if before else {}, stamp),
                inputs=list_entries(CONTENT),
                hidden=with_times(list_entries(_HIDDEN), before.hidden_files if before else {}, stamp + 1),
            )
            trees = Trees(files, hidden_tree(files))
            with staged(self.target, manifest, trees, CONTENT, live):
                pass
            staging = self.target / f"releases/.unfinished-{number}"
            verified = Verified(files), Verified(trees.hidden)
            release = make_live(self.target, staging, manifest, *verified)
            with suppress(OSError):
                prune(self.target, release, self.keep)

    def seen(self) -> str:
        """Returns what is in both trees of the live release, if its manifest lists exactly that."""
        found = self.seen_in(self.target / "current/site")
        live = live_release(self.target) if found in SITES else None
        if live is None:
            return found
        if tree(self.target / "current/hidden") != hidden_tree(SITES[found]):
            return "another hidden tree"
        return found if live.manifest.files == list_entries(SITES[found]) else "another manifest"

    def left(self) -> list[str]:
        """Returns the releases, without their names, and the files beside them."""
        releases = [
            "release" if entry.name[0].isdigit() else entry.name
            for entry in (self.target / "releases").iterdir()
        ]
        return sorted([*releases, *(entry.name for entry in self.target.iterdir())])
