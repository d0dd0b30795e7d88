"""pywb replays the pages before and after a closing byte for byte.

Courts and archives use pywb to open WARC files.
"""

from __future__ import annotations

import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from site_src.archive.warc_records import read_records
from tests.support.archived import Shown, showing
from tests.support.commands import command
from tests.support.project import REPOSITORY
from tests.support.published import Target
from tests.support.web_server import free_port

PROGRAMS = REPOSITORY / ".venv-pywb/bin"
pytestmark = pytest.mark.skipif(
    not (PROGRAMS / "wayback").exists(), reason="pywb is not installed: make pywb"
)
PATIENCE = 120
PAGES = ("en/japan/", "nl/japan/", "en/japan/feed.xml", "api/v1/programmes.json", "embed/en/japan.html")


@pytest.fixture
def shown(target: Target) -> Iterator[Shown]:
    """A site that shows Japan's link, and its server."""
    target.project.set_log("japan", "open 2026-04-01 00:00")
    target.published()
    with showing(target) as server:
        yield server


def is_ready(port: int, url: str) -> bool:
    """Returns whether pywb answers on the port and has the address in its index.

    A different server may have taken the port.
    """
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/q/cdx?url={url}") as answer:
            return url.encode() in answer.read()
    except OSError:
        return False


@contextmanager
def replaying(folder: Path, url: str) -> Iterator[int]:
    """Runs pywb with the collections in the folder. Yields its port when pywb knows the address.

    Starts pywb again if another program took the port.
    """
    end = time.monotonic() + PATIENCE
    while True:
        port, log = free_port(), folder / "log"
        with log.open("wb") as out:
            wayback = subprocess.Popen(
                [PROGRAMS / "wayback", "-b", "127.0.0.1", "-p", str(port)], cwd=folder, stdout=out, stderr=out
            )
        try:
            while not is_ready(port, url) and wayback.poll() is None:
                assert time.monotonic() < end, log.read_text()
                time.sleep(0.1)
            if wayback.poll() is None:
                yield port
                return
            assert time.monotonic() < end, log.read_text()
        finally:
            wayback.terminate()
            wayback.wait()


def replay(port: int, moment: datetime, url: str) -> bytes:
    """Returns the bytes that pywb gives for the address at this moment."""
    place = f"http://127.0.0.1:{port}/q/{moment:%Y%m%d%H%M%S}id_/{url}"
    with urllib.request.urlopen(
        urllib.request.Request(place, headers={"Accept-Encoding": "identity"})
    ) as answer:
        return bytes(answer.read())


def test_the_pages_before_at_and_after_the_switch(shown: Shown, tmp_path: Path) -> None:
    """pywb gives the page with the link before the closing, and the page with the notice from the closing's second on.

    This holds for revisit records too.
    """
    target = shown.target
    sites, moments = [], list[dict[str, datetime]]()
    for number in range(3):
        if number == 1:
            command(target.project, "quota", "set", "japan", "quota_reached", "--yes")
            target.published()
        time.sleep(1.1)  # pywb counts in whole seconds.
        sites.append(target.site())
        moments.append({record.url: record.date for record in read_records(shown.archived())})
    words = [
        ["wb-manager", "init", "q"],
        ["wb-manager", "add", "q", *map(str, sorted(shown.folder.glob("*.warc")))],
    ]
    for program, *rest in words:
        subprocess.run([PROGRAMS / program, *rest], cwd=tmp_path, check=True, capture_output=True)
    with replaying(tmp_path, f"{shown.address}/{PAGES[0]}") as port:
        for page in PAGES:
            url, path = f"{shown.address}/{page}", f"{page}index.html" if page.endswith("/") else page
            first, second, third = (dates[url] for dates in moments)
            day = timedelta(days=1)
            asked = ((first - day, 0), (first, 0), (second, 1), (third, 1), (third + day, 1))
            for moment, number in asked:
                assert replay(port, moment, url) == sites[number][path], (moment, page)
    assert sites[0]["en/japan/index.html"] != sites[1]["en/japan/index.html"]
