"""Web servers that follow a bucket, behind nginx and HAProxy as deployed.

They send equal ETags, each visitor gets files of one release, and two publishers lose no release.
"""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from site_src.bucket.pointer import Pointer
from tests.support.balancer import HAPROXY, balanced, web_server
from tests.support.certificates import as_client, certify
from tests.support.commands import command
from tests.support.object_store import BucketSite, Server
from tests.support.origin import Origin, serving
from tests.support.project import tree
from tests.support.published import LINK
from tests.support.residents import wait_until
from tests.support.web_server import NGINX, NJS, Answer, WebServer

pytestmark = [pytest.mark.store, pytest.mark.slow]
# The number of rounds. Set QUOTABORD_ROUNDS=100 for a longer run.
ROUNDS = int(os.environ.get("QUOTABORD_ROUNDS", "2"))
PAGES = ("en/index.html", "en/japan/index.html")


@contextmanager
def follower(site: BucketSite, folder: Path) -> Iterator[Server]:
    """Runs a follower in its own thread, with its heartbeat, until the block ends.

    After that, the follower seems to hang.
    """
    server, stopped = Server(site, folder), threading.Event()

    def follow() -> None:
        while not stopped.wait(0.1):
            server.step()
            (folder / "heartbeat.json").touch()

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield server
    finally:
        stopped.set()
        thread.join()


class Reader:
    """A visitor who loads the site repeatedly.

    `loads` has, for each complete load, the name of the release and the rounds in the titles of its pages.
    """

    def __init__(self, server: WebServer, tls: ssl.SSLContext | None = None) -> None:
        self._server, self._tls = server, tls
        self.loads: list[tuple[str, set[str]]] = []

    def load(self) -> None:
        """Loads the file with the release's name, each of PAGES, and the first file again.

        Drops the load if the release changed during it.
        """
        before = self._get("/release.json")
        pages = [self._get(f"/{path.removesuffix('index.html')}").decode() for path in PAGES]
        if self._get("/release.json") == before:
            self.loads.append((json.loads(before)["release"], {_round(page) for page in pages}))

    def find_mixed(self, rounds: Mapping[str, str]) -> list[tuple[str, set[str]]]:
        """Returns the loads that contain a page of a different round than the release."""
        return [load for load in self.loads if load[1] != {rounds[load[0]]}]

    def _get(self, path: str) -> bytes:
        answer = self._server.get(path, tls=self._tls)
        assert answer.status == 200
        return answer.body


class OnDisk(Mapping[str, bytes]):
    """Reads the present files in a web server's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, path: str) -> bytes:
        try:
            return (self._folder / path).read_bytes()
        except OSError:
            raise KeyError(path) from None

    def __iter__(self) -> Iterator[str]:
        return iter(tree(self._folder))

    def __len__(self) -> int:
        return len(tree(self._folder))


def _round(page: str) -> str:
    """Returns the round in the title of a page, or "" before the first round."""
    found = re.search(r"Round(\d+) ", page)
    return found[1] if found else ""


@contextmanager
def reading(*readers: Reader) -> Iterator[list[BaseException]]:
    """Runs the visitors, each in a thread, until the block ends. Yields their errors."""
    done, wrong = threading.Event(), list[BaseException]()

    def work(reader: Reader) -> None:
        try:
            while not done.wait(0.05):
                reader.load()
        except BaseException as error:  # noqa: BLE001 - the test reads it
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(reader,)) for reader in readers]
    for thread in threads:
        thread.start()
    try:
        yield wrong
    finally:
        done.set()
        for thread in threads:
            thread.join()


def switch(site: BucketSite, number: int) -> str:
    """Publishes the pages with the round in their titles. Returns the release's name."""
    for page in ("index", "japan"):
        text = (site.project.root / f"content/en/{page}.md").read_text()
        title = re.sub(r"title: (Round\d+ )?", f"title: Round{number} ", text, count=1)
        site.project.write(f"content/en/{page}.md", title)
    return site.published()


def read_around_switches(site: BucketSite, servers: list[Server], readers: tuple[Reader, ...]) -> None:
    """Switches ROUNDS times while visitors read. Fails if a load has pages of two releases."""
    rounds = {site.working.manifest.release: ""}
    with reading(*readers) as wrong:
        for number in range(1, ROUNDS + 1):
            name = switch(site, number)
            wait_until(lambda name=name: all(server.target.name == name for server in servers))  # type: ignore[misc]
            rounds[site.working.manifest.release] = str(number)
    assert wrong == []
    print("Whole loads:", [len(reader.loads) for reader in readers])
    for reader in readers:
        assert len(reader.loads) >= ROUNDS
        assert reader.find_mixed(rounds) == []


