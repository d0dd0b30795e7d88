"""One desk for the tests of a module. Each test begins with the original log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.operators_page import LOG, OperatorsPage, operators_page
from tests.support.project import make_project


@pytest.fixture(scope="module")
def running_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorsPage]:
    """The desk of the small site, for all tests of a module."""
    folder = tmp_path_factory.mktemp("desk")
    with operators_page(make_project(folder / "project"), folder) as page:
        yield page


@pytest.fixture
def desk(running_desk: OperatorsPage) -> OperatorsPage:
    """The desk while both programmes are open, in the log and on the site."""
    if (running_desk.target.project.root / "quota_state.yaml").read_text(encoding="utf-8") != LOG:
        running_desk.reset()
    return running_desk
