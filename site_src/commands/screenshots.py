"""Takes pictures of pages with Chromium, if this machine has it: PNG files, 1440 pixels wide."""

from __future__ import annotations

import html
import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless --disable-gpu --hide-scrollbars --no-first-run --disable-background-networking --disable-component-update "
    "--disable-sync --disable-extensions"
).split()
_SECONDS = 60
WIDTH = 1440


def find_browser() -> str | None:
    """Returns the path of Chromium or Chrome, or None if neither is installed."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


def take_picture(
    browser: str, before: Path | None, after: Path | None, height: int, picture: Path
) -> str | None:
    """Writes a PNG with both pages side by side, `height` pixels high. Returns None, or the reason for a failure.

    Shows a message in place of a page that is None.
    """
    # As root in a container, Chromium starts only without its sandbox. It shows only files that this project built.
    flags = [*_FLAGS, *(["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else [])]
    with TemporaryDirectory(prefix="picture-") as folder:
        frame = Path(folder) / "frame.html"
        frame.write_text(_frame(before, after), encoding="utf-8")
        words = [
            f"--user-data-dir={folder}/profile",
            f"--window-size={WIDTH},{height}",
            f"--screenshot={picture}",
        ]
        try:
            done = subprocess.run(  # noqa: S603 - the browser found above, with flags of our own
                [browser, *flags, *words, frame.as_uri()], capture_output=True, check=False, timeout=_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    if picture.is_file():
        return None
    reason = done.stderr.decode(errors="replace").strip().splitlines()
    return reason[-1] if reason else f"{browser} ended with exit code {done.returncode}"


def _frame(before: Path | None, after: Path | None) -> str:
    sides = [
        f'<iframe src="{html.escape(page.as_uri())}"></iframe>' if page else f"<p>{missing}</p>"
        for page, missing in ((before, "There was no such page before."), (after, "This page is gone."))
    ]
    style = "body{display:flex;gap:8px;margin:0;background:#444}iframe,p{flex:1;height:100vh;margin:0;border:0;background:#fff}"
    return f'<!DOCTYPE html><meta charset="utf-8"><style>{style}</style>{"".join(sides)}'
