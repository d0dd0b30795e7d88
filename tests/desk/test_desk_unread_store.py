"""The desk when it can read the log, but not the object store with the site."""

from __future__ import annotations

import pytest

from site_src.desk.commands import Commands
from site_src.desk.roles import DeskOptions
from site_src.desk.situation import Observer
from site_src.desk.views import Views
from site_src.desk.words import say
from tests.support.project import Project

TARGET = "s3://quotabord/site"


@pytest.mark.parametrize("is_log_broken", [False, True])
def test_a_store_that_cannot_be_read_hides_no_log(
    project: Project, monkeypatch: pytest.MonkeyPatch, is_log_broken: bool
) -> None:
    """The overview still shows the log, and says that it does not know what visitors see.

    It still reports a broken log.
    """
    for name, value in project.environment().items():
        monkeypatch.setenv(name, value)
    if is_log_broken:
        project.replace("quota_state.yaml", "from: 2026-", "from: soon-")
    desk = DeskOptions(project.root, TARGET, None, "http://desk.example", frozenset({"ada"}), frozenset())

    known = Observer(Commands(project.root), TARGET, None).read(0)
    page = Views(desk).render("overview.html", "en", "ada", situation=known)

    assert known.lines
    assert known.is_target_unread is not is_log_broken
    assert (say("en", "log_broken") in page) is is_log_broken
    assert (say("en", "target_unread") in page) is not is_log_broken
    assert ("nothing is scheduled" in page) is not is_log_broken
    assert 'data-shown="yes"' not in page
    assert 'data-shown="unknown"' in page
