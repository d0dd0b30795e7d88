"""Visitors get the old release or the new one after kill -9 of a publisher or follower at any step, and the next run goes on."""

from __future__ import annotations

import re

import pytest

from tests.support.object_store import BucketSite, Server
from tests.support.project import REPOSITORY, tree
from tests.support.running import start

pytestmark = [pytest.mark.store, pytest.mark.slow]
_STORE = "site_src.bucket.object_store:ObjectStore"
PUBLISHER_STEPS = [
    ("site_src.bucket.bucket_switch:catch_up", "after"),
    (f"{_STORE}.put", "second"),
    (f"{_STORE}.create", "before"),
    (f"{_STORE}.swap", "before"),
    (f"{_STORE}.swap", "after"),
    ("site_src.publish.staging:replace_link", "after"),
    ("site_src.bucket.bucket_switch:BucketSwitch.note", "before"),
]
FOLLOWER_STEPS = [
    ("site_src.bucket.follower:fetch_manifest", "after"),
    ("site_src.bucket.releases:fetch_blob", "second"),
    ("site_src.bucket.releases:switch_to", "before"),
    ("site_src.publish.staging:replace_link", "after"),
]


def retitle(site: BucketSite, page: str, word: str) -> None:
    """Changes the title of an English page."""
    text = (site.project.root / f"content/en/{page}.md").read_text(encoding="utf-8")
    site.project.write(f"content/en/{page}.md", re.sub("title: .*", f"title: {word}", text, count=1))


def run_deadly(site: BucketSite, step: str, when: str, *words: str) -> int:
    """Runs the command until it is killed at this step. Returns its exit status."""
    script = str(REPOSITORY / "tests/support/bucket_kills.py")
    with open(site.project.root.with_name("killed"), "wb") as out:
        return start(
            [script, step, when, str(site.project.root), *words],
            REPOSITORY,
            site.project.environment(),
            out,
            "site_src.bucket",
        ).wait(60)


def test_a_publisher_is_killed(site: BucketSite, other: BucketSite, server: Server) -> None:
    """After a kill at any step, the web server has one whole release.

    The kill does not delay another publisher, and the killed publisher can finish its release.
    """
    site.published()
    server.step()
    for turn, (step, when) in enumerate(PUBLISHER_STEPS):
        before, number = tree(server.folder / "current/site"), server.target.number
        retitle(site, "japan", f"Killed{turn}")

        assert run_deadly(site, step, when, "publish", site.address) == -9, step
        server.step()
        after = tree(server.folder / "current/site")
        assert server.target.number == (number if after == before else number + 1)
        assert (f"Killed{turn}".encode() in after["en/japan/index.html"]) == (after != before)
        assert server.target.command("releases", "--verify").returncode == 0

        retitle(other, "index", f"Other{turn}")
        other.published()
        retitle(site, "index", f"Other{turn}")
        name = site.published()
        server.step()
        assert server.target.name == name
        assert f"Killed{turn}" in server.target.page()
        assert server.calls == []
        assert site.command("releases", "--verify").returncode == 0


def test_a_follower_is_killed(site: BucketSite, server: Server) -> None:
    """After a kill at any step, the web server has one whole release. The next follower makes the new one live."""
    site.published()
    server.step()
    for turn, (step, when) in enumerate(FOLLOWER_STEPS):
        retitle(site, "japan", f"New{turn}")
        name = site.published()
        before = tree(server.folder / "current/site")

        assert run_deadly(site, step, when, "follow", site.address, str(server.folder)) == -9, step
        assert tree(server.folder / "current/site") in (before, tree(site.working.folder / "current/site"))

        server.restart()
        server.step()
        assert server.target.name == name
        assert server.shows_link
        assert server.target.command("releases", "--verify").returncode == 0
