"""Fixtures and flags that every test may ask for."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project import Project, make_project
from tests.support.published import Target
from tests.support.quota_desk import desk
from tests.support.skipped import name_what_is_missing

# What takes longest begins first, so that no core waits for it at the end.
LONGEST = (
    *("test_kill", "test_publish_kill", "test_readers", "test_pages_in_browser", "test_invalid_sites"),
    *("test_resident", "test_serve", "test_slow_texts", "test_probe", "test_preview_in_browser"),
)
# What does over and over that which others have measured. Measuring doubles its time, and shows nothing more.
UNMEASURED = frozenset(
    (
        *("test_builds_at_once", "test_determinism", "test_encodings", "test_full_disk", "test_gate_builds"),
        *("test_growth", "test_links_by_state", "test_links_on_real_site", "test_pages", "test_planted_page_faults"),
        *("test_quota_at_an_instant", "test_quota_sequences", "test_quota_together", "test_readers", "test_scan_time"),
        *("test_typed_addresses", "test_feed", "test_slow_texts"),
        *("test_pages_in_browser", "test_planted_in_browser", "test_validator"),
    )
)  # fmt: skip


def pytest_configure() -> None:
    """Lets every process that a test starts hear Ctrl-C: a shell's background job begins with it ignored, and hands that on."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts LONGEST first, and leaves coverage out of UNMEASURED."""
    places = {module: place for place, module in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))
    for item in items:
        if item.path.stem in UNMEASURED:
            item.add_marker(pytest.mark.no_cover)


def pytest_collection_finish() -> None:
    """Spares the collection of cycles what stays to the end: thousands of tests, and all modules."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Says in one line, below pytest's list of reasons, what to install so that nothing is skipped for want of a program."""
    yield
    skipped = terminalreporter.getreports("skipped")
    if missing := name_what_is_missing(str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"To run the skipped tests too (Debian): {missing}", yellow=True)


@pytest.fixture(autouse=True)
def unmeasured_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that is not measured starts processes that are not, either."""
    if request.node.get_closest_marker("no_cover"):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


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
