"""Visitors during hundreds of switches: no error, and nobody who holds on to one release gets a mixture of two.

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
from tests.publish.test_kill import tiny
from tests.support.origin import Origin, serving
from tests.support.project import REPOSITORY, folder_in_memory
from tests.support.published import JAPAN_PAGE, LINK, Target
from tests.support.switches import KEPT, switch_often

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
def small() -> Iterator[Target]:
    """The tiny site, published once."""
    with folder_in_memory() as folder:
        target = Target(tiny(folder / "project"), folder / "www")
        target.project.set_log("japan", "open 2020-01-01 00:00")
        target.published()
        yield target


@contextmanager
def switching(target: Target, *address: str) -> Iterator[subprocess.Popen[str]]:
    """tests/support/switches.py at work, to its end: it must have found nothing wrong."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.support.switches",
            target.project.root,
            target.folder,
            str(SWITCHES),
            *address,
        ],
        env=target.project.unmeasured(),
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
def test_a_reader_of_one_release_gets_it_whole(small: Target) -> None:
    """Who resolves `current` once and reads every file gets exactly what that release's manifest lists, however many switches come between."""
    reads: list[str] = []

    def read() -> None:
        release = (small.folder / "current").resolve()
        manifest = load_manifest(release / MANIFEST_FILE)
        for path, about in manifest.files.items():
            data = (release / SITE / path).read_bytes()
            assert digest(data) == about.sha256, f"{release.name}: {path}"
        page = (release / SITE / JAPAN_PAGE).read_text()
        assert (LINK in page) == (manifest.states["japan"] == "open")
        reads.append(release.name)

    with switching(small) as switches:
        while switches.poll() is None:
            read()
            time.sleep(0.005)

    assert len(set(reads)) > 20
    assert small.number == SWITCHES + 1
    assert small.numbers == [SWITCHES + 1 - back for back in range(KEPT)]


@pytest.fixture
def nginx(small: Target, tmp_path: Path) -> Iterator[str]:
    """nginx with the target's current/site as its root; its address."""
    if not (shutil.which("nginx") and shutil.which("wrk")):
        pytest.skip("nginx or wrk is not installed: apt-get install nginx-light wrk")
    with serving(Origin(dict)) as free:  # a port that is free a moment later
        port = free.address.rpartition(":")[2]
    folder = tmp_path / "nginx"
    folder.mkdir()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, root=small.folder))
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
def test_a_web_server_under_load_gives_no_error(small: Target, nginx: str) -> None:
    """nginx under wrk during the switches: no error, each page from a release that was live, and after a switch never an older one."""

    # It takes the time that is left over, of which there is enough: the switches wait for the disk.
    load = subprocess.Popen(
        [
            "nice",
            "wrk",
            "--threads",
            "1",
            "--connections",
            "2",
            "--duration",
            "600s",
            f"{nginx}/{JAPAN_PAGE}",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    with switching(small, nginx):
        pass
    load.send_signal(signal.SIGINT)
    said, _ = load.communicate(timeout=30)

    (requests,) = re.findall(r"(\d+) requests in", said)
    assert int(requests) > 10 * SWITCHES
    assert "Non-2xx" not in said
    assert "Socket errors" not in said
    assert small.number == SWITCHES + 1


def test_an_etag_is_never_that_of_other_bytes(small: Target, nginx: str) -> None:
    """Asked with the ETag of the page before, nginx answers with the new page, though size and second could be the same."""
    for _ in range(5):
        with urllib.request.urlopen(f"{nginx}/{JAPAN_PAGE}") as answer:
            old, etag = answer.read(), answer.headers["ETag"]
        small.project.replace("content/en/japan.md", "updated: 2026", "updated: 2025")
        small.published()
        small.project.replace("content/en/japan.md", "updated: 2025", "updated: 2026")
        request = urllib.request.Request(f"{nginx}/{JAPAN_PAGE}", headers={"If-None-Match": etag})
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 200
            assert answer.read() != old
        small.published()


@pytest.mark.copy
def test_a_copy_by_rsync_switches_as_the_original(small: Target, tmp_path: Path) -> None:
    """The two commands of docs/running.md, into another folder: whole at every moment, and the link is replaced in one step."""
    if not shutil.which("rsync"):
        pytest.skip("rsync is not installed: apt-get install rsync")
    text = (REPOSITORY / "docs/running.md").read_text()
    commands = [line.strip() for line in text.splitlines() if line.startswith("    rsync ")]
    assert len(commands) == 2
    copy = tmp_path / "copy"
    (copy / "releases").mkdir(parents=True)

    def send() -> None:
        for line in commands:
            words = line.replace("web2:/srv/www/working-holiday", str(copy)).replace(
                "/srv/www/working-holiday", str(small.folder)
            )
            subprocess.run(words.split(), check=True)

    def read() -> None:
        release = (copy / "current").resolve(strict=True)
        manifest = load_manifest(release / MANIFEST_FILE)
        assert all(about.fits(release / SITE / path) for path, about in manifest.files.items())

    send()
    with reading(read) as errors:
        switch_often(small, 10, send)

    assert errors == []
    assert os.readlink(copy / "current") == os.readlink(small.folder / "current")
