"""Makes the pictures for docs/editor.md from a real preview of the repository's own content: `make pictures`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.tools import CHROMIUM, FLAGS
from tests.support.preview import preview
from tests.support.project import NOON, REPOSITORY, Project

PICTURES = REPOSITORY / "docs" / "pictures"
JAPAN = "content/en/japan.md"


def main() -> int:
    """Writes the pictures again. Needs Chromium, and fonts for Japanese and Korean."""
    if not Path(CHROMIUM).exists():
        print(
            "Chromium is not installed: apt-get install chromium fonts-noto-cjk libatomic1", file=sys.stderr
        )
        return 1
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder) / "site")
        shutil.copytree(REPOSITORY / "content", project.root / "content")
        for name in ("build.py", "quota_state.yaml"):
            shutil.copy(REPOSITORY / name, project.root)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 960, "height": 600})
        project.run("--at", NOON)  # The contact sheet compares with this release.
        with preview(project, "--at", NOON) as running:
            page.goto(f"{running.origin}/~japan.open/en/japan/")
            page.locator(".qp-choices summary").click()
            page.screenshot(path=PICTURES / "preview-state.png")
            page.locator(".qp-choices summary").click()
            project.replace(JAPAN, "[[places_per_year]] places a year", "[[places_a_year]] places a year")
            page.get_by_role("alert").wait_for()
            page.screenshot(path=PICTURES / "preview-problem.png")
            project.replace(JAPAN, "[[places_a_year]] places a year", "[[places_per_year]] places each year")
            page.get_by_role("alert").wait_for(state="detached")
            page.goto(f"{running.origin}/__preview/?programme=japan&language=en")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURES / "preview-sheet.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
