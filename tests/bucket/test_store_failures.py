"""A store behind a proxy that is slow, loses requests or responses, is down, or has an unknown certificate."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_src.bucket import follower
from site_src.bucket.object_store import ObjectStore
from site_src.publish.lease import ENDED
from site_src.publish.planner import Planner
from tests.support.certificates import as_server, certify
from tests.support.commands import command
from tests.support.object_store import BucketSite, Server, bucket_site
from tests.support.residents import wait_until
from tests.support.store_proxy import StoreProxy, proxied

pytestmark = pytest.mark.store
SWAP, BLOB = rb"^PUT [^ ]*/metadata/timestamp\.json", rb"^PUT [^ ]*/blobs/"


@pytest.fixture
def proxies(site: BucketSite) -> Iterator[tuple[StoreProxy, BucketSite]]:
    """A proxy in front of the store, and a site whose first release was published through it."""
    site.published()
    with proxied(site.server) as (proxy, through):
        yield proxy, bucket_site(site.project, through, site.prefix, site.keys)


@pytest.fixture
def proxy(proxies: tuple[StoreProxy, BucketSite]) -> StoreProxy:
    """The proxy between publisher, web server and store."""
    return proxies[0]


@pytest.fixture
def server(tmp_path: Path, proxies: tuple[StoreProxy, BucketSite]) -> Server:
    """A web server that reaches the store through the proxy."""
    return Server(proxies[1], tmp_path / "www")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes commands give up on the store after a second."""
    made = ObjectStore.__init__
    monkeypatch.setattr(
        ObjectStore, "__init__", lambda self, address, settings, _: made(self, address, settings, 1.0)
    )


def version(site: BucketSite, folder: Path) -> int:
    """Returns the version of the pointer in the bucket, as a machine with this folder reads it."""
    folder.mkdir(exist_ok=True)
    at = site.open(folder).pointers.read()
    assert at
    return at.pointer.version


def edit(site: BucketSite) -> None:
    """Changes the content, so that the next publish makes a release."""
    site.project.replace("content/en/index.md", "title: ", "title: New ")


def journal_lines(site: BucketSite) -> int:
    """Returns the number of lines in the bucket's journal."""
    return len(list(site.store.list("journal")))


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_lost_switch_is_read_back(
    site: BucketSite, proxy: StoreProxy, server: Server, tmp_path: Path, lost: str
) -> None:
    """If the write of the pointer gets no response, the command reads the pointer back, switches exactly once and exits with 0.

    It does not matter whether the write reached the store.
    """
    before = version(site, tmp_path / "reader")
    edit(site)
    proxy.losing = SWAP
    proxy.lose_requests, proxy.lose_answers = int(lost == "request"), int(lost == "answer")

    name = site.published()
    server.step()

    assert (proxy.lose_requests, proxy.lose_answers) == (0, 0)
    assert len(proxy.swapped) == 1
    assert version(site, tmp_path / "reader") == before + 1
    assert name.startswith("2-")
    assert server.target.name == name
    assert journal_lines(site) == 2


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_lost_hold_is_read_back(
    site: BucketSite, proxy: StoreProxy, server: Server, tmp_path: Path, lost: str
) -> None:
    """A closing first writes a pointer that hides the link, before the build.

    If this write gets no response, it still takes place once.
    """
    before = version(site, tmp_path / "reader")
    server.step()
    proxy.losing = SWAP
    proxy.lose_requests, proxy.lose_answers = int(lost == "request"), int(lost == "answer")

    done = command(site.project, "quota", "close", "south-korea")
    server.step()

    assert (done.returncode, done.stderr) == (0, "")
    assert len(proxy.swapped) == 2
    assert version(site, tmp_path / "reader") == before + 2
    assert not server.target.shows_link("south-korea")


