"""The Nu validator checks every page and style sheet against the standards."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.browser.tools import JAVA, VALIDATOR, needs_java, needs_validator
from tests.render.test_golden import renew

pytestmark = [pytest.mark.browser, needs_java, needs_validator]

# Messages that are accepted, each with the reason.
EXPLAINED: Mapping[str, str] = {}


def messages(folder: Path) -> list[str]:
    """Returns a line for each error and warning in the folder's pages, pictures and style sheets, except those in EXPLAINED."""
    done = subprocess.run(
        [
            JAVA,
            # A short run gains nothing from the second compiler or from parallel garbage collection.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xss4m",
            "-jar",
            str(VALIDATOR),
            "--also-check-css",
            "--also-check-svg",
            "--format",
            "json",
            str(folder),
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    found = json.loads(done.stderr)["messages"]
    assert found or done.returncode == 0, done.stderr
    return [
        f"{message['url'].partition(folder.name)[2]}:{message.get('lastLine')}: {message['message']}"
        for message in found
        if not any(known in message["message"] for known in EXPLAINED)
    ]


# An element in a wrong place, an unknown attribute and an unknown property. A page with a wrong end tag is added.
FAULTS = {
    "a.html": b'<!DOCTYPE html><html lang="en"><title>A</title><p><div>x</div></p>',
    "b.html": b'<!DOCTYPE html><html lang="en"><title>B</title><p colour="red">x</p>',
    "c.css": b"p { colour: red }",
}


def test_every_page_in_every_state_is_valid(built: Mapping[str, Mapping[str, bytes]], tmp_path: Path) -> None:
    """In every state, the validator has no message about the repository's own pages and style sheets.

    It reports each of the planted faults.
    """
    faults = {**FAULTS, "d.html": built["open"]["en/japan/index.html"].replace(b"</main>", b"</man>")}
    renew(tmp_path / "planted", faults)
    seen: set[bytes] = set()
    for state, files in built.items():
        # A page that is the same in two states is checked once.
        new = {
            path: data
            for path, data in files.items()
            if path.endswith((".html", ".css", ".svg")) and data not in seen
        }
        seen |= set(new.values())
        renew(tmp_path / state, new)
    assert len(list(tmp_path.rglob("*.html"))) > 100

    found = messages(tmp_path)

    assert [line for line in found if "/planted/" not in line] == []
    assert {name for name in faults if any(f"/planted/{name}:" in line for line in found)} == set(faults)
