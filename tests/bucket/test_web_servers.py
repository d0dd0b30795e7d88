"""Web servers that follow a bucket, behind nginx and HAProxy as deployed: equal ETags, one release for each visitor, one winner."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from site_src.bucket.pointer import Pointer
from tests.support.commands import command
from tests.support.object_store import BucketSite, Server
from tests.support.project import REPOSITORY
from tests.support.residents import wait_until
from tests.support.web_server import LEASED, NGINX, NJS, WebServer, configured, free_port, running

pytestmark = [pytest.mark.store, pytest.mark.slow]
HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin")
# More of them in a longer trial: QUOTABORD_ROUNDS=100.
ROUNDS = int(os.environ.get("QUOTABORD_ROUNDS", "3"))
PAGES = ("en/index.html", "en/japan/index.html")


@contextmanager
def followers(site: BucketSite, folders: list[Path]) -> Iterator[list[Server]]:
    """Followers of these folders, each at work in a thread of its own."""
    servers, stopped = [Server(site, folder) for folder in folders], threading.Event()

    def follow(server: Server) -> None:
        while not stopped.wait(0.05):
            server.step()

    threads = [threading.Thread(target=follow, args=(server,)) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield servers
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


@contextmanager
def balancer(folder: Path, ports: list[int]) -> Iterator[WebServer]:
    """HAProxy with deploy/bucket/haproxy.cfg, before servers on these ports."""
    assert HAPROXY
    text, port = (REPOSITORY / "deploy/bucket/haproxy.cfg").read_text(), free_port()
    text = text.replace("bind :80", f"bind 127.0.0.1:{port}")
    text = re.sub(r"    server web\d .*\n", "", text)
    text += "".join(f"    server web{number} 127.0.0.1:{own}\n" for number, own in enumerate(ports, start=1))
    (folder / "haproxy.cfg").write_text(text)
    process = subprocess.Popen([HAPROXY, "-db", "-q", "-f", str(folder / "haproxy.cfg")])
    try:
        server = WebServer(port)
        wait_until(lambda: answers(server))
        yield server
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(server: WebServer) -> bool:
    """True when the site is served."""
    try:
        return server.get("/release.json").status == 200
    except OSError:
        return False


@pytest.mark.nginx
def test_servers_behind_a_balancer(site: BucketSite, tmp_path: Path) -> None:
    """Each file has the same ETag on both servers, whole reads are of one release, and a server that is not ready is left out."""
    if not (NGINX and NJS and HAPROXY):
        pytest.skip(
            "nginx, njs or haproxy is not installed: apt-get install nginx-light libnginx-mod-http-js haproxy"
        )
    site.published()
    rounds: dict[str, int] = {site.working.manifest.release: 0}
    folders = [tmp_path / "www1", tmp_path / "www2"]
    with ExitStack() as stack:
        servers = stack.enter_context(followers(site, folders))
        webs = []
        for server in servers:
            wait_until((server.folder / "current").exists)
            (server.folder / "heartbeat.json").write_text("{}")
            port, etc = free_port(), tmp_path / f"nginx-{server.folder.name}"
            etc.mkdir()
            main = configured(etc, LEASED.format(port=port, target=server.folder))
            webs.append(stack.enter_context(running(main, port)))
        public = stack.enter_context(balancer(tmp_path, [web.port for web in webs]))
        assert public.get("/-/ready").status == 404

        read, mixed, done = [0], list[str](), threading.Event()

        def visit() -> None:
            while not done.is_set():
                before = public.get("/release.json").body
                pages = [public.get(f"/{path.removesuffix('index.html')}").body.decode() for path in PAGES]
                if public.get("/release.json").body != before:
                    continue
                number = rounds.get(json.loads(before)["release"])
                read[0] += 1
                if number and not all(f"Round{number} " in page for page in pages):
                    mixed.append(f"{number}")

        visitor = threading.Thread(target=visit)
        visitor.start()
        for number in range(1, ROUNDS + 1):
            for page in ("index", "japan"):
                text = (site.project.root / f"content/en/{page}.md").read_text()
                site.project.write(
                    f"content/en/{page}.md",
                    re.sub(r"title: (Round\d+ )?", f"title: Round{number} ", text, count=1),
                )
            name = site.published()
            rounds[site.working.manifest.release] = number
            wait_until(lambda name=name: all(server.target.name == name for server in servers))  # type: ignore[misc]
            time.sleep(0.1)
        done.set()
        visitor.join()
        assert read[0] > ROUNDS
        assert mixed == []

        for path in ("/", *(f"/{path.removesuffix('index.html')}" for path in PAGES), "/release.json"):
            etags = {web.get(path).headers["ETag"] for web in webs}
            assert len(etags) == 1
            assert etags != {None}

        (folders[0] / "heartbeat.json").unlink()
        (folders[1] / "heartbeat.json").unlink()
        wait_until(lambda: public.get("/release.json").status == 503)


def test_rounds_of_two_publishers(site: BucketSite, other: BucketSite) -> None:
    """Two publishers with other content, and heartbeats meanwhile: each round both end with 0, and no release is lost or doubled."""
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
