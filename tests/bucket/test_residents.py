"""Resident publishers and followers as real processes: their leases, closings and kills, and what the web servers show."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from site_src.bucket.pointer_keeper import PointerKeeper
from site_src.publish.heartbeat import last_beat
from site_src.publish.lease import ENDED
from tests.support.commands import command
from tests.support.object_store import BucketSite, Server, bucket_site
from tests.support.published import LINK, Target
from tests.support.residents import wait_until
from tests.support.running import Running
from tests.support.store_proxy import proxied

pytestmark = [pytest.mark.store, pytest.mark.slow]
LEASE = "3"


@contextmanager
def process(site: BucketSite, *arguments: str, log: str = "log") -> Iterator[Running]:
    """Starts `python build.py …` with the publisher's access key, and kills the process at the end."""
    with open(site.project.root.with_name(f"{site.project.root.name}-{log}"), "ab") as out:
        running = site.project.start(*arguments, out=out, package="site_src.bucket")
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@contextmanager
def publisher(site: BucketSite) -> Iterator[Running]:
    """Runs a resident publisher with a lease of three seconds."""
    with process(site, "publish", site.address, "--watch", "--lease", LEASE) as running:
        wait_until((site.working.folder / "heartbeat.json").exists)
        yield running


@contextmanager
def web_server(site: BucketSite, folder: Path) -> Iterator[Running]:
    """Runs a follower. Yields when the follower has a live release."""
    with process(site, "follow", site.address, str(folder), log=folder.name) as running:
        wait_until((folder / "current").exists)
        yield running


def shows_link(folder: Path) -> bool:
    """Returns whether nginx would show the link: the lease has not ended, and the live release shows South Korea's link."""
    lease = folder / "lease"
    valid = lease.exists() and lease.stat().st_mtime > time.time()
    return valid and LINK in (folder / "current/site/en/south-korea/index.html").read_text()


def is_closed(server: Target) -> bool:
    """Returns whether South Korea's state in the live release is `quota_reached`."""
    return not server.shows_link("south-korea")


def is_shown(folder: Path) -> None:
    """Waits until visitors of the folder see the link."""
    wait_until(lambda: shows_link(folder))


def test_the_life_of_a_lease(site: BucketSite, tmp_path: Path) -> None:
    """The link is shown while the publisher runs, and hidden at most a lease's length after kill -9.

    The next publisher shows it again.
    """
    www = tmp_path / "www"
    with web_server_after_publish(site, www):
        with publisher(site) as running:
            is_shown(www)
            time.sleep(4)
            assert shows_link(www)
            running.send_signal(signal.SIGKILL)
            killed = time.time()
            wait_until(lambda: not shows_link(www))
            assert (www / "lease").stat().st_mtime <= killed + int(LEASE) + 1
        with publisher(site) as running:
            is_shown(www)
            running.send_signal(signal.SIGTERM)
            assert running.wait(30) == 0
        time.sleep(4)
        assert shows_link(www), "a clean stop hands the lease over"


@contextmanager
def web_server_after_publish(site: BucketSite, folder: Path) -> Iterator[None]:
    """Runs a follower that has fetched the first release."""
    site.published()
    with web_server(site, folder):
        yield


def test_a_closing_waits_for_no_lease(site: BucketSite, tmp_path: Path) -> None:
    """When a closing is in the resident's log, the lease of every server ends long before its time."""
    folders = [tmp_path / "www1", tmp_path / "www2"]
    site.published()
    with publisher(site), web_server(site, folders[0]), web_server(site, folders[1]):
        for folder in folders:
            is_shown(folder)
        text = (site.project.root / "quota_state.yaml").read_text()
        moment = time.strftime("%Y-%m-%d %H:%M:%S+00:00", time.gmtime())
        site.project.write("quota_state.yaml", f"{text}  - state: quota_reached\n    from: {moment}\n")
        wait_until(lambda: not any(shows_link(folder) for folder in folders))
        for folder in folders:
            assert (folder / "lease").stat().st_mtime == ENDED or is_closed(Target(site.project, folder))
        for folder in folders:
            wait_until(partial(is_closed, Target(site.project, folder)))


