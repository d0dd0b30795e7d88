"""The Nu validator over every page and style sheet: what the standards say, not what browsers forgive."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.browser.tools import JAVA, VALIDATOR, needs_java, needs_validator
from tests.render.test_golden import renew

pytestmark = [pytest.mark.browser, needs_java, needs_validator]

# Messages that stay, each with its reason.
EXPLAINED: Mapping[str, str] = {}


def messages(folder: Path) -> list[str]:
    """A line for each error and warning about a page, picture or style sheet below the folder, without the explained."""
    done = subprocess.run(
        [
            JAVA,
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


def test_every_page_in_every_state_is_valid(built: Mapping[str, Mapping[str, bytes]], tmp_path: Path) -> None:
    """No page and no style sheet of the repository's own site has an error or a warning, in any state."""
    for state, files in built.items():
        renew(
            tmp_path / state,
            {path: files[path] for path in files if path.endswith((".html", ".css", ".svg"))},
        )

    assert len(list(tmp_path.rglob("*.html"))) > 200
    assert messages(tmp_path) == []


def test_faults_are_found(built: Mapping[str, Mapping[str, bytes]], tmp_path: Path) -> None:
    """An element in a wrong place, an unknown property and an attribute that does not exist are each a message."""
    faults = {
        "a.html": b'<!DOCTYPE html><html lang="en"><title>A</title><p><div>x</div></p>',
        "b.html": b'<!DOCTYPE html><html lang="en"><title>B</title><p colour="red">x</p>',
        "c.css": b"p { colour: red }",
        "d.html": built["open"]["en/japan/index.html"].replace(b"</main>", b"</man>"),
    }
    renew(tmp_path, faults)

    found = messages(tmp_path)

    assert {name for name in faults if any(f"/{name}:" in line for line in found)} == set(faults)
