"""Fixtures and flags for all tests."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.building import shared_builder
from tests.support.operators_page import LOG, OperatorsPage, operators_page
from tests.support.project import Project, make_project
from tests.support.published import Target
from tests.support.quota_desk import desk
from tests.support.skipped import name_what_is_missing
from tests.support.warm_python import RUNNING

# In memory, a copy of the small site takes a fifth of the time, and no test waits for a disk.
MEMORY, ROOM = "/dev/shm", 2**31  # noqa: S108 -- the folders in it are of our own


def pytest_configure() -> None:
    """Lets processes of tests receive Ctrl-C, which a shell disables for background jobs and what they start.

    Puts temporary folders in memory, if the system has two gigabytes there and can run programs from there.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if os.path.isdir(MEMORY):
        system = os.statvfs(MEMORY)
        if system.f_bavail * system.f_frsize > ROOM and not system.f_flag & os.ST_NOEXEC:
            os.environ["TMPDIR"], tempfile.tempdir = MEMORY, None


def pytest_unconfigure() -> None:
    """Ends the Python processes that wait for commands."""
    RUNNING.close()


def pytest_xdist_auto_num_workers() -> int:
    """Returns one more than the number of cores, because many tests wait for leases, processes or a browser."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def user_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache folder for this run, instead of the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module", autouse=True)
def new_builder() -> None:
    """Gives each module a new builder, so that a test that changes the code does not affect other modules."""
    shared_builder.cache_clear()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Prints one line with what to install, if tests were skipped because a program is missing."""
    yield
    skipped = terminalreporter.getreports("skipped")
    if missing := name_what_is_missing(str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"To run the skipped tests too (Debian): {missing}", yellow=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds two flags that renew the expected files."""
    group = parser.getgroup("quotabord")
    group.addoption(
        "--update-golden",
        action="store_true",
        help="rewrite the golden pages and openapi.json (tests/render/test_golden.py, test_api.py)",
    )
    group.addoption(
        "--update-expected",
        action="store_true",
        help="rewrite expected.txt of each situation (tests/read/test_invalid_sites.py)",
    )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The small site: two languages and two programmes, Japan closed and South Korea open (see NOON)."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    """True if the golden files are to be rewritten, not compared."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def update_expected(request: pytest.FixtureRequest) -> bool:
    """True if the expected outputs are to be rewritten, not compared."""
    return bool(request.config.getoption("--update-expected"))


@pytest.fixture
def target(tmp_path: Path, project: Project) -> Target:
    """The small site, with a log of past events (Japan closed, South Korea open), and a folder to publish to."""
    return Target(desk(project), tmp_path / "www")


@pytest.fixture(scope="module")
def running_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorsPage]:
    """A desk for the small site, shared by all tests of a module."""
    folder = tmp_path_factory.mktemp("desk")
    with operators_page(make_project(folder / "project"), folder) as page:
        yield page


@pytest.fixture(name="desk")
def fresh_desk(running_desk: OperatorsPage) -> OperatorsPage:
    """The desk, with both programmes open in the log and on the site."""
    if (running_desk.target.project.root / "quota_state.yaml").read_text(encoding="utf-8") != LOG:
        running_desk.reset()
    return running_desk
