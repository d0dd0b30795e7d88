"""One browser for all tests of this folder, and the repository's own site in every state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.served import Served, served
from tests.browser.tools import CHROMIUM, FLAGS
from tests.browser.visitor import Visitor, visitor
from tests.gate.test_links_by_state import LOGS
from tests.support.building import build_site, read_inputs
from tests.support.project import NOON, at
from tests.support.real_site import copy_of_repository


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, bytes]]:
    """Maps each state to the files of the repository's own content with all programmes in that state."""
    sites = {}
    for state, log in LOGS.items():
        project = copy_of_repository(tmp_path_factory.mktemp("browser") / state)
        for programme in project.programmes:
            project.set_log(programme, *log)
        sites[state] = build_site(read_inputs(project.root), at(NOON)).files
    return sites


@pytest.fixture(scope="package")
def sites(built: Mapping[str, Mapping[str, bytes]]) -> Iterator[Mapping[str, Served]]:
    """Maps each state to a server for its files."""
    with ExitStack() as stack:
        yield {state: stack.enter_context(served(files)) for state, files in built.items()}


@pytest.fixture(scope="module")
def guest(browser: Browser) -> Iterator[Visitor]:
    """A visitor that all tests of a module share."""
    with visitor(browser) as one:
        yield one


@pytest.fixture(scope="package")
def scriptless(browser: Browser) -> Iterator[Visitor]:
    """A visitor without JavaScript that all tests of the folder share."""
    with visitor(browser, java_script_enabled=False) as one:
        yield one
