"""Measures the time from the start of `quota close` to nginx's last response with the link: `python -m bench.closing`."""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.__main__ import ENV, ROOT, YARDSTICK, time_python
from bench.publishing import STATE_FILE
from site_src.publish.lease import read_lease
from tests.support.visiting import Visitors, visiting
from tests.support.web_server import LEASED, NGINX, NJS, configured, free_port, running

# The budgets, as ratios to the yardstick: from the start of the command to the last response with the link, and to the end of the
# command while a resident publisher runs.
HIDDEN_BUDGET, WHOLE_BUDGET = 0.5, 1.8
_STATES = "{id}:\n  - state: open\n    from: 2026-01-01 00:00\n"


def main() -> int:
    """Prints the median, the longest time and the ratio to the yardstick.

    Returns 1 if a budget is exceeded, or if a response had a status other than 200.
    """
    parser = argparse.ArgumentParser(prog="python -m bench.closing", description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="closings under load (200)")
    runs: int = parser.parse_args().runs
    if not NGINX or not NJS:
        print(
            "Closings are not measured, because nginx or njs is missing: apt-get install nginx-light libnginx-mod-http-js"
        )
        return 0
    with tempfile.TemporaryDirectory() as folder:
        yardstick, hidden, whole, statuses = _measure(Path(folder), runs)
    unit = statistics.median(yardstick)
    print(f"{'closing':<34}{'median s':>10}{'worst s':>10}{'ratio':>8}{'budget':>8}")
    for name, seconds, budget in (
        ("yardstick", yardstick, ""),
        ("start to last answer with link", hidden, f"{HIDDEN_BUDGET:.1f}"),
        ("start to end of the command", whole, f"{WHOLE_BUDGET:.1f}"),
    ):
        median = statistics.median(seconds)
        print(f"{name:<34}{median:>10.3f}{max(seconds):>10.3f}{median / unit:>8.2f}{budget:>8}")
    print(f"responses by status: {statuses}")
    over = statistics.median(hidden) / unit > HIDDEN_BUDGET or statistics.median(whole) / unit > WHOLE_BUDGET
    return int(over or set(statuses) != {200})


def _measure(folder: Path, runs: int) -> tuple[list[float], list[float], list[float], dict[int, int]]:
    project, target, port = folder / "project", folder / "www", free_port()
    project.mkdir()
    for name in ("content", "site_src", "build.py"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, project / name)
    programmes = [path.stem for path in sorted((project / "content/programmes").glob("*.yaml"))]
    (project / STATE_FILE).write_text("".join(_STATES.format(id=id) for id in programmes))
    (project / "local.yaml").write_text(f"target: {target}\n")
    _run(project, "publish", str(target))
    resident = subprocess.Popen(
        [sys.executable, "build.py", "publish", str(target), "--watch", "--lease", "30"],
        cwd=project, env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    yardstick, hidden, whole = [], [], []
    try:
        main = configured(folder / "etc", LEASED.format(port=port, target=target))
        with running(main, port), visiting(port, f"/en/{programmes[0]}/") as visitors:
            for _ in range(runs):
                _wait_for_link(target, visitors)
                yardstick.append(time_python("-c", YARDSTICK, folder=project))
                begun = time.monotonic()
                whole.append(_run(project, "quota", "close", programmes[0]))
                hidden.append(max(0.0, visitors.last_with_link() - begun))
                _run(project, "quota", "set", programmes[0], "open", "--yes", "--publish", str(target))
            statuses = [one.status for one in visitors.seen]
    finally:
        resident.terminate()
        resident.wait()
    return yardstick, hidden, whole, {status: statuses.count(status) for status in sorted(set(statuses))}


def _wait_for_link(target: Path, visitors: Visitors) -> None:
    while True:
        lease = read_lease(target)
        if lease and lease.is_valid(time.time()) and visitors.seen and visitors.seen[-1].link:
            return
        time.sleep(0.02)


def _run(project: Path, *words: str) -> float:
    return time_python("build.py", *words, folder=project)


if __name__ == "__main__":
    sys.exit(main())
