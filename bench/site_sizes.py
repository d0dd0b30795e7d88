"""Measures the cost of whole commands on generated sites of different sizes: `python -m bench.site_sizes 24 1000`.

Costs are seconds of processor time, and ratios to a yardstick that runs in turn with the commands, so other work on the machine
has little effect on the ratios. If Hugo is on PATH, it builds a site with the same texts, menus and languages, and an additional
row shows the ratios to Hugo. With all of 10,000 pages in every menu, the pages alone take more than a gigabyte, so measure such a
site with `--menu ten`. The results of the last large measurement are in README.md next to this file.

`--guard` is the short form for CI. It measures one site of 250 pages, and fails if a command costs far more than before. The
limits are twice the measured ratios.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.__main__ import ENV, YARDSTICK
from bench.generated_site import edit_page, write_hugo_site, write_site
from site_src.read.tree import STATE_FILE

COLUMNS = ("cold", "nothing", "flip", "edit")
# The size of the guarded site, and the largest ratio to the yardstick for each command.
GUARDED_PAGES = 250
GUARDED = {"cold": 22.0, "nothing": 1.2, "flip": 10.0, "edit": 12.0}
_MENUS = ("ten", "all")
_STATES = ("suspended", "quota_reached")
_BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cost:
    """The processor seconds and the peak memory (in MB) of a process."""

    seconds: float
    memory: float


def main() -> int:
    """Prints the cost of each command, for each size and for both menus (ten pages, all pages)."""
    parser = argparse.ArgumentParser(prog="python -m bench.site_sizes", description=__doc__)
    parser.add_argument("pages", type=int, nargs="*", default=[24, 1000], help="sizes of sites (24 1000)")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each command (3)")
    parser.add_argument("--menu", choices=_MENUS, help="only the sites whose menu has ten or all pages")
    parser.add_argument("--guard", action="store_true", help="only compare a site with the largest ratios")
    options = parser.parse_args()
    if options.guard:
        return _guard(options.runs)
    print(f"{'pages, menu':<16}{'unit':<11}" + "".join(f"{name:>9}" for name in COLUMNS) + f"{'MB':>7}")
    for pages in options.pages:
        for menu in [options.menu] if options.menu else _MENUS:
            with tempfile.TemporaryDirectory() as folder:
                _print_rows(Path(folder), pages, menu, options.runs)
    return 0


def _guard(runs: int) -> int:
    """Prints each command's ratio and its limit. Returns 1 if a ratio exceeds its limit."""
    with tempfile.TemporaryDirectory() as folder:
        yardstick, costs = measure_site(Path(folder), GUARDED_PAGES, in_menu=False, runs=runs)
    ratios = {column: _median(costs[column]) / yardstick for column in COLUMNS}
    for column, limit in GUARDED.items():
        print(f"{column:<10}{ratios[column]:>8.2f} ÷ yardstick, at most {limit}")
    return int(any(ratios[column] > limit for column, limit in GUARDED.items()))


def _print_rows(folder: Path, pages: int, menu: str, runs: int) -> None:
    name, in_menu = f"{pages}, {menu}", menu == "all"
    yardstick, costs = measure_site(folder, pages, in_menu, runs)
    memory = max(cost.memory for column in costs.values() for cost in column)
    ours = {column: _median(costs[column]) for column in COLUMNS}
    _print_row(name, "s", ours.values(), memory)
    _print_row(name, "÷ yardstick", (seconds / yardstick for seconds in ours.values()), memory)
    if hugo := shutil.which("hugo"):
        theirs = _median(_measure_hugo(hugo, folder / "hugo", pages, in_menu, runs))
        _print_row(name, "÷ Hugo", (seconds / theirs for seconds in ours.values()), memory)


def measure_site(folder: Path, pages: int, in_menu: bool, runs: int) -> tuple[float, dict[str, list[Cost]]]:
    """Makes a site in `folder`. Returns the median processor seconds of the yardstick, and `runs` costs for each of COLUMNS.

    `cold` is a build without results from earlier builds. `nothing` is a build without a change. `flip` and `edit` publish a
    change of a state and of a text to a folder.
    """
    project, target = folder / "project", folder / "target"
    project.mkdir()
    write_site(project, pages, in_menu)
    log = project / STATE_FILE
    first, *others = sorted(path.stem for path in (project / "content/programmes").glob("*.yaml"))
    rest = "".join(f"{id}:\n  - state: open\n    from: 2020-01-01 00:00\n" for id in others)
    events: list[str] = []
    yardstick: list[Cost] = []
    costs: dict[str, list[Cost]] = {column: [] for column in COLUMNS}
    for number in range(runs + 1):
        yardstick.append(_run(project, "-c", YARDSTICK))
        moment = _BEGIN + timedelta(minutes=number)
        events.append(f"  - state: {_STATES[number % 2]}\n    from: {moment:%Y-%m-%d %H:%M}+00:00\n")
        log.write_text(f"{rest}{first}:\n{''.join(events)}", encoding="utf-8")
        flip = _run(project, "build.py", "publish", str(target))
        edit_page(project, number)
        edit = _run(project, "build.py", "publish", str(target))
        shutil.rmtree(project / ".dist.builds", ignore_errors=True)
        (project / "dist").unlink(missing_ok=True)
        cold = _run(project, "build.py")
        nothing = _run(project, "build.py")
        if number:  # The first run compiles modules and templates.
            for column, cost in zip(COLUMNS, (cold, nothing, flip, edit), strict=True):
                costs[column].append(cost)
    return _median(yardstick), costs


def _measure_hugo(hugo: str, folder: Path, pages: int, in_menu: bool, runs: int) -> list[Cost]:
    folder.mkdir()
    write_hugo_site(folder, pages, in_menu)
    command = [hugo, "--quiet", "--destination", str(folder / "public")]
    return [_run_command(folder, command) for _ in range(runs + 1)][1:]


def _run(project: Path, *words: str) -> Cost:
    return _run_command(project, [sys.executable, *words])


def _run_command(folder: Path, command: Sequence[str]) -> Cost:
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, cwd=folder, env=ENV, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            raise SystemExit(f"{' '.join(command)}: exit {process.returncode}\n{errors.read().decode()}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _median(costs: Sequence[Cost]) -> float:
    return statistics.median(cost.seconds for cost in costs)


def _print_row(name: str, unit: str, values: object, memory: float) -> None:
    cells = "".join(f"{value:>9.2f}" for value in values)  # type: ignore[attr-defined]
    print(f"{name:<16}{unit:<11}{cells}{memory:>7.0f}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
