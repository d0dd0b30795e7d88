"""Readers find the whole old site or the whole new one after a fault at any file operation of a write.

The faults are kill -9, a full disk and other errors. tests/support/fault_runs.py makes them, in a process
of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import pytest

from site_src.publish.journal import JOURNAL
from site_src.publish.reserve import RESERVE
from site_src.publish.store import MARKER
from tests.support.fault_runs import RUNS
from tests.support.project import REPOSITORY

Record = Mapping[str, Any]
# The smallest number of operations that must be tried.
OPERATIONS = {
    "dist": {"killed": 32, "no-room": 30, "no-permission": 60, "disk-gone": 60, "spoiled": 4},
    "releases": {"killed": 80, "no-room": 70, "no-permission": 130, "disk-gone": 130, "spoiled": 6},
    "publish": {"killed": 3, "no-room": 3, "disk-gone": 9},
    "build": {"no-room": 3},
}
# For faults in the middle of a file.
WRITES = {"dist": 6, "releases": 6, "publish": 2}
DEADLY = {"killed": "SIGKILL", "killed-writing": "SIGXFSZ"}
KEPT = {
    "dist": ["build", "build", MARKER],
    "build": sorted(["build", "build", "memo.sqlite", MARKER]),
    "releases": sorted(["release", "release", "current", "releases", MARKER]),
    "publish": sorted(["release", "release", "memo.sqlite", "current", "releases", JOURNAL, MARKER, RESERVE]),
}
SENTENCES = {"build": "What was there before is still there.\n", "publish": "NOT PUBLISHED. "}
pytestmark = pytest.mark.slow
each_run = pytest.mark.parametrize("name", RUNS)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sequence[Record]]:
    """Maps the name of each run to its records."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.fault_runs", tmp_path_factory.mktemp("runs")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return {name: list(run) for name, run in groupby(records, lambda record: str(record["run"]))}


@each_run
def test_each_operation_was_tried(runs: Mapping[str, Sequence[Record]], name: str) -> None:
    """The faults cover every operation from first to last, and a write without a fault succeeds."""
    *faulty, last = runs[name]
    subject, kind, *first = name.split()
    least = OPERATIONS[subject].get(kind) or WRITES[subject]

    assert len(faulty) >= (0.75 * least if first else least)
    assert all(record["reached"] for record in faulty)
    assert (last["reached"], last["end"], last["stands"]) == (False, "done", last["new"])


@each_run
def test_readers_find_the_old_site_or_the_new_one(runs: Mapping[str, Sequence[Record]], name: str) -> None:
    """Whichever operation fails, the site is byte for byte the old one or the new one, and is never missing."""
    records = runs[name]

    assert {record["old"] == "nothing" for record in records} == {name.endswith("first")}
    assert [record for record in records if record["stands"] not in (record["old"], record["new"])] == []
    assert {record["stands"] == record["new"] for record in records} == {True, False}
    if name in ("dist killed", "releases killed", "publish killed"):
        # A killed write may have switched already.
        assert [record for record in records[:-1] if record["stands"] == record["new"]]


@each_run
def test_the_end_tells_the_truth(runs: Mapping[str, Sequence[Record]], name: str) -> None:
    """A write that succeeds leaves the new site, and a write that fails leaves the old one.

    A command prints which of the two is true.
    """
    subject, kind = name.split()[:2]

    for record in runs[name][:-1]:
        if kind in DEADLY:
            assert record["end"] == DEADLY[kind]
            continue
        assert (record["end"], record["stands"]) in (("done", record["new"]), ("failed", record["old"])), (
            record
        )
        if subject in SENTENCES:
            assert (SENTENCES[subject] in record["said"]) == (record["end"] == "failed")


@each_run
def test_the_next_write_succeeds_and_leaves_nothing_behind(
    runs: Mapping[str, Sequence[Record]], name: str
) -> None:
    """After any fault, the next write succeeds. Only its site, the version before it and our own files are left."""
    subject, _, *first = name.split()

    for record in runs[name]:
        assert (record["next"], record["then"]) == (True, record["new"]), record
        if not first:
            # A publish keeps every release that closed or opened a link, so it can leave several.
            kept = set if subject == "publish" else sorted
            assert kept(record["left"]) == kept(KEPT[subject]), record
