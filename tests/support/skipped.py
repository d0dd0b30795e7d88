"""Finds out, from the reasons for which tests were skipped, what to install so that no test is skipped."""

from __future__ import annotations

import re
from collections.abc import Iterable

INSTALL_HINT = re.compile(r"apt-get install ([a-z0-9][a-z0-9 .+-]*[a-z0-9])")
NPM_HINT = "npm ci --prefix tests/browser"


def name_what_is_missing(reasons: Iterable[str]) -> str:
    """Returns the commands that install the programs that these reasons name, or nothing if they name none."""
    text = "\n".join(reasons)
    packages = {package for hint in INSTALL_HINT.findall(text) for package in hint.split()}
    commands = [f"apt-get install {' '.join(sorted(packages))}"] if packages else []
    return ", then ".join(commands + [NPM_HINT] * (NPM_HINT in text))
