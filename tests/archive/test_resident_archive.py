"""The resident publisher archives beside its work, and records when the lease ends and is renewed.

`quota due` reports what is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from site_src.commands import due_host, resident_archive
from site_src.commands.due_host import find_archive_faults
from site_src.commands.resident_archive import ResidentArchive
from site_src.commands.resident_lease import LeaseNotes
from site_src.publish import journal
from site_src.publish.lease import ENDED, expire_lease, make_lease, renew_lease
from site_src.publish.releases import live_release
from tests.support.archived import Reply, Shown, showing
from tests.support.commands import command
from tests.support.moments import next_second
from tests.support.published import Target
from tests.support.residents import resident, wait_until


@pytest.fixture
def shown(target: Target) -> Iterator[Shown]:
    """A published site and its server."""
    target.published()
    with showing(target) as server:
        yield server


def warcs(shown: Shown) -> list[Path]:
    """Returns the WARC files."""
    return sorted(shown.folder.glob("*.warc"))


def faults(shown: Shown) -> list[str]:
    """Returns what `quota due` reports about the archive."""
    local, _ = shown.target.project.opened.read_local()
    return [finding.message for finding in find_archive_faults(shown.target.folder, local)]


def test_each_release_is_archived_once_after_it_is_shown(shown: Shown) -> None:
    """The first release and a release that a command publishes are each archived once.

    A restart archives nothing again.
    """
    target = shown.target
    log = target.folder.with_name("log")
    with resident(target):
        wait_until(lambda: log.read_text().count("Archived: ") == 1)
        command(target.project, "quota", "set", "japan", "open", "--yes")
        wait_until(lambda: log.read_text().count("Archived: ") == 2)
    assert [target.name in file.name for file in warcs(shown)] == [False, True]
    assert log.read_text().index(f"shows release {target.name}") < log.read_text().rindex("Archived: ")
    with resident(target):
        wait_until(lambda: json.loads((target.folder / "heartbeat.json").read_text())["shown"])
        time.sleep(2.5)
    assert len(warcs(shown)) == 2


def test_a_release_that_was_replaced_before_its_archive_is_noted(shown: Shown) -> None:
    """If a release was replaced before it was archived, the next archive adds a journal line about it.

    `releases --at --page` gives this as the reason.
    """
    shown.archived()
    for title in ("Short-lived", "Last"):
        shown.target.project.replace("content/en/index.md", "title: ", f"title: {title} ")
        shown.target.published()
        if title == "Short-lived":
            name, moment = shown.target.name, next_second()
    done = shown.archive()
    shown.archived()

    assert f"Release {name} was not archived: another release replaced it" in done.stderr
    missed = [line for line in shown.target.journal() if line["result"] == "missed"]
    assert [line["release"] for line in missed] == [name]
    assert faults(shown) == []
    at = shown.target.command("releases", "--at", f"{moment:%Y-%m-%d %H:%M:%S}+00:00", "--page", "en/")
    assert "contains this page of this release: another release replaced it" in at.stdout


def look(archive: ResidentArchive) -> bool:
    """Runs one beat of the resident publisher. Returns whether no archive process is running after it."""
    archive.look()
    return archive._process is None


def make_archive(shown: Shown) -> tuple[ResidentArchive, list[str]]:
    """Returns the archive of a resident publisher, and the list of its alarms."""
    called: list[str] = []
    local, _ = shown.target.project.opened.read_local()
    options = argparse.Namespace(local=local, probe=shown.address)
    return ResidentArchive(
        shown.target.project.root, shown.target.folder, options, called.append, lambda _: None
    ), called


def test_an_archive_that_fails_is_one_alarm_and_delays_nothing(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the server answers wrongly, there is one alarm, and `quota due` reports the failure.

    A later attempt succeeds.
    """
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setattr(resident_archive, "_FIRST_PAUSE", 0.0)
    asked = threading.Event()

    def lead_in_a_circle(path: str) -> Reply:
        asked.wait(60)
        return 302, {"Location": path}, b""

    shown.instead = lead_in_a_circle
    archive, called = make_archive(shown)
    live = live_release(shown.target.folder)
    assert live
    archive.add(live)
    archive.look()
    assert archive._process
    assert archive._process.poll() is None
    asked.set()
    archive._pause = 0.0
    wait_until(lambda: look(archive) and called)
    for _ in range(20):
        archive.look()
        time.sleep(0.05)
    assert len(called) == 1
    assert "NOT ARCHIVED. Redirects form a loop" in called[0]
    assert faults(shown)[0].startswith("The last attempt to archive the site failed: Redirects")
    shown.instead = lambda _: None
    archive.add(live)
    wait_until(lambda: look(archive) and warcs(shown))
    assert faults(shown) == []
    archive.close()


