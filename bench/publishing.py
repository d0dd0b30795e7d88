"""Measures the time from a change of state until it is live, with `publish` and `publish --watch`: `python -m bench.publishing`."""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.__main__ import ENV, ROOT, YARDSTICK, time_python
from site_src.quota.log_file import NEW_FILE

STATE_FILE = "quota_state.yaml"
_STATES = ("suspended", "quota_reached")


def main() -> int:
    """Prints the median, the longest time, and the ratio to the yardstick for both commands.

    The goals are a ratio of 2.5 for `publish` and 60 ms for `publish --watch`.
    """
    parser = argparse.ArgumentParser(prog="python -m bench.publishing", description=__doc__)
    parser.add_argument("--runs", type=int, default=50, help="changes of state for each command (50)")
    runs: int = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        for name in ("content", "site_src"):
            shutil.copytree(ROOT / name, project / name)
        for name in ("build.py", STATE_FILE):
            shutil.copy(ROOT / name, project)
        yardstick, once = _once(project, project.parent / "once", runs)
        watched = _watched(project, project.parent / "watched", runs)
    unit = statistics.median(yardstick)
    print(f"{'state change to live':<22}{'median s':>10}{'worst s':>10}{'ratio':>8}")
    for name, seconds in (("yardstick", yardstick), ("publish, once", once), ("publish --watch", watched)):
        print(
            f"{name:<22}{statistics.median(seconds):>10.3f}{max(seconds):>10.3f}{statistics.median(seconds) / unit:>8.2f}"
        )
    return 0


def _once(project: Path, target: Path, runs: int) -> tuple[list[float], list[float]]:
    """Returns the seconds of the yardstick, and of `publish` after a change. The two run in turn. The first runs do not count."""
    yardstick, once = [], []
    for number in range(runs + 1):
        yardstick.append(time_python("-c", YARDSTICK, folder=project))
        flip(project, number)
        once.append(time_python("build.py", "publish", str(target), folder=project))
    return yardstick[1:], once[1:]


def _watched(project: Path, target: Path, runs: int) -> list[float]:
    """Returns the seconds from each save of the state file until a resident publisher has switched to a new release."""
    command = [sys.executable, "build.py", "publish", str(target), "--watch"]
    process = subprocess.Popen(
        command, cwd=project, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not (target / "heartbeat.json").exists():
            time.sleep(0.05)
        seconds = []
        for number in range(runs + 1):
            time.sleep(0.5)
            before = os.readlink(target / "current")
            start = time.perf_counter()
            flip(project, number + runs + 1)
            while os.readlink(target / "current") == before:
                time.sleep(0.0005)
            seconds.append(time.perf_counter() - start)
    finally:
        process.terminate()
        process.wait()
    return seconds[1:]


def flip(project: Path, number: int) -> None:
    """Adds a past event to the log of one programme, and replaces the file as `quota set` does.

    Earlier events stay, because a publisher refuses a log without the published events.
    """
    first, *others = [path.stem for path in sorted((project / "content/programmes").glob("*.yaml"))]
    text = "".join(f"{id}:\n  - state: open\n    from: 2020-01-01 00:00\n" for id in others)
    text += f"{first}:\n"
    for minutes in range(number + 1):
        moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        text += f"  - state: {_STATES[minutes % 2]}\n    from: {moment:%Y-%m-%d %H:%M}+00:00\n"
    aside = project / NEW_FILE
    aside.write_text(text)
    os.replace(aside, project / STATE_FILE)


if __name__ == "__main__":
    sys.exit(main())
