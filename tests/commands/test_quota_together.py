"""Ten `quota set` run at once, and some are killed.

Every accepted event is in the log, and the file is complete at any moment.
"""

from __future__ import annotations

import fcntl
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from site_src.problems import Report
from site_src.quota.event_keys import parse_quota_logs
from site_src.quota.log import Event, Log
from site_src.quota.log_file import LOCK_FILE
from site_src.read.tree import STATE_FILE
from site_src.states import State
from tests.support.project import AMSTERDAM, Project
from tests.support.quota_desk import desk, logs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc, to see that a process waits"),
]
AT_ONCE = range(10)
PROGRAMMES = frozenset({"japan", "south-korea"})


def start(project: Project, number: int, *words: str) -> subprocess.Popen[bytes]:
    """Starts a `quota set` with --yes and does not wait for it. `said` reads its standard error."""
    with open(project.root / f"said {number}", "wb") as said:
        return subprocess.Popen(
            [sys.executable, "build.py", "quota", "set", *words, "--by", f"desk {number}", "--yes"],
            cwd=project.root,
            env=project.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )


def said(project: Project, number: int) -> str:
    """Returns the standard error of the process with this number."""
    return (project.root / f"said {number}").read_text(encoding="utf-8")


@contextmanager
def held(project: Project) -> Iterator[None]:
    """Holds the lock, as a command that writes does.

    Commands that start in this block wait, and then all continue at once.
    """
    with open(project.root / LOCK_FILE, "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wait_for_the_lock(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Returns when every process has opened the lock. Fails if a process does not wait for the lock."""
    for process in processes:
        while not any(LOCK_FILE in target for target in _open_files(process.pid)):
            assert process.poll() is None, "the command did not wait"
            time.sleep(0.01)
    assert [process.poll() for process in processes] == [None] * len(processes)


def _open_files(process: int) -> Iterator[str]:
    for link in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            yield os.readlink(link)


def watched(
    project: Project, processes: Sequence[subprocess.Popen[bytes]], kills: dict[int, int]
) -> list[bytes]:
    """Returns each different content that the file had until all processes ended.

    `kills` maps the number of a process to the number of changes after which it is killed. A busy machine
    does not alter the kills, because changes are counted and not seconds.
    """
    seen = [(project.root / STATE_FILE).read_bytes()]
    while any(process.poll() is None for process in processes):
        for number in [number for number, changes in kills.items() if changes < len(seen)]:
            processes[number].send_signal(signal.SIGKILL)
            del kills[number]
        time.sleep(0.0005)
        data = (project.root / STATE_FILE).read_bytes()
        if data != seen[-1]:
            seen.append(data)
    return [*seen, (project.root / STATE_FILE).read_bytes()]


def events_by(log: Log, name: str) -> list[Event]:
    """Returns the events with this author."""
    return [event for event in log if event.by == name]


def check_growth(project: Project, seen: Sequence[bytes]) -> None:
    """Checks that each content is a complete file, and has every event of the content before it."""
    before: dict[str, Log] = {}
    for data in seen:
        found = parse_quota_logs(data.decode(), PROGRAMMES, AMSTERDAM, Report())
        assert found is not None, data
        assert all(found[programme][: len(log)] == log for programme, log in before.items())
        before = found
    assert before == logs(project)


def test_with_expect_one_wins(project: Project) -> None:
    """Of ten commands with the same --expect, exactly one is accepted.

    The messages of the others name the author of the accepted change.
    """
    before = logs(desk(project))
    states = random.Random(3).choices(["quota_reached", "suspended"], k=len(AT_ONCE))  # noqa: S311

    with held(project):
        processes = [
            start(project, number, "south-korea", states[number], "--expect", "open") for number in AT_ONCE
        ]
        wait_for_the_lock(processes)
    seen = watched(project, processes, {})

    winners = [number for number in AT_ONCE if processes[number].returncode == 0]
    assert len(winners) == 1
    (winner,) = winners
    check_growth(project, seen)
    log = logs(project)["south-korea"]
    assert log[:-1] == before["south-korea"]
    assert (log[-1].state, log[-1].by) == (State(states[winner]), f"desk {winner}")
    ends = [(processes[number].returncode, said(project, number)) for number in AT_ONCE if number != winner]
    expected = re.compile(
        rf"(Another command is at work here [^\n]*\n)?Refused: (you expected south-korea to be open, but it|south-korea) is (already )?{states[winner]} (since|from) "
        rf"[-+0-9 :]+ Europe/Amsterdam = [-0-9 :]+ Asia/Seoul, by desk {winner}\. (?s:.*)Nothing was written\.(?s:.*)\n"
    )
    assert [one for one in ends if one[0] != 1 or not expected.fullmatch(one[1])] == []
    assert len(ends) == 9


def test_without_expect_none_is_lost(project: Project) -> None:
    """Each accepted change of ten commands is in the log once, and no refused change is, even if some commands are killed."""
    desk(project)
    chance = random.Random(1)  # noqa: S311
    plans = [
        (
            chance.choice(sorted(PROGRAMMES)),
            chance.choice(["open", "quota_reached", "suspended", "places_available"]),
        )
        for _ in AT_ONCE
    ]
    with held(project):
        processes = [start(project, number, *plan) for number, plan in enumerate(plans)]
        wait_for_the_lock(processes)
        inode = (project.root / LOCK_FILE).stat().st_ino
    # The first two are killed at once, the others at that change.
    kills = {number: max(0, place - 1) for place, number in enumerate(chance.sample(AT_ONCE, 4))}
    seen = watched(project, processes, kills)

    check_growth(project, seen)
    accepted, killed, written = [], [], 0
    for number, (programme, state) in enumerate(plans):
        code, found = processes[number].returncode, events_by(logs(project)[programme], f"desk {number}")
        written += len(found)
        if code == 0:
            assert [event.state for event in found] == [State(state)]
            accepted.append(number)
        elif code == 1:
            assert found == []
            assert "Nothing was written." in said(project, number)
        else:
            assert code == -signal.SIGKILL, said(project, number)
            assert len(found) <= 1
            killed.append(number)
    assert accepted
    assert len(killed) > 1
    assert sum(len(log) for log in logs(project).values()) == 3 + written
    assert len(accepted) <= written <= len(accepted) + len(killed)
    assert (project.root / LOCK_FILE).stat().st_ino == inode
