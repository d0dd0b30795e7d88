"""kill -9, a full disk, missing permission and a dead disk at each file operation of a publish: release A or release B.

The faults are made by tests/support/publish_faults.py, in a process for each kind; all start together.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from site_src.publish.journal import JOURNAL
from site_src.publish.store import MARKER
from tests.publish.test_kill import tiny
from tests.support.project import folder_in_memory

Record = dict[str, Any]
# Kind of fault, and the least number of operations that must have been tried.
RUNS = {
    "killed": 90,
    "no-room": 90,
    "no-permission": 150,
    "disk-gone": 150,
    "failed-writing": 4,
    "killed-writing": 4,
}
DEADLY = {"killed": signal.SIGKILL, "killed-writing": signal.SIGXFSZ}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def processes() -> Iterator[dict[str, tuple[subprocess.Popen[bytes], Path]]]:
    """A process for each of RUNS, and the file that it writes to: nobody reads while they are at work."""
    started = {}
    with folder_in_memory() as folder:
        for kind in RUNS:
            project = tiny(folder / kind)
            with open(folder / f"{kind}.out", "wb") as out:
                process = subprocess.Popen(
                    [sys.executable, "-m", "tests.support.publish_faults", str(project.root), kind],
                    env=project.unmeasured(),
                    stdout=out,
                    stderr=subprocess.STDOUT,
                )
            started[kind] = process, folder / f"{kind}.out"
        yield started
        for process, _ in started.values():
            process.kill()
            process.wait()


@pytest.fixture(scope="module", params=RUNS)
def run(
    request: pytest.FixtureRequest, processes: dict[str, tuple[subprocess.Popen[bytes], Path]]
) -> tuple[str, list[Record]]:
    """The kind of each run, and its records."""
    process, out = processes[request.param]
    assert process.wait() == 0, out.read_text()
    return request.param, [json.loads(line) for line in out.read_text().splitlines()]


def test_each_operation_was_tried(run: tuple[str, list[Record]]) -> None:
    """The faults reach from the first operation of a publish to its last, and one beyond the last succeeds."""
    kind, (*faulty, last) = run

    assert len(faulty) >= RUNS[kind]
    assert all(record["reached"] for record in faulty)
    assert (last["reached"], last["code"], last["stands"]["state"]) == (False, 0, last["new"])


def test_visitors_get_the_old_release_or_the_new_one(run: tuple[str, list[Record]]) -> None:
    """Whatever happened, and wherever: the live release is whole by its manifest, and its page has the link if and only if open."""
    _, records = run

    for record in records:
        assert record["stands"]["state"] in (record["old"], record["new"]), record
        assert record["stands"]["whole"], record
        assert record["stands"]["true"], record
    assert {record["stands"]["state"] == record["new"] for record in records} == {True, False}


def test_the_command_tells_the_truth_about_its_end(run: tuple[str, list[Record]]) -> None:
    """Exit 0 means that the new release is live; exit 1 that the old one is, and a sentence says so."""
    kind, records = run

    for record in records[:-1]:
        if kind in DEADLY:
            assert record["code"] == -DEADLY[kind]
            continue
        assert (record["code"], record["stands"]["state"]) in ((0, record["new"]), (1, record["old"])), record
        assert ("NOT PUBLISHED. " in record["said"]) == (record["code"] == 1)


def test_the_next_publish_succeeds_and_leaves_nothing_behind(run: tuple[str, list[Record]]) -> None:
    """After any fault the next publish succeeds: the chain, manifests and files are whole, and nothing else stands there."""
    _, records = run

    for record in records:
        assert (record["next"], record["then"]) == (
            0,
            {"state": record["new"], "whole": True, "true": True},
        ), record
        assert record["findings"] == [], record
        assert record["releases"] == 2, record
        assert set(record["left"]) - {"converted-texts.json"} == {"current", "releases", JOURNAL, MARKER}, (
            record
        )
