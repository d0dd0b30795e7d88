"""A command leaves a change to the resident publisher and waits.

If the resident does not publish it, the command does.
"""

from __future__ import annotations

import json
import os
import time
from argparse import Namespace
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

import pytest

from site_src.commands import hand_over
from site_src.commands.hide_first import HideFirst
from site_src.commands.quota_inputs import read_quota_inputs
from site_src.commands.waiting import SignalHold
from site_src.publish import journal, publisher
from site_src.publish.lease import read_lease, renew_lease
from site_src.publish.manifest import MANIFEST_FILE
from site_src.quota.log import Log
from tests.support.commands import Done, command
from tests.support.origin import Origin, serving
from tests.support.published import Target
from tests.support.residents import resident, wait_until

OPEN_LONG_AGO = "open 2026-04-01 00:00"


@pytest.fixture
def opened(target: Target, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A published site that shows both links, with a local.yaml.

    A command waits up to a minute for the resident.
    """
    monkeypatch.setattr(hand_over, "_NOTICE_SECONDS", 60.0)
    for programme in ("japan", "south-korea"):
        target.project.set_log(programme, OPEN_LONG_AGO)
    target.published()
    target.project.write("local.yaml", f"target: {target.folder}\nwho: desk of the host\n")
    return target


def close(target: Target) -> Done:
    """Runs `quota close japan`."""
    return command(target.project, "quota", "close", "japan")


def refuse_to_publish(*_: object) -> None:
    """Replaces the command's own publish, and fails if it is called."""
    raise AssertionError("the command publishes by itself")


def test_the_resident_publishes_the_change(opened: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the resident publishes the change, the command builds nothing and exits with 0.

    The journal has a line of the resident and one of the command, and the lease may be renewed again.
    """
    monkeypatch.setattr(publisher.Publisher, "publish", refuse_to_publish)
    with resident(opened, "--lease", "30"):
        wait_until(lambda: (lease := read_lease(opened.folder)) and lease.is_valid(time.time()))
        done = close(opened)
        assert done.returncode == 0, done.stderr
        assert not opened.shows_link()
    assert f"release {opened.name}, " in done.stdout
    assert "japan: quota_reached, link hidden (was open, link shown)" in done.stdout
    first, second = opened.journal()[-2:]
    assert (first["result"], first["to"]["japan"]) == ("published", "quota_reached")
    assert (second["who"], second["result"], second["release"]) == (
        "desk of the host",
        "unchanged",
        opened.name,
    )
    assert all(isinstance(line, journal.Line) and line.unbroken for line in journal.lines(opened.folder))
    assert renew_lease(opened.folder, time.time() + 60), "the command holds the lease no longer"


def test_mistakes_in_the_content_are_reported_as_before(
    opened: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the content is broken, the command publishes the change itself, because the resident does not.

    It reports the problem and exits with 4.
    """
    with resident(opened):
        opened.project.write("content/en/_labels.yaml", "broken: [\n")
        monkeypatch.setattr(hand_over, "_NOTICE_SECONDS", 0.3)
        done = close(opened)
    assert done.returncode == 4
    assert "content/en/_labels.yaml:2: " in done.stderr
    assert not opened.shows_link()


def test_without_an_answer_the_command_publishes(opened: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the resident has ended or hangs, a closing is delayed by less than a second."""
    monkeypatch.setattr(hand_over, "_NOTICE_SECONDS", 0.3)
    (opened.folder / "heartbeat.json").write_text("{}")
    done = close(opened)
    assert done.returncode == 0
    assert not opened.shows_link()
    assert opened.journal()[-1]["result"] == "published"
    assert opened.journal()[-1]["who"] == "desk of the host"


@pytest.mark.parametrize(("is_stale", "code"), [(False, 0), (True, 5)])
def test_the_public_address_is_read_back(opened: Target, is_stale: bool, code: int) -> None:
    """The command reports that the address shows the release.

    If the address still shows the link, the command raises the alarm and exits with 5.
    """
    old = opened.site()
    with serving(Origin(lambda: old if is_stale else opened.site())) as origin, resident(opened):
        opened.project.write("local.yaml", f"target: {opened.folder}\nprobe: {origin.address}\n")
        done = command(opened.project, "quota", "close", "japan", "--probe-for", "1")
    assert done.returncode == code, done.stderr
    assert (f"{origin.address} shows it." in done.stdout) == (not is_stale)
    assert ("conversation starter" in done.stderr and "ALARM" in done.stderr) == is_stale


def edit_last(target: Target, **changed: object) -> None:
    """Changes the journal's last line."""
    *lines, last = (target.folder / "journal.jsonl").read_text().splitlines()
    lines.append(json.dumps({**json.loads(last), **changed}))
    (target.folder / "journal.jsonl").write_text("\n".join(lines) + "\n")


def hand(target: Target, logs: Mapping[str, Log]) -> int | None:
    """Returns the result of `hand_over` for these logs."""
    options = Namespace(
        target=str(target.folder), keep=9, probe=None, by="desk", bucket=None, hold=SignalHold()
    )
    options.first = HideFirst(options)
    return hand_over.hand_over(options, target.folder, logs, ZoneInfo("Europe/Amsterdam"))


def change_manifest(target: Target) -> None:
    """Makes the live manifest differ from the one in the journal."""
    with open(target.folder / "current" / MANIFEST_FILE, "a") as file:
        file.write("\n")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda target: edit_last(target, result="state-only"),
        lambda target: edit_last(target, doubtful=["japan"]),
        lambda target: edit_last(target, action="rollback"),
        lambda target: edit_last(target, release="7-0123456789ab"),
        change_manifest,
        lambda target: target.project.set_log("japan", OPEN_LONG_AGO, "quota_reached 2026-04-02 00:00"),
        lambda target: target.project.set_log("south-korea", "open 2026-04-01 00:01"),
        lambda target: target.project.set_log("japan", OPEN_LONG_AGO, "suspended 2030-04-02 00:00"),
        lambda target: os.utime(target.folder / "heartbeat.json", (0, 0)),
    ],
)
def test_only_a_plain_result_counts(
    opened: Target, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Target], object]
) -> None:
    """The command does not accept a release that was made from other events or over old content, or that is doubtful or changed.

    It does not accept a release from a resident that has died either.
    """
    monkeypatch.setattr(hand_over, "_NOTICE_SECONDS", 0.0)
    (opened.folder / "heartbeat.json").write_text("{}")
    opened.project.write(
        "content/en/index.md", (opened.project.root / "content/en/index.md").read_text() + "\nNew.\n"
    )
    opened.published()
    logs = read_quota_inputs(opened.project.opened).logs
    assert hand(opened, logs) == 0
    edit_last(opened, result="published")  # The call above has added a line. This replaces its result.
    spoil(opened)
    assert hand(opened, read_quota_inputs(opened.project.opened).logs) is None
