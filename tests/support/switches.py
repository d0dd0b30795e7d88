"""One switch after the other, by a publisher that stays; a process of its own, so that readers are others than the writer.

    python -m tests.support.switches PROJECT TARGET NUMBER [ADDRESS]

Each switch is a new title, and each tenth also the other state of Japan. With an address, the page there is asked for after each
switch, and must be that of the release which is live by then.
"""

from __future__ import annotations

import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

from site_src.publish.manifest import digest
from site_src.publish.publisher import Publisher
from tests.support.project import Project
from tests.support.published import JAPAN_PAGE, Target

PAGE = "content/en/japan.md"
KEPT = 20  # as many as by themselves: a reader who has to wait for a busy machine still finds the release that he began with


def switch_often(target: Target, number: int, between: Callable[[], object]) -> None:
    """Publishes that often, from a log in which Japan is open, and does something after each switch."""
    publisher = Publisher(target.project.root, target.folder, "test", keep=KEPT)
    page = (target.project.root / PAGE).read_text(encoding="utf-8")
    events = ["open 2020-01-01 00:00"]
    for count in range(number):
        if count % 10 == 9:
            state = ("quota_reached", "open")[len(events) % 2 - 1]
            events.append(f"{state} 2020-01-01 00:{len(events):02d}")
            target.project.set_log("japan", *events)
        target.project.write(PAGE, page.replace("title: ", f"title: {count} ", 1))
        assert publisher.publish().switched
        between()


def page_is_live(target: Target, address: str) -> None:
    """Fails if the address answers with another page than that of the live release."""
    with urllib.request.urlopen(f"{address}/{JAPAN_PAGE}") as answer:
        body = answer.read()
    assert digest(body) == target.manifest.files[JAPAN_PAGE].sha256


if __name__ == "__main__":
    root, folder, number, *addresses = sys.argv[1:]
    target = Target(Project(Path(root)), Path(folder))

    def look() -> None:
        """Asks for the page, if an address was given."""
        for address in addresses:
            page_is_live(target, address)

    switch_often(target, int(number), look)
