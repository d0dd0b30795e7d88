"""The metrics for a monitor describe the live release."""

from __future__ import annotations

import os
import re
import stat
import time
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from site_src.commands.alarm import call_after_switch
from site_src.commands.metrics import Metrics
from tests.support.project import Project
from tests.support.published import Target

BEAT = {"time": "2026-11-26T12:00:00Z", "release": None, "trouble": None, "shown": None}


def test_the_numbers_are_those_of_the_live_release(target: Target) -> None:
    """Two parsers read the same numbers from the metrics.

    They are the states, the links, the seconds left of the lease, the release, the probe and the trouble.
    """
    target.published()
    (lease := target.folder / "lease").touch()
    os.utime(lease, (time.time() + 25,) * 2)
    live = os.readlink(target.folder / "current").rpartition("/")[2]
    text = Metrics(target.folder).describe({**BEAT, "release": live, "shown": True, "trouble": "x"})
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in parse_openmetrics(text)  # type: ignore[no-untyped-call]  # the library has no types
        for sample in family.samples
    }

    assert found == {
        (sample.name, *sample.labels.values()): sample.value
        for family in parse_text(text)
        for sample in family.samples
    }
    assert found["quotabord_state", "japan", "quota_reached"] == 1
    assert found["quotabord_state", "japan", "open"] == 0
    assert found["quotabord_link_shown", "south-korea"] == 1
    assert 20 <= found["quotabord_lease_seconds",] <= 25
    assert (found["quotabord_release",], found["quotabord_releases",]) == (1, 1)
    assert (found["quotabord_probe_shown",], found["quotabord_trouble",]) == (1, 1)


def test_what_is_not_known_has_no_line(tmp_path: Path) -> None:
    """Before the first release, the metrics have no states, release, lease or result of a probe."""
    (tmp_path / "releases").mkdir()
    text = Metrics(tmp_path).describe(BEAT)

    assert re.findall(r"^(quotabord_\w+) ", text, re.MULTILINE) == [
        "quotabord_releases",
        "quotabord_trouble",
        "quotabord_heartbeat_timestamp_seconds",
    ]


def test_a_program_is_called_after_each_switch(target: Target, tmp_path: Path) -> None:
    """The program gets the release's name after each switch.

    Without a switch, or for a target that is not in local.yaml, it is not called. If it fails, an alarm
    says so, and the release stays live.
    """
    called, program = tmp_path / "called", tmp_path / "purge"
    program.write_text(f'#!/bin/sh\necho "$1" >> {called}\nexit 3\n')
    program.chmod(stat.S_IRWXU)
    local = f"target: {target.folder}\nafter_switch: {program}\n"
    (target.project.root / "local.yaml").write_text(local)
    done = target.publish()
    again = target.publish()

    live = os.readlink(target.folder / "current").rpartition("/")[2]
    assert (done.returncode, again.returncode) == (0, 0)
    assert called.read_text() == f"{live}\n"
    assert (
        f"ALARM: {program} failed after the switch to release {live}: it ended with exit code 3."
        in done.stderr
    )
    assert call_after_switch(target.project.opened, str(tmp_path), "x") is None


def test_settings_that_cannot_be_read_are_an_alarm(target: Target) -> None:
    """If local.yaml has problems, no program is called after a switch, and the message names the problem."""
    (target.project.root / "local.yaml").write_text(f"target: {target.folder}\nleese: 30\n")

    failure = call_after_switch(target.project.opened, str(target.folder), "3-0123")
    assert failure
    assert "leese" in failure


@pytest.mark.parametrize("path", ["/srv//www", "/srv/x/../www", "/srv/./www"])
def test_a_path_has_one_spelling(project: Project, path: str) -> None:
    """If local.yaml spells a target differently than the commands do, a problem gives the right spelling."""
    project.write("local.yaml", f"target: {path}\n")
    local, (problem,) = project.opened.read_local()

    assert local is None
    assert "Write it as /srv/www." in problem.message
