"""Measures the time from a saved file until a resident publisher has published it: `python -m bench.watching 24 1000`.

For a change of a text (`edit`) and of a state (`flip`; the log is replaced, as by `quota set`), prints the median and the longest time
until the target shows it, and the processor time of the resident publisher. A release becomes live in one step, so the first page that is
right is also the last one. If Hugo is on PATH, its `--watch` is measured with the same texts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.__main__ import ENV
from bench.generated_site import edit_page, write_hugo_site, write_site
from bench.publishing import flip
from site_src.publish.heartbeat import HEARTBEAT
from site_src.publish.releases import CURRENT

GOALS = {24: 60, 1000: 200, 10000: 1500}
_HUGO_PAGE = "en/guide-000/page-01"
# The pause after each change, so that the work after the switch is over, and is counted.
_REST_SECONDS = 1.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Change:
    """Seconds from the save until the change is live, and the processor seconds that it cost the publisher."""

    delay: float
    cost: float


def main() -> int:
    """Prints a row per size and kind of change."""
    parser = argparse.ArgumentParser(prog="python -m bench.watching", description=__doc__)
    parser.add_argument("pages", type=int, nargs="*", default=[24, 1000], help="sizes of sites (24 1000)")
    parser.add_argument("--runs", type=int, default=10, help="counted changes of each kind (10)")
    options = parser.parse_args()
    print(
        f"{'pages, change':<18}{'median ms':>10}{'worst ms':>10}{'CPU ms':>8}{'goal ms':>9}"
        f"{'÷ Hugo':>8}   load {os.getloadavg()[0]:.1f}"
    )
    for pages in options.pages:
        with tempfile.TemporaryDirectory() as folder:
            hugo = _measure_hugo(Path(folder), pages, options.runs)
            changes = measure_resident(Path(folder), pages, options.runs)
        theirs = statistics.median(change.delay for change in hugo) if hugo else None
        for kind, found in changes.items():
            _print_row(f"{pages}, {kind}", found, str(GOALS.get(pages, "")), theirs)
        if hugo:
            _print_row(f"{pages}, Hugo's edit", hugo, "", None)
    return 0


def measure_resident(folder: Path, pages: int, runs: int) -> dict[str, list[Change]]:
    """Makes a site in `folder` and publishes it. Returns `runs` changes of each kind, after two uncounted ones."""
    project, target = folder / "project", folder / "target"
    project.mkdir()
    write_site(project, pages)
    flip(project, 0)
    command = [sys.executable, "build.py", "publish", str(target), "--watch"]
    page, state = target / CURRENT / "site/en/privacy/index.html", target / CURRENT / "site/release.json"
    changes: dict[str, list[Change]] = {"edit": [], "flip": []}
    with _running(command, project) as process:
        _wait((target / HEARTBEAT).exists)
        for number in range(1, runs + 3):
            words = f"Edited for the {number}th time."
            save = partial(edit_page, project, number)
            changes["edit"].append(_measure(process.pid, save, partial(_contains, page, words)))
        for number in range(1, runs + 3):
            # The states alternate between two that hide the link.
            replace_log, before = partial(flip, project, number), state.read_bytes()
            changes["flip"].append(_measure(process.pid, replace_log, partial(_differs, state, before)))
    return {kind: found[2:] for kind, found in changes.items()}


def _measure_hugo(folder: Path, pages: int, runs: int) -> list[Change]:
    """Returns `runs` edits of a page beside `hugo --watch`; an empty list if Hugo is not installed."""
    hugo = shutil.which("hugo")
    if not hugo:
        return []
    root, public = folder / "hugo", folder / "public"
    root.mkdir()
    write_hugo_site(root, pages)
    source, page = root / f"content/{_HUGO_PAGE}.md", public / _HUGO_PAGE / "index.html"
    text, found = source.read_text(encoding="utf-8"), []
    with _running([hugo, "--watch", "--destination", str(public)], root) as process:
        # Hugo misses changes that are made before it has built all pages.
        while process.stdout and b"Watching for changes" not in process.stdout.readline():
            pass
        for number in range(1, runs + 2):
            time.sleep(_REST_SECONDS)
            words = f"Edited for the {number}th time."
            save = partial(source.write_text, f"{text}\n{words}\n", encoding="utf-8")
            found.append(_measure(process.pid, save, partial(_contains, page, words)))
    return found[1:]


def _contains(page: Path, words: str) -> bool:
    return words in page.read_text(encoding="utf-8")


def _differs(file: Path, data: bytes) -> bool:
    return file.read_bytes() != data


def _measure(process: int, change: Callable[[], object], is_live: Callable[[], bool]) -> Change:
    time.sleep(_REST_SECONDS)
    used, begun = _processor_seconds(process), time.perf_counter()
    change()
    _wait(is_live)
    delay = time.perf_counter() - begun
    time.sleep(_REST_SECONDS)
    return Change(delay, _processor_seconds(process) - used)


def _processor_seconds(process: int) -> float:
    """Returns the processor time of the process until now (Linux: fields 14 and 15 of /proc/PID/stat)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 600
    while True:
        try:
            if condition():
                return
        except FileNotFoundError:
            pass  # Hugo replaces its files, and pruning deletes the release that is being read.
        if time.monotonic() > end:
            raise SystemExit("the change was not published within ten minutes")
        time.sleep(0.001)


@contextmanager
def _running(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, cwd=folder, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _print_row(name: str, changes: Sequence[Change], goal: str, theirs: float | None) -> None:
    delays = [change.delay * 1000 for change in changes]
    median = statistics.median(delays)
    cost = statistics.median(change.cost for change in changes) * 1000
    ratio = f"{median / 1000 / theirs:.2f}" if theirs else ""
    print(f"{name:<18}{median:>10.0f}{max(delays):>10.0f}{cost:>8.0f}{goal:>9}{ratio:>8}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
