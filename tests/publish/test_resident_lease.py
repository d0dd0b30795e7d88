"""What systemd, a monitor and the host's alarm program see of `publish --watch --lease`."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_src.publish.heartbeat import notify
from site_src.publish.lease import FAR_FUTURE, HELD, expire_lease, read_lease
from site_src.publish.releases import resident_lock
from tests.support.commands import command
from tests.support.published import Target
from tests.support.residents import resident, start_resident, wait_until


@pytest.fixture
def opened(target: Target) -> Target:
    """A project whose log shows both links."""
    for programme in ("japan", "south-korea"):
        target.project.set_log(programme, "open 2026-04-01 00:00")
    return target


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket on which systemd listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        yield listening


def test_from_start_to_stop(opened: Target, manager: socket.socket, tmp_path: Path) -> None:
    """The process sends READY after the first publish, WATCHDOG while it runs, and STOPPING at SIGTERM.

    With settings in local.yaml, it needs no options.
    """
    alarm = opened.project.write("ring", f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/rung\n')
    alarm.chmod(0o755)
    opened.project.write(
        "local.yaml", f"target: {opened.folder}\nlease: 30\nwho: this host\nalarm: {alarm}\n"
    )
    with resident(opened, NOTIFY_SOCKET=str(tmp_path / "notify")) as process:
        assert {manager.recv(99), manager.recv(99)} == {b"READY=1", b"WATCHDOG=1"}
        assert opened.shows_link()
        wait_until(lambda: left(opened) > 0)
        assert left(opened) <= 30
        assert opened.journal()[-1]["who"] == "this host"
        expire_lease(opened.folder)
        wait_until((tmp_path / "rung").exists)
        wait_until(lambda: "A command has hidden it" in (tmp_path / "rung").read_text())
        wait_until(lambda: "A command has hidden it" in str(beat(opened)["trouble"]))
        assert read(opened) == HELD
        done = command(opened.project, "quota", "due", "--published", str(opened.folder))
        assert "japan: visitors do not see the link; a command hid the link" in done.stdout
        opened.published()
        wait_until(lambda: left(opened) > 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert 500 < left(opened) <= 600
    manager.settimeout(0.1)
    heard = set()
    while b"STOPPING=1" not in heard:
        heard.add(manager.recv(99))
    log = opened.folder.with_name("log").read_text()
    assert log.count("ALARM: Visitors do not see the link") == 1
    assert "The lease is renewed." in log


def test_one_that_stands_by_is_ready(opened: Target, manager: socket.socket, tmp_path: Path) -> None:
    """A second resident sends READY and WATCHDOG while it waits, so that systemd does not end it."""
    words = ("--lease", "30")
    with (
        resident_lock(opened.folder),
        start_resident(opened, *words, NOTIFY_SOCKET=str(tmp_path / "notify")) as process,
    ):
        try:
            assert [manager.recv(99), manager.recv(99)] == [b"READY=1", b"WATCHDOG=1"]
            assert "This one waits" in opened.folder.with_name("log").read_text()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()


def test_a_line_in_the_log_hides_before_the_publish(opened: Target) -> None:
    """When a closing is saved in the log, the link is hidden before the publish.

    After the publish, the lease has no end.
    """
    with resident(opened, "--lease", "30"):
        wait_until(lambda: left(opened) > 0)
        for programme in ("japan", "south-korea"):
            command(opened.project, "quota", "set", programme, "quota_reached", "--yes")
        wait_until(lambda: read(opened) == FAR_FUTURE)
        assert not opened.shows_link()
        command(opened.project, "quota", "set", "japan", "places_available", "--yes")
        wait_until(opened.shows_link)
        wait_until(lambda: left(opened) > 0)
        assert left(opened) <= 30


def test_wrong_use_is_reported_at_once(opened: Target) -> None:
    """A lease that is too short or too long is wrong use. A mistake in local.yaml is a problem."""
    for seconds in ("2", "601", "1.5", "x", "-3"):
        assert opened.publish("--watch", "--lease", seconds).returncode == 2
    opened.project.write("local.yaml", f"target: {opened.folder}\nlease: 601\n")
    done = opened.publish("--watch")
    assert (done.returncode, "local.yaml:2: lease: must be from 3 to 600" in done.stderr) == (1, True)


def test_notify(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message reaches a socket with an abstract name. If there is no socket, or it is gone, nothing happens."""
    name = f"quotabord-{time.monotonic_ns()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        notify("READY=1")
        assert listening.recv(99) == b"READY=1"
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "vsock:2:1234")
    notify("READY=1")
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify("READY=1")


def read(target: Target) -> float:
    """Returns the end of the lease, or 0 if there is no lease."""
    lease = read_lease(target.folder) if target.folder.is_dir() else None
    return lease.until if lease else 0.0


def left(target: Target) -> float:
    """Returns how many seconds of the lease are left."""
    return read(target) - time.time()


def beat(target: Target) -> dict[str, object]:
    """Reads the heartbeat."""
    return dict(json.loads((target.folder / "heartbeat.json").read_text()))
