"""Visitors during hundreds of switches: no error, and no reader of one release gets a mixture of two.

What is promised: a reader that resolves `current` once gets one release, whole. A visitor of the web server asks for one page
at a time, and gets each whole, from the release that was live or the one that is; assets of both can be had.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from site_src.publish.manifest import MANIFEST_FILE, digest, load_manifest
from site_src.publish.releases import SITE
from tests.support.made_up_sites import Releases
from tests.support.origin import Origin, serving
from tests.support.project import REPOSITORY, folder_in_memory
from tests.support.switches import KEPT, PAGE, site, switch_often

SWITCHES = 300
PATIENCE = 600.0  # seconds that a busy machine may take for all of them; nothing here is judged by its speed
NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off; default_type text/html; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {root}/current/site; index index.html; }}
}}
"""


@pytest.fixture
def releases() -> Iterator[Releases]:
    """A made-up site, published once."""
    with folder_in_memory() as folder:
        published = Releases(folder, KEPT)
        published.replace(site(0))
        yield published


@contextmanager
def switching(releases: Releases, *address: str) -> Iterator[subprocess.Popen[str]]:
    """tests/support/switches.py at work, to its end: it must have found nothing wrong."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.switches", releases.root, str(SWITCHES), *address],
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
    finally:
        process.kill()
        process.wait()


def numbers(releases: Releases) -> list[int]:
    """The numbers of the releases that are there, the newest first."""
    return sorted(
        (int(entry.name.partition("-")[0]) for entry in (releases.target / "releases").iterdir()),
        reverse=True,
    )


@contextmanager
def reading(read: Callable[[], None]) -> Iterator[list[BaseException]]:
    """Reads again and again in another thread meanwhile; what went wrong is in the list."""
    errors: list[BaseException] = []
    over = threading.Event()

    def loop() -> None:
        while not over.is_set():
            try:
                read()
            except Exception as error:  # noqa: BLE001 -- whatever a reader meets is a finding
                errors.append(error)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield errors
    finally:
        over.set()
        thread.join()


@pytest.mark.slow
def test_a_reader_of_one_release_gets_it_whole(releases: Releases) -> None:
    """Who resolves `current` once and reads every file gets exactly what that release's manifest lists, however many switches come between."""
    reads: list[str] = []

    def read() -> None:
        release = (releases.target / "current").resolve()
        manifest = load_manifest(release / MANIFEST_FILE)
        for path, about in manifest.files.items():
            assert digest((release / SITE / path).read_bytes()) == about.sha256, f"{release.name}: {path}"
        reads.append(release.name)

    with switching(releases) as switches:
        while switches.poll() is None:
            read()
            time.sleep(0.005)

    assert len(set(reads)) > 20
    assert numbers(releases) == [SWITCHES + 1 - back for back in range(KEPT)]


@pytest.fixture
def nginx(releases: Releases, tmp_path: Path) -> Iterator[str]:
    """nginx with the target's current/site as its root; its address."""
    if not (shutil.which("nginx") and shutil.which("wrk")):
        pytest.skip("nginx or wrk is not installed: apt-get install nginx-light wrk")
    with serving(Origin(dict)) as free:  # a port that is free a moment later
        port = free.address.rpartition(":")[2]
    folder = tmp_path / "nginx"
    folder.mkdir()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, root=releases.target))
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    address = f"http://127.0.0.1:{port}"
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{address}/"):
                break
        except OSError:
            time.sleep(0.05)
    yield address
    process.terminate()
    process.wait()


@pytest.mark.slow
@pytest.mark.load
def test_a_web_server_under_load_gives_no_error(releases: Releases, nginx: str) -> None:
    """nginx under wrk during the switches: no error, each page from a release that was live, and after a switch never an older one."""
    # It takes the time that is left over, of which there is enough: the switches wait for the disk.
    command = ["nice", "wrk", "--threads", "1", "--connections", "2", "--duration", "600s", f"{nginx}/{PAGE}"]
    load = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with switching(releases, nginx):
        pass
    load.send_signal(signal.SIGINT)
    said, _ = load.communicate(timeout=30)

    (requests,) = re.findall(r"(\d+) requests in", said)
    assert int(requests) > SWITCHES
    assert "Non-2xx" not in said
    assert "Socket errors" not in said
    assert numbers(releases)[0] == SWITCHES + 1


def test_an_etag_is_never_that_of_other_bytes(releases: Releases, nginx: str) -> None:
    """Asked with the ETag of the page before, nginx answers with the new page, though size and second could be the same."""
    for number in range(1, 10):
        with urllib.request.urlopen(f"{nginx}/{PAGE}") as answer:
            old, etag = answer.read(), answer.headers["ETag"]
        releases.replace(site(number % 2))
        request = urllib.request.Request(f"{nginx}/{PAGE}", headers={"If-None-Match": etag})
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
            assert (len(old), answer.read()) == (len(site(0)[PAGE]), site(number % 2)[PAGE])


@pytest.mark.copy
def test_a_copy_by_rsync_switches_as_the_original(releases: Releases, tmp_path: Path) -> None:
    """The two commands of docs/running.md, into another folder: whole at every moment, and the link is replaced in one step."""
    if not shutil.which("rsync"):
        pytest.skip("rsync is not installed: apt-get install rsync")
    text = (REPOSITORY / "docs/running.md").read_text()
    commands = [line.strip() for line in text.splitlines() if line.startswith("    rsync ")]
    assert len(commands) == 2
    copy = tmp_path / "copy"
    (copy / "releases").mkdir(parents=True)

    def send(_: int = 0) -> None:
        for line in commands:
            words = line.replace("web2:/srv/www/working-holiday", str(copy)).replace(
                "/srv/www/working-holiday", str(releases.target)
            )
            subprocess.run(words.split(), check=True)

    def read() -> None:
        release = (copy / "current").resolve(strict=True)
        manifest = load_manifest(release / MANIFEST_FILE)
        assert all(about.fits(release / SITE / path) for path, about in manifest.files.items())

    send()
    with reading(read) as errors:
        switch_often(releases.root, 6, send)

    assert errors == []
    assert os.readlink(copy / "current") == os.readlink(releases.target / "current")
