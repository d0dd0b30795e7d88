"""A resident publisher saves the log in git beside its work, after each change. If that fails, it tries again."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from site_src.commands import quota_save
from site_src.commands.quota_save import LogSaver
from site_src.read.local import Local
from tests.commands.test_quota_save import CLOSED, OPEN, add
from tests.support.clones import make_clones
from tests.support.project import Project


def work(saver: LogSaver) -> None:
    """Runs one beat and waits until the work that it began has ended."""
    saver.beat()
    if saver._thread:
        saver._thread.join(60)


def test_it_saves_each_change_and_tries_again(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save that fails raises one alarm and is tried again after a minute.

    A log that is already saved is not saved again.
    """
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for programme in ("japan", "south-korea"):
        project.set_log(programme, OPEN)
    clones = make_clones(project, tmp_path / "server.git")
    alarms: list[str] = []
    saver = LogSaver(project.opened, Local(target="/srv/www", git="push"), alarms.append)
    away = tmp_path / "away.git"
    clones.server.rename(away)
    add(project, "japan", CLOSED)
    work(saver)
    work(saver)
    assert len(alarms) == 1
    assert "git push failed" in alarms[0]
    away.rename(clones.server)
    work(saver)
    assert "quota_reached" not in clones.on_server(), "not every two seconds"
    monkeypatch.setattr(quota_save, "RETRY_SECONDS", 0.0)
    work(saver)
    assert clones.on_server().count("quota_reached") == 1
    add(project, "south-korea", CLOSED)
    work(saver)
    assert clones.on_server().count("quota_reached") == 2
    assert len(alarms) == 1


def test_a_beat_does_not_wait(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A beat returns even if git hangs. Without `git` in local.yaml, nothing is started."""

    answered = threading.Event()

    def hang(*_: object) -> tuple[None, tuple[str, ...]]:
        answered.wait(60)
        return None, ()

    monkeypatch.setattr(quota_save, "save", hang)
    saver = LogSaver(project.opened, Local(target="/srv/www", git="commit"), print)
    saver.beat()
    saver.beat()
    thread = saver._thread
    assert thread
    assert thread.is_alive()
    answered.set()
    thread.join()
    idle = LogSaver(project.opened, Local(target="/srv/www"), print)
    idle.beat()
    assert idle._thread is None
