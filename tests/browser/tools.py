"""The programs that the browser tests run, and a message for each one that is not installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

MODULES = Path(__file__).parent / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"
VALIDATOR = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
JAVA = shutil.which("java") or "/usr/bin/java"
# Flags with which the browser sends requests only to our own server.
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

_NPM = "the {} is not installed: apt-get install npm, then npm ci --prefix tests/browser"

needs_browser = pytest.mark.skipif(
    not Path(CHROMIUM).exists(),
    reason="Chromium is not installed: apt-get install chromium fonts-noto-cjk libatomic1",
)
needs_axe = pytest.mark.skipif(not AXE.exists(), reason=_NPM.format("accessibility checker axe-core"))
needs_validator = pytest.mark.skipif(not VALIDATOR.exists(), reason=_NPM.format("Nu validator"))
needs_java = pytest.mark.skipif(
    not Path(JAVA).exists(), reason="Java is not installed: apt-get install default-jre-headless"
)