@pytest.mark.nginx
def test_servers_behind_a_balancer(site: BucketSite, tmp_path: Path) -> None:
    """The deployed servers send equal ETags, and no complete load has pages of two releases.

    Visitors get no error while a server dies, and no 503 while another one serves.
    """
    if not (NGINX and NJS and HAPROXY):
        pytest.skip(
            "nginx, njs or haproxy is not installed: apt-get install nginx-light libnginx-mod-http-js haproxy"
        )
    site.published()
    certify(tmp_path)
    certificate = tmp_path / "haproxy.pem"
    certificate.write_bytes((tmp_path / "cert.pem").read_bytes() + (tmp_path / "key.pem").read_bytes())
    tls = as_client(tmp_path)
    folders = [tmp_path / "www1", tmp_path / "www2"]
    with ExitStack() as stack, ExitStack() as hanging, ExitStack() as living, ExitStack() as serving:
        servers = [
            hanging.enter_context(follower(site, folders[0])),
            living.enter_context(follower(site, folders[1])),
        ]
        for folder in folders:
            wait_until((folder / "current").exists)
        first = serving.enter_context(web_server(tmp_path / "etc1", folders[0]))
        last = stack.enter_context(web_server(tmp_path / "etc2", folders[1]))
        balancer = stack.enter_context(balanced(tmp_path, [first.port, last.port], certificate))

        def ask(path: str) -> Answer:
            return balancer.public.get(path, tls=tls)

        def shows_link() -> bool:
            answer = ask("/en/south-korea/")
            assert answer.status == 200
            return LINK.encode() in answer.body

        assert ask("/-/ready").status == 404
        sent_on = WebServer(balancer.plain).get("/en/", {"Host": "x.example"})
        assert (sent_on.status, sent_on.headers["Location"]) == (301, "https://x.example/en/")
        wait_until(lambda: ask("/release.json").status == 200)

        readers = Reader(balancer.public, tls), Reader(first), Reader(last)
        read_around_switches(site, servers, readers)
        for path in ("/", "/en/", "/en/japan/", "/release.json"):
            etags = [web.get(path).headers["ETag"] for web in (first, last)]
            assert all(etags)
            assert len(set(etags)) == 1

        # One follower hangs and its lease ends: the balancer removes its server.
        hanging.close()
        os.utime(folders[0] / "lease", (time.time() - 1,) * 2)
        assert LINK.encode() not in first.get("/en/south-korea/").body
        wait_until(lambda: all(shows_link() for _ in range(20)))

        # Only the other server is left. The first one dies without an error for visitors.
        with reading(readers[0]) as wrong:
            serving.close()
            time.sleep(2)
        assert wrong == []

        # A closing hides the link on all servers. If no server is ready after that, visitors still get pages without the link.
        site.open(site.working.folder, writes=True).pointers.hold("a test")
        wait_until(lambda: not shows_link())
        assert last.get("/-/ready").status == 200
        living.close()
        (folders[1] / "heartbeat.json").unlink()
        end = time.monotonic() + 3
        while time.monotonic() < end:
            assert not shows_link()


def test_the_server_that_shows_something_else_is_named(
    site: BucketSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If one web server's follower hangs, both a closing and `quota due` name that server, and no other."""
    monkeypatch.setattr("site_src.commands.due_servers._PAUSE_SECONDS", 0.05)
    site.published()
    good, hung = tmp_path / "www1", Server(site, tmp_path / "www2")
    hung.step()
    with ExitStack() as stack:
        stack.enter_context(follower(site, good))
        wait_until((good / "current").exists)
        first, second = (
            stack.enter_context(serving(Origin(partial(OnDisk, folder / "current/site"))))
            for folder in (good, hung.folder)
        )
        servers = f"web_servers:\n  - {first.address}\n  - {second.address}"
        site.write_local(servers)
        assert "web_servers: needs the public address too" in command(site.project, "quota", "due").stderr
        site.write_local(f"probe: {first.address}", servers)

        done = command(site.project, "quota", "close", "south-korea", "--probe-for", "5")
        assert done.returncode == 5
        assert f"{first.address} shows it." in done.stdout
        alarms = [line for line in done.stderr.splitlines() if line.startswith("ALARM")]
        assert len(alarms) == 1, alarms
        assert second.address in alarms[0]
        due = command(site.project, "quota", "due")
        assert due.returncode == 1
        assert f"{second.address} serves a different release" in due.stdout
        assert first.address not in due.stdout

        hung.step()
        assert second.address not in command(site.project, "quota", "due").stdout


def test_rounds_of_two_publishers(site: BucketSite, other: BucketSite) -> None:
    """Two publishers with different content both end each round with exit code 0.

    No release is lost or published twice.
    """
    site.published()
    done = threading.Event()

    def renewed(pointer: Pointer) -> Pointer:
        return replace(pointer, expires=datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=30))

    def beat() -> None:
        pointers = site.open(site.working.folder, writes=True).pointers
        while not done.wait(0.2):
            pointers.change(renewed)

    def publish(each: BucketSite) -> subprocess.CompletedProcess[str]:
        return each.project.run("publish", each.address)

    heart = threading.Thread(target=beat)
    heart.start()
    try:
        with ThreadPoolExecutor(2) as threads:
            for number in range(1, ROUNDS + 1):
                for each, name in ((site, "site"), (other, "other")):
                    each.project.write(
                        "content/en/more.md",
                        f"---\ntitle: {name} {number}\ndescription: d\nupdated: 2026-01-01\n---\ntext\n",
                    )
                for ended in threads.map(publish, (site, other)):
                    assert ended.returncode == 0, ended.stderr
    finally:
        done.set()
        heart.join()

    verified = command(site.project, "releases", site.address, "--verify")
    assert verified.returncode == 0, verified.stderr
    assert site.working.number == 2 * ROUNDS + 1
    assert site.store.get(f"journal/{2 * ROUNDS + 1:08}.json")
    assert site.store.get(f"journal/{2 * ROUNDS + 2:08}.json") is None