def test_an_archive_that_hangs_is_killed(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive process that hangs is ended at its time limit, with an alarm."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setattr(resident_archive, "LONGEST_SECONDS", 0.0)
    archive, called = make_archive(shown)
    live = live_release(shown.target.folder)
    assert live
    archive.add(live)
    archive.look()
    process = archive._process
    assert process
    archive.look()
    assert process.wait(timeout=20) == -9
    assert called == [f"Release {live.name} could not be archived: it took too long"]


def test_what_is_not_archived_is_due(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """`quota due` reports a live release that has no archive after a quarter of an hour.

    It also reports a newest archive that is older than a day and a half.
    """
    # The release may be a copy of one that was made at the start of a long run.
    monkeypatch.setattr(due_host, "_AFTER_SWITCH", timedelta(hours=9))
    assert faults(shown) == []
    monkeypatch.setattr(due_host, "_AFTER_SWITCH", timedelta(0))
    assert faults(shown) == [
        f"Release {shown.target.name} is live, but not archived. To archive it: python build.py archive"
    ]
    shown.archived()
    assert faults(shown) == []
    monkeypatch.setattr(due_host, "_DAILY", timedelta(0))
    assert "there should be one each day" in faults(shown)[0]
    assert "there should be one each day" in command(shown.target.project, "quota", "due").stdout
    (shown.target.project.root / "local.yaml").unlink()
    assert faults(shown) == []


def test_an_archive_needs_the_public_address(shown: Shown) -> None:
    """If local.yaml has an archive folder but no probe, it is refused, and the message contains the line to add."""
    shown.target.project.write("local.yaml", f"target: {shown.target.folder}\narchive: /srv/archive\n")
    done = command(shown.target.project, "archive")

    assert done.returncode == 1
    assert "local.yaml:2: archive: needs the public address too" in done.stderr


def test_a_lease_that_ends_and_is_renewed_is_noted(target: Target) -> None:
    """Each end and each renewal of a lease is recorded once, even if the lease ended before the publisher started.

    The record of an end has the moment at which the lease ended.
    """
    target.published()
    make_lease(target.folder)
    until = datetime.now(UTC) - timedelta(minutes=5)
    renew_lease(target.folder, until.timestamp())
    notes = LeaseNotes(target.folder, "resident")
    notes.begin()
    wait_until(lambda: target.journal()[-1].get("result") == "ended")
    entry = target.journal()[-1]
    assert (entry["action"], datetime.fromisoformat(entry["since"])) == (
        "lease",
        until.replace(microsecond=until.microsecond // 1000 * 1000),
    )
    notes.look(hidden=False)
    renew_lease(target.folder, time.time() + 30)
    notes.look(hidden=False)
    wait_until(lambda: target.journal()[-1]["result"] == "renewed")
    notes.look(hidden=False)
    expire_lease(target.folder, ENDED)
    notes.look(hidden=True)
    wait_until(lambda: target.journal()[-1]["result"] == "ended")
    assert datetime.fromisoformat(target.journal()[-1]["since"]) > until
    assert len(target.journal()) == 4
    assert all(isinstance(line, journal.Line) and line.unbroken for line in journal.lines(target.folder))
