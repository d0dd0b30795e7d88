"""Makes docs/pictures/: the programme page in the main states and every language, and the timeline.

`make pictures`. The pictures are of the repository's own content, with logs of their own and at a fixed moment, so that
they change only with the design and the texts.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.served import served
from tests.browser.tools import CHROMIUM, FLAGS
from tests.browser.visitor import TELEPHONE, visitor
from tests.gate.test_links_by_state import LOGS
from tests.support.project import NOON, REPOSITORY
from tests.support.real_site import copy_of_repository

PICTURES = REPOSITORY / "docs" / "pictures"
STATES = ("open", "quota_reached", "places_available")


def main() -> int:
    """Writes all pictures. Needs Chromium, and fonts for Japanese and Korean."""
    if not Path(CHROMIUM).exists():
        print(
            "Chromium is not installed: apt-get install chromium fonts-noto-cjk libatomic1", file=sys.stderr
        )
        return 1
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        project = copy_of_repository(Path(folder) / "site")
        with served(project.built(NOON).files) as site, visitor(browser) as one:
            one.look((720, 900))
            one.go(f"{site.address}/en/status/")
            one.page.locator(".timeline").screenshot(path=PICTURES / "timeline.png")
        for state in STATES:
            for programme in project.programmes:
                project.set_log(programme, *LOGS[state])
            with served(project.built(NOON).files) as site, visitor(browser) as one:
                one.look(TELEPHONE)
                for language in project.languages:
                    # The programme for the language's readers: the other one has no page in their language.
                    programme = "south-korea" if language == "ko" else "japan"
                    one.go(f"{site.address}/{language}/{programme}/")
                    one.page.screenshot(path=PICTURES / f"{state}-{language}.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
