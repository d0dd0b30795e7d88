"""Measures the time of whole commands, and prints their ratios to a yardstick.

The yardstick is a process that imports jinja2, markdown and yaml and defines one pydantic model. Seconds differ between
machines and between runs, so compare only ratios within one run. `build` finds nothing changed: `bench.site_sizes` measures builds
after a change.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
YARDSTICK = (
    "import jinja2, markdown, yaml\n"
    "from pydantic import BaseModel\n"
    "class Model(BaseModel):\n    name: str\n    number: int\n"
)


# The yardstick's libraries were compiled when they were installed, so the commands may save their compiled modules too.
ENV = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main() -> int:
    """Prints a row per command: median and longest time, ratio to the yardstick, and budget. Returns 1 if a budget is exceeded."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="counted runs of each command (9)")
    runs: int = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        commands: dict[str, tuple[list[str], float | None]] = {
            "yardstick": (["-c", YARDSTICK], None),
            "build": (["build.py", "--out", f"{folder}/site"], 1.5),
            "check": (["build.py", "check"], 4.0),
            "quota show": (["build.py", "quota", "show"], 0.6),
            "--help": (["build.py", "--help"], 0.25),
        }
        seconds = _measure({name: command for name, (command, _) in commands.items()}, runs)
    yardstick = statistics.median(seconds["yardstick"])
    print(f"{'command':<12}{'median s':>10}{'worst s':>10}{'ratio':>8}{'budget':>8}")
    over = False
    for name, (_, budget) in commands.items():
        median = statistics.median(seconds[name])
        ratio = median / yardstick
        over = over or (budget is not None and ratio > budget)
        limit = f"{budget:.1f}" if budget is not None else ""
        print(f"{name:<12}{median:>10.3f}{max(seconds[name]):>10.3f}{ratio:>8.2f}{limit:>8}")
    return int(over)


def _measure(commands: dict[str, list[str]], runs: int) -> dict[str, list[float]]:
    """Maps each command to the seconds of its runs. The commands run in turn, after one uncounted run of each."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(runs + 1):
        for name, command in commands.items():
            taken = time_python(*command, folder=ROOT)
            if run:
                seconds[name].append(taken)
    return seconds


def time_python(*command: str, folder: Path) -> float:
    """Runs Python with these arguments in the folder. Returns the seconds. Raises CalledProcessError if the command fails."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *command], cwd=folder, env=ENV, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
