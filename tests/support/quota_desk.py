"""What an operator does in tests: a state file with past events, and what it contains after a command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from site_src.quota.event_keys import read_quota_logs
from site_src.quota.log import Log
from site_src.quota.log_file import LOCK_FILE
from site_src.read.reader import Reader
from site_src.read.tree import STATE_FILE, load_tree
from tests.support.commands import Done, command
from tests.support.project import AMSTERDAM, Project, tree

# These events are long past, so tests may add present events on any date.
PAST = """\
# The quota operator's file.
japan:
  - state: open
    from: 2020-04-01 00:00          # a Wednesday
  - state: quota_reached
    from: 2020-04-01 11:42
    by: "the quota desk"
    note: confirmed by telephone
# South Korea begins in January.
south-korea:
  - state: open
    from: 2020-01-01 00:00
"""
EVERY_STATE = """\
japan:
  - state: open
    from: 2026-04-01 00:00
  - state: quota_reached
    from: 2026-04-01 11:42
    by: the quota desk
    note: confirmed by telephone
  - state: places_available
    from: 2026-10-05 09:00
    places: 12
  - state: suspended
    from: 2026-10-25 02:30+01:00
south-korea:
  - state: open
    from: 2026-01-01 00:00
"""


def desk(project: Project, text: str = PAST) -> Project:
    """Returns the project after writing this state file."""
    project.write(STATE_FILE, text)
    return project


def state_text(project: Project) -> str:
    """Returns the present text of the state file, with its line endings."""
    return (project.root / STATE_FILE).read_bytes().decode()


def logs(project: Project) -> dict[str, Log]:
    """Returns what the production reader reads from the state file."""
    reader = Reader(load_tree(project.root, (STATE_FILE,)))
    found = read_quota_logs(reader, frozenset({"japan", "south-korea"}), AMSTERDAM)
    assert found is not None, reader.report.problems
    return found


def days_ahead(days: int) -> str:
    """Returns noon on the day this many days from today, in Dutch time, as an operator types it."""
    return f"{datetime.now(AMSTERDAM) + timedelta(days=days):%Y-%m-%d} 12:00"


def both(moment: str, zone: str = "Asia/Tokyo") -> str:
    """Returns a Dutch time as commands print it, followed by the time in the programme's zone."""
    there = datetime.strptime(moment, "%Y-%m-%d %H:%M").replace(tzinfo=AMSTERDAM).astimezone(ZoneInfo(zone))
    return f"{moment} Europe/Amsterdam = {there:%Y-%m-%d %H:%M} {zone}"


def now() -> datetime:
    """Returns the time of the clock, as commands read it."""
    return datetime.now(UTC)


def refused(project: Project, *arguments: str) -> Done:
    """Runs a command, and checks that it changes no file of the project. Returns its exit code and output."""
    before = files(project)
    done = command(project, "quota", *arguments)
    assert files(project) == before
    assert done.returncode != 0
    assert done.stdout == ""
    return done


def files(project: Project) -> dict[str, bytes]:
    """Returns every file of the project except the lock."""
    return {path: data for path, data in tree(project.root).items() if path != LOCK_FILE}


def run_bound(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `python build.py …` in a process that obeys file permissions, even if the tests run as root."""
    command = [sys.executable, "build.py", *arguments]
    if not os.geteuid():
        if not shutil.which("setpriv"):
            pytest.skip("root needs setpriv to give up its powers: apt-get install util-linux")
        command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *command]
    return subprocess.run(
        command,
        cwd=project.root,
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
