"""A closing that is noted is published in spite of a lock, Ctrl-C or a lost connection."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from site_src.commands import quota_write
from site_src.publish.store import MARKER
from site_src.quota.log_file import LOCK_FILE, LogFile, Version
from tests.support.commands import command
from tests.support.published import Target

PATIENCE = 60.0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_signal_waits_for_the_publish(target: Target, number: signal.Signals) -> None:
    """If Ctrl-C or the end of the connection comes after the event is written, the link is still hidden."""
    command(target.project, "quota", "set", "japan", "open", "--yes", "--publish", str(target.folder))
    assert target.shows_link()
    ours, theirs = pty.openpty()
    words = ["quota", "set", "japan", "quota_reached", "--yes", "--publish", str(target.folder)]
    with open(target.folder / MARKER) as lock:
        # Holds the lock as another publisher would, so that the command stays between writing and publishing.
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = subprocess.Popen(
            [sys.executable, "build.py", *words],
            cwd=target.project.root,
            env=target.project.environment(),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        said = b""
        while b"Another publisher is at work here" not in said:
            said += os.read(ours, 65536)
        process.send_signal(number)
        if number == signal.SIGHUP:
            os.close(ours)
        time.sleep(0.1)
    code = process.wait(PATIENCE)

    assert not target.shows_link()
    assert code == 0
    if number == signal.SIGINT:
        assert b"The command stops after that" in os.read(ours, 65536)
        os.close(ours)


def test_a_held_lock_holds_up_no_closing(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that is never released stops an opening, but not a closing.

    Both messages name the holder of the lock.
    """
    monkeypatch.setattr(quota_write, "SHORT_WAIT", 0.2)
    command(target.project, "quota", "set", "japan", "open", "--yes")
    with open(target.project.root / LOCK_FILE, "w") as lock:
        lock.write("Held by process 4711 of www since 2026-04-01 11:42:00 UTC.\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        opening = command(target.project, "quota", "set", "south-korea", "places_available", "--yes")
        closing = command(target.project, "quota", "set", "japan", "quota_reached", "--yes")

    assert opening.returncode == 1
    assert "is held by process 4711 of www since 2026-04-01 11:42:00 UTC" in opening.stderr
    assert "Nothing was written." in opening.stderr
    assert closing.returncode == 0
    assert "Continuing without the lock" in closing.stderr
    assert "process 4711" in closing.stderr
    assert left_over(target.project.root) == []


def test_a_change_by_somebody_else_meanwhile_is_not_lost(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If another command writes its event just before this one, which has no lock, both events are in the log."""
    command(target.project, "quota", "set", "japan", "open", "--yes")
    calls, replace = list[str](), LogFile.replace

    def meanwhile(file: LogFile, text: str, before: Version, aside: str) -> None:
        calls.append(aside)
        if len(calls) == 1:
            command(target.project, "quota", "set", "south-korea", "suspended", "--yes")
        replace(file, text, before, aside)

    monkeypatch.setattr(quota_write, "SHORT_WAIT", 0.2)
    monkeypatch.setattr(LogFile, "replace", meanwhile)
    assert command(target.project, "quota", "set", "japan", "quota_reached", "--yes").returncode == 0

    log = (target.project.root / "quota_state.yaml").read_text()
    assert log.count("suspended") == 1
    assert len(calls) == 3
    assert "quota_reached" in log.partition("south-korea")[0] + log
    assert left_over(target.project.root) == []


def left_over(root: Path) -> list[str]:
    """Returns the temporary files that a command left."""
    return [path.name for path in root.iterdir() if ".new" in path.name]


def test_a_target_that_stays_locked_is_named(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a closing cannot get the target's lock in time, it ends with a message.

    The message names the holder of the lock and says what visitors get.
    """
    from site_src.commands import publish

    monkeypatch.setattr(publish, "SHORT_WAIT", 0.2)
    command(target.project, "quota", "set", "japan", "open", "--yes", "--publish", str(target.folder))
    with open(target.folder / MARKER) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        words = ("quota", "set", "japan", "quota_reached", "--yes", "--publish", str(target.folder))
        done = command(target.project, *words)

    assert done.returncode == 1
    assert f"{target.folder / MARKER}: is held by process {os.getpid()} of " in done.stderr
    assert "NOT PUBLISHED. Visitors still get" in done.stderr
    assert target.shows_link()