@pytest.mark.usefixtures("impatient")
def test_an_outcome_that_cannot_be_read_back(site: BucketSite, proxy: StoreProxy, server: Server) -> None:
    """If the store fails after the pointer is written, the command prints NOT CONFIRMED and exits with 1.

    The next publish finds the release live. The publish after that writes its journal line.
    """
    edit(site)
    proxy.losing, proxy.lose_answers, proxy.breaks = SWAP, 1, True

    done = site.command("publish")
    assert done.returncode == 1
    assert "it is not known whether the release is live" in done.stderr
    assert f"NOT CONFIRMED. To see what is live: python build.py releases {site.address}" in done.stderr

    proxy.is_down = proxy.breaks = False
    name = site.published()
    server.step()
    assert name.startswith("2-")
    assert server.target.name == name

    edit(site)
    assert site.published().startswith("3-")
    assert journal_lines(site) == 3
    assert site.command("releases", "--verify").returncode == 0


def test_failed_requests_are_repeated_without_building_again(
    site: BucketSite, proxy: StoreProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If writes of files fail, a publish repeats them until they succeed, and does not build again."""
    planned: list[int] = []
    plan = Planner.plan_present

    def count(*arguments: object) -> object:
        planned.append(1)
        return plan(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Planner, "plan_present", count)
    edit(site)
    proxy.losing, proxy.lose_requests = BLOB, 20

    assert site.published().startswith("2-")
    assert proxy.lose_requests == 0
    assert len(planned) == 1
    assert site.command("releases", "--verify").returncode == 0


def test_a_closing_with_a_slow_store(site: BucketSite, proxy: StoreProxy, server: Server) -> None:
    """If each request to the store takes 0.3 seconds, the first swap of a closing already hides the link."""
    proxy.delay = 0.3
    server.restart()
    server.step()
    assert server.shows_link
    running = server.follower
    running.start()
    closing = subprocess.Popen(
        [sys.executable, "build.py", "quota", "close", "south-korea"],
        cwd=site.project.root, env=site.project.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        while server.shows_link:
            time.sleep(min(running.look(), 0.2))
        ended = (server.folder / "lease").stat().st_mtime == ENDED
        assert proxy.swapped
        assert ended or not server.target.shows_link("south-korea")
        wait_until(lambda: running.look() and not server.target.shows_link("south-korea"))
        output, _ = closing.communicate(timeout=60)
        assert closing.returncode == 0, output
    finally:
        closing.kill()
        running.stop()
    assert server.calls == []


def test_a_store_that_is_down(proxy: StoreProxy, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the store refuses every connection for longer than the lease, the link is hidden.

    The release stays, and the link returns when the store works again.
    """
    monkeypatch.setattr(follower, "CONTACT_SECONDS", 2.0)
    monkeypatch.setattr(follower, "_SILENT_SECONDS", 1.0)
    server.restart()
    server.step()
    assert server.shows_link

    proxy.is_down = True
    while server.shows_link:
        server.step()
    assert not server.follower.is_ready
    assert server.target.number == 1
    assert "the store does not answer" in server.calls[0]
    server.restart()
    server.step()
    assert not server.shows_link

    proxy.is_down = False
    server.step()
    assert server.shows_link
    assert server.follower.is_ready


def test_a_store_of_an_own_authority(site: BucketSite, tmp_path: Path) -> None:
    """With `ca` in local.yaml, a store whose certificate has its own authority is used.

    Without `ca`, a message names the setting, and nothing is published.
    """
    certify(tmp_path)
    with proxied(site.server, as_server(tmp_path)) as (_, through):
        tls = bucket_site(site.project, through, site.prefix, site.keys)
        refused = tls.command("publish")
        assert refused.returncode == 1
        assert (
            "certificate is not accepted (UnknownIssuer). Name the certificate of its authority in local.yaml"
            in refused.stderr
        )
        assert site.store.get("metadata/timestamp.json") is None

        tls.write_local(f"  ca: {tmp_path / 'ca.pem'}")
        assert tls.published().startswith("1-")
