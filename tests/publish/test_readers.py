"""Visitors get no error during hundreds of switches, and no reader of one release gets a mixture of two.

A reader that resolves `current` once gets one whole release. A visitor of the web server requests one page at a time,
and gets each page whole, from the live release or the one before it. The assets of both are served.
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
from tests.support.project import REPOSITORY
from tests.support.switches import KEPT, PAGE, site, switch_often

SWITCHES = 300
PATIENCE = 600.0  # Seconds that a busy machine may take for all switches. No test here measures speed.
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
def releases(tmp_path: Path) -> Releases:
    """A made-up site, published once."""
    published = Releases(tmp_path, KEPT)
    published.replace(site(0))
    return published


@contextmanager
def switching(releases: Releases, *address: str) -> Iterator[subprocess.Popen[str]]:
    """Runs tests/support/switches.py to its end, and checks that it found no error."""
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
    """Returns the numbers of the existing releases, newest first."""
    return sorted(
        (int(entry.name.partition("-")[0]) for entry in (releases.target / "releases").iterdir()),
        reverse=True,
    )


@contextmanager
def reading(read: Callable[[], None]) -> Iterator[list[BaseException]]:
    """Reads repeatedly in another thread. Yields the list of errors."""
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
    """A reader that resolves `current` once and reads every file gets exactly the files of that release's manifest,
    however often the link switches.
    """
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
    """Starts nginx with the target's current/site as its root. Yields its address."""
    if not (shutil.which("nginx") and shutil.which("wrk")):
        pytest.skip("nginx or wrk is not installed: apt-get install nginx-light wrk")
    with serving(Origin(dict)) as free:  # This port is free after the block.
        port = free.address.rpartition(":")[2]
    folder = tmp_path / "nginx"
    folder.mkdir()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, root=releases.target))
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    address = f"http://127.0.0.1:{port}"
    end = time.monotonic() + 60
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
    """Under load from wrk, nginx gives no error during the switches.

    It serves each page from a release that was live, and never an older page after a switch.
    """
    # It uses the spare processor time, which is enough because the switches wait for the disk.
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
    """A request with the ETag of the old page gets the new page, even though both have the same size."""
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
    """The two rsync commands of docs/running.md make a copy that is always whole, and replace the link in one step."""
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
