"""Reads from the reasons of skipped tests what to install so that no test is skipped for a missing program."""

from __future__ import annotations

import re
from collections.abc import Iterable

INSTALL_HINT = re.compile(r"apt-get install ([a-z0-9][a-z0-9 .+-]*[a-z0-9])")
NPM_HINT = "npm ci --prefix tests/browser"


def name_what_is_missing(reasons: Iterable[str]) -> str:
    """Returns the commands that install what these reasons for skipping a test name, or nothing if they name nothing."""
    text = "\n".join(reasons)
    packages = {package for hint in INSTALL_HINT.findall(text) for package in hint.split()}
    commands = [f"apt-get install {' '.join(sorted(packages))}"] if packages else []
    return ", then ".join(commands + [NPM_HINT] * (NPM_HINT in text))
