"""Fixtures and flags that every test may ask for."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project import Project, make_project
from tests.support.published import Target
from tests.support.quota_desk import desk
from tests.support.skipped import name_what_is_missing
from tests.support.warm_python import RUNNING


def pytest_configure() -> None:
    """Lets every process that a test starts hear Ctrl-C: a shell's background job begins with it ignored, and hands that on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_unconfigure() -> None:
    """Ends the interpreters that wait for commands."""
    RUNNING.close()


@pytest.fixture(scope="session", autouse=True)
def user_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache folder of the run's own, in place of the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Says in one line, below pytest's list of reasons, what to install so that nothing is skipped for want of a program."""
    yield
    skipped = terminalreporter.getreports("skipped")
    if missing := name_what_is_missing(str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"To run the skipped tests too (Debian): {missing}", yellow=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two flags that renew what tests compare with; read the difference before you commit it."""
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
    """The small site: two languages, two programmes; Japan closed, South Korea open (see NOON)."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    """True when the golden pages are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def update_expected(request: pytest.FixtureRequest) -> bool:
    """True when the expected print-outs are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update-expected"))


@pytest.fixture
def target(tmp_path: Path, project: Project) -> Target:
    """The small site with a log of long ago (Japan closed, South Korea open), and a folder to publish it to."""
    return Target(desk(project), tmp_path / "www")