def test_two_residents_vouch_for_each_other(site: BucketSite, other: BucketSite, tmp_path: Path) -> None:
    """If one of two publishers is killed, the link stays.

    Each publisher fetches the other's releases and does not undo them.
    """
    www = tmp_path / "www"
    site.published()
    with web_server(site, www), publisher(other), publisher(site) as first:
        is_shown(www)
        first.send_signal(signal.SIGKILL)
        last_of_first = time.time() + int(LEASE) + 1
        wait_until(lambda: (www / "lease").stat().st_mtime > last_of_first)
        assert shows_link(www)
        assert command(site.project, "quota", "close", "south-korea").returncode == 0
        wait_until(lambda: not Target(site.project, www).shows_link("south-korea"))
        name = site.working.name
        wait_until(lambda: other.working.name == name)
        beats = {last_beat(other.working.folder)}
        wait_until(lambda: len(beats | {last_beat(other.working.folder)}) > 1)
        beats.add(last_beat(other.working.folder))
        wait_until(lambda: len(beats | {last_beat(other.working.folder)}) > 2)
        assert (other.working.name, Target(site.project, www).name) == (name, name)


def test_the_store_hangs_for_longer_than_the_lease(site: BucketSite, tmp_path: Path) -> None:
    """If the store hangs, the link is hidden when the lease ends, with one alarm.

    When the store answers again, the link returns without help.
    """
    www = tmp_path / "www"
    site.published()
    with proxied(site.server) as (proxy, through):
        behind = bucket_site(site.project, through, site.prefix, site.keys)
        with web_server(behind, www), publisher(behind):
            wait_until(lambda: 0 < (www / "lease").stat().st_mtime - time.time() < int(LEASE) + 1)
            proxy.answers.clear()
            wait_until(lambda: not shows_link(www))
            time.sleep(1)
            assert not shows_link(www)
            proxy.answers.set()
            is_shown(www)
    log = site.project.root.with_name(f"{site.project.root.name}-www").read_text()
    assert log.count("ALARM") == 1, log


def test_a_stopped_follower_hides_by_itself(site: BucketSite, tmp_path: Path) -> None:
    """If a follower hangs during the closing, its web server hides the link when the lease ends."""
    www = tmp_path / "www"
    site.published()
    with publisher(site), web_server(site, www) as follower:
        is_shown(www)
        follower.send_signal(signal.SIGSTOP)
        stopped = time.time()
        assert command(site.project, "quota", "close", "south-korea").returncode == 0
        wait_until(lambda: not shows_link(www))
        assert stopped - 1 < (www / "lease").stat().st_mtime <= stopped + int(LEASE) + 1
        follower.send_signal(signal.SIGCONT)
        wait_until(lambda: not Target(site.project, www).shows_link("south-korea"))


def test_a_closing_waits_for_no_fetch(
    site: BucketSite, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A closing in a resident publisher's log ends every lease at once.

    It does so even while the publisher's keeper fetches a large release of another publisher.
    """
    fetching, done = threading.Event(), threading.Event()

    def fetch(*_: object) -> None:
        fetching.set()
        done.wait(30)

    site.published()
    server.step()
    pointers = site.open(site.working.folder, writes=True).pointers
    keeper = PointerKeeper(pointers, site.working.folder, 3, "a test", lambda _: None, lambda _: None)
    monkeypatch.setattr("site_src.bucket.pointer_keeper.catch_up", fetch)
    monkeypatch.setattr("site_src.bucket.pointer_keeper.live_name", lambda _: "another")
    keeper.start()
    try:
        assert fetching.wait(30)
        keeper.hide()
        end = time.monotonic() + 20
        while server.shows_link:
            assert time.monotonic() < end
            server.step()
    finally:
        done.set()
        keeper.close()
