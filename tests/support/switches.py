"""Switches repeatedly, in a separate process, so that readers and writer are different processes.

    python -m tests.support.switches FOLDER NUMBER [ADDRESS]

Each switch publishes another made-up site. With an address, the page there is requested after each switch, and must be
that of the release that is then live.
"""

from __future__ import annotations

import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.support.made_up_sites import Releases

PAGE = "en/japan/index.html"
# So many releases stay that a slow reader on a busy machine still finds the one with which it began.
KEPT = 150
_PAUSE = 0.002


def site(number: int) -> dict[str, bytes]:
    """Returns a site of a few files, made from the number. All files but one differ between numbers.

    The pages of all numbers have the same size.
    """
    page = f"<p>{number:06}</p>".encode()
    return {
        "index.html": b"<p>Always the same.</p>",
        "en/index.html": page,
        PAGE: page * 50,
        f"assets/style.{number}.css": b"",
    }


def switch_often(folder: Path, number: int, between: Callable[[int], object]) -> None:
    """Publishes `number` releases to folder/www.

    After each switch, calls the function with the count of switches before it.
    """
    releases = Releases(folder, KEPT)
    for count in range(number):
        releases.replace(site(count))
        between(count)


if __name__ == "__main__":
    folder, number, *addresses = sys.argv[1:]

    def look(count: int) -> None:
        """Requests the page, if an address was given."""
        time.sleep(_PAUSE)
        for address in addresses:
            with urllib.request.urlopen(f"{address}/{PAGE}") as answer:
                assert answer.read() == site(count)[PAGE]

    switch_often(Path(folder), int(number), look)
