"""pywb, which courts and archives use to open the files, replays the pages of a closing byte for byte."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from site_src.archive.warc import read_records
from tests.support.archived import Shown, showing
from tests.support.commands import command
from tests.support.project import REPOSITORY
from tests.support.published import Target
from tests.support.web_server import free_port

PROGRAMS = REPOSITORY / ".venv-pywb/bin"
pytestmark = pytest.mark.skipif(
    not (PROGRAMS / "wayback").exists(), reason="pywb is not installed: make pywb"
)
PAGES = ("en/japan/", "nl/japan/", "en/japan/feed.xml", "api/v1/programmes.json", "embed/en/japan.html")


@pytest.fixture
def shown(target: Target) -> Iterator[Shown]:
    """A site that shows Japan's link, and its server."""
    target.project.set_log("japan", "open 2026-04-01 00:00")
    target.published()
    with showing(target) as server:
        yield server


def replay(port: int, moment: datetime, url: str) -> bytes:
    """Returns the bytes that pywb gives for the address at the moment."""
    place = f"http://127.0.0.1:{port}/q/{moment:%Y%m%d%H%M%S}id_/{url}"
    with urllib.request.urlopen(
        urllib.request.Request(place, headers={"Accept-Encoding": "identity"})
    ) as answer:
        return bytes(answer.read())


def test_the_pages_before_at_and_after_the_switch(shown: Shown, tmp_path: Path) -> None:
    """pywb gives the bytes with the link before the closing, and those with the notice at its second and a day later,
    even for revisits.
    """
    target = shown.target
    sites, moments = [], []
    for number in range(3):
        if number == 1:
            command(target.project, "quota", "set", "japan", "quota_reached", "--yes")
            target.published()
        time.sleep(1.1)  # the replay has whole seconds
        sites.append(target.site())
        moments.append(max(record.date for record in read_records(shown.archived())))
    words = [
        ["wb-manager", "init", "q"],
        ["wb-manager", "add", "q", *map(str, sorted(shown.folder.glob("*.warc")))],
    ]
    for program, *rest in words:
        subprocess.run([PROGRAMS / program, *rest], cwd=tmp_path, check=True, capture_output=True)
    port = free_port()
    with open(tmp_path / "log", "wb") as log:
        wayback = subprocess.Popen(
            [PROGRAMS / "wayback", "-b", "127.0.0.1", "-p", str(port)], cwd=tmp_path, stdout=log, stderr=log
        )
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()
                break
            except OSError:
                time.sleep(0.1)
        asked = [
            (moments[0] - timedelta(days=1), sites[0]),
            (moments[0], sites[0]),
            (moments[1], sites[1]),
            (moments[2] + timedelta(days=1), sites[1]),
        ]
        for moment, site in asked:
            for page in PAGES:
                path = f"{page}index.html" if page.endswith("/") else page
                assert replay(port, moment, f"{shown.address}/{page}") == site[path], (moment, page)
        assert sites[0]["en/japan/index.html"] != sites[1]["en/japan/index.html"]
    finally:
        wayback.terminate()
        wayback.wait(timeout=20)
