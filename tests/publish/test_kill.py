"""kill -9, a full disk and other errors at each file operation of a build: the old site or the new one, nothing else.

The faults are made by tests/support/faults.py, in a process for each kind; all start together, and each test waits for its own.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from site_src.publish.store import MARKER
from tests.support.project import Project, folder_in_memory, make_project

Record = dict[str, Any]
# Kind of fault, what stood there before, and the least number of operations that must have been tried.
RUNS = {
    "killed-again": 45,
    "killed-first": 25,
    "no-room-again": 45,
    "no-room-first": 25,
    "no-permission-again": 45,
    "disk-gone-again": 45,
    "failed-writing-again": 7,
    "killed-writing-again": 7,
    "spoiled-again": 7,
}
pytestmark = pytest.mark.slow


def tiny(folder: Path) -> Project:
    """The small site with one language and one programme: whole, and quick to build."""
    project = make_project(folder)
    shutil.rmtree(project.root / "content/nl")
    for path in ("content/programmes/south-korea.yaml", "content/en/south-korea.md"):
        (project.root / path).unlink()
    project.replace("content/site.yaml", "  nl: Kleine site\n", "")
    project.replace("content/site.yaml", "    nl: https://ind.nl/nl\n", "")
    project.replace("content/site.yaml", "[en, nl]", "[en]")
    project.replace("content/programmes/japan.yaml", "  nl: Japan\n", "")
    project.replace("content/programmes/japan.yaml", "  nl: https://start.request.test/japan/nl\n", "")
    project.replace("content/en/index.md", " and [South Korea](south-korea.md)", "")
    log = (project.root / "quota_state.yaml").read_text(encoding="utf-8")
    project.write("quota_state.yaml", log[: log.index("south-korea:")])
    return project


@pytest.fixture(scope="module")
def processes() -> Iterator[dict[str, subprocess.Popen[str]]]:
    """A process for each of RUNS."""
    started = {}
    with folder_in_memory() as folder:
        for name in RUNS:
            project = tiny(folder / name)
            started[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.support.faults", str(project.root), *name.rsplit("-", 1)],
                env=project.unmeasured(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        yield started
        for process in started.values():
            process.kill()
            process.communicate()


@pytest.fixture(scope="module", params=RUNS)
def run(
    request: pytest.FixtureRequest, processes: dict[str, subprocess.Popen[str]]
) -> tuple[str, list[Record]]:
    """The name of each run, and its records."""
    out, errors = processes[request.param].communicate()
    assert processes[request.param].returncode == 0, errors
    return request.param, [json.loads(line) for line in out.splitlines()]


def test_each_operation_was_tried(run: tuple[str, list[Record]]) -> None:
    """The faults reach from the first operation of a build to its last, and a build beyond the last one succeeds."""
    name, records = run
    *faulty, last = records

    assert len(faulty) >= RUNS[name]
    assert all(record["reached"] for record in faulty)
    assert (last["reached"], last["code"], last["stands"]) == (False, 0, last["new"])


def test_the_old_site_stands_or_the_new_one(run: tuple[str, list[Record]]) -> None:
    """Whatever happened, and wherever, dist is byte for byte the site from before or the new one, and never missing."""
    name, records = run

    assert {record["old"] == "nothing" for record in records} == {name.endswith("first")}
    assert [record for record in records if record["stands"] not in (record["old"], record["new"])] == []
    assert {record["stands"] == record["new"] for record in records} == {True, False}
    if name.startswith("killed") and "writing" not in name:
        # Also one that was killed had switched already.
        assert [record for record in records[:-1] if record["stands"] == record["new"]]


def test_the_command_tells_the_truth_about_its_end(run: tuple[str, list[Record]]) -> None:
    """Exit 0 means that the new site stands there; exit 1 that the old one does, and a sentence says so."""
    name, records = run

    deadly = {
        "killed-again": signal.SIGKILL,
        "killed-first": signal.SIGKILL,
        "killed-writing-again": signal.SIGXFSZ,
    }
    for record in records[:-1]:
        if name in deadly:
            assert record["code"] == -deadly[name]
            continue
        assert (record["code"], record["stands"]) in ((0, record["new"]), (1, record["old"]))
        told = record["said"].startswith("dist: could not be written: ")
        assert (
            told
            == record["said"].endswith("What was there before is still there.\n")
            == (record["code"] == 1)
        )


def test_the_next_build_succeeds_and_leaves_nothing_behind(run: tuple[str, list[Record]]) -> None:
    """After any fault the next build succeeds, and beside the site stand only the build before and our own files."""
    _, records = run
    (own,) = {tuple(name for name in record["left"] if not name.isdigit()) for record in records[-1:]}

    for record in records:
        assert (record["next"], record["then"]) == (0, record["new"])
        assert [name for name in record["left"] if not name.isdigit()] == list(own)
        assert len(record["left"]) - len(own) in (1, 2)
    assert MARKER in own
