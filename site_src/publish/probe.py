"""Reading the public address back: green is not live until visitors get what was published.

Asked as visitors ask, through every cache on the way, plain and packed. What comes must be the release's own bytes; where it is
not, the gate says what the wrong bytes do: still show a link that must be hidden, or lack one.

Nothing waits for the web server without end: each answer has its time, and all of them together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from threading import Thread

from site_src.gate.gate import Expectation, GateRefused, verify
from site_src.publish.asking import NoAnswer, ask
from site_src.publish.manifest import Manifest, digest

# Between two looks, and for one whole answer.
PAUSE_SECONDS, ANSWER_SECONDS = 1.0, 10.0
_AT_ONCE, _BREATH = 8, 0.1
_ENCODINGS = ("identity", "gzip")
_NOT_SEEN = "cannot be had (no whole answer in time)"


@dataclass(frozen=True, slots=True, order=True)
class Wrong:
    """What is wrong with one public file; `harm` where it says other than the truth about a link."""

    path: str
    message: str
    harm: bool = False


def probe(
    address: str,
    release: Manifest,
    expected: Expectation | None,
    seconds: float,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Wrong, ...]:
    """What `address` (the site's, without "/" at its end) does not show after so many seconds; empty as soon as all is shown.

    Returns at the latest one answer's time after these seconds, and as soon as `stop` says so; what nobody has seen until then
    is not shown. Without `expected` only bytes are compared.
    """
    end = time.monotonic() + seconds
    last = end + ANSWER_SECONDS

    def over() -> bool:
        return stop() or time.monotonic() >= last

    def look(path: str) -> tuple[Wrong, ...]:
        return tuple(sorted(set(_wrong(address, path, release, expected, last))))

    paths = [path for path in release.files if shows_state(path, expected)]
    while True:
        wrong = _looked_at(paths, look, over)
        if not wrong or stop() or time.monotonic() >= end:
            return tuple(sorted(one for what in wrong.values() for one in what))
        # Only what was wrong is asked for again.
        paths = list(wrong)
        time.sleep(PAUSE_SECONDS)


def shows_state(path: str, expected: Expectation | None) -> bool:
    """True for a published file that a visitor or a machine asks for to learn the state."""
    name = path.rpartition("/")[2]
    if path == "release.json" or path.startswith(("api/", "embed/")) or name in ("feed.xml", "calendar.ics"):
        return True
    if expected is None:
        return name == "index.html"
    if path in expected.pages:
        return True
    return name == "index.html" and (path.count("/") < 2 or path.endswith("/status/index.html"))


def _looked_at(
    paths: list[str], look: Callable[[str], tuple[Wrong, ...]], over: Callable[[], bool]
) -> dict[str, tuple[Wrong, ...]]:
    """What is wrong with each file that is not right; what nobody has seen until all is over is not."""
    waiting: SimpleQueue[str] = SimpleQueue()
    seen: SimpleQueue[tuple[str, tuple[Wrong, ...]]] = SimpleQueue()
    for path in paths:
        waiting.put(path)

    def work() -> None:
        with suppress(Empty):
            while not over():
                path = waiting.get_nowait()
                seen.put((path, look(path)))

    # Not a pool: Python waits for a pool's threads before it ends, and these may hang.
    for _ in range(min(_AT_ONCE, len(paths))):
        Thread(target=work, daemon=True).start()
    wrong: dict[str, tuple[Wrong, ...]] = {path: (Wrong(path, _NOT_SEEN),) for path in paths}
    left = len(paths)
    while left and not over():
        with suppress(Empty):
            path, found = seen.get(timeout=_BREATH)
            wrong[path] = found
            left -= 1
    return {path: what for path, what in wrong.items() if what}


def _wrong(
    address: str, path: str, release: Manifest, expected: Expectation | None, last: float
) -> Iterator[Wrong]:
    place = path.removesuffix("index.html")
    for encoding in _ENCODINGS:
        try:
            answer = ask(f"{address}/{place}", encoding, min(time.monotonic() + ANSWER_SECONDS, last))
        except NoAnswer as error:
            yield Wrong(path, f"cannot be had ({error})")
            continue
        if answer.status != 200:
            yield Wrong(path, f"is answered with status {answer.status}")
        elif digest(answer.body) != release.files[path].sha256:
            yield Wrong(path, f"is not the file of this release{' (packed)' if encoding == 'gzip' else ''}")
            if expected:
                yield from _harm(path, answer.body, expected)


def _harm(path: str, body: bytes, expected: Expectation) -> Iterator[Wrong]:
    # What is demanded of other files is none of this one's faults.
    pages = {path: expected.pages[path]} if path in expected.pages else {}
    resources = {path: expected.resources[path]} if path in expected.resources else {}
    try:
        verify({path: body}, replace(expected, pages=pages, resources=resources))
    except GateRefused as error:
        for refusal in error.refusals:
            yield Wrong(path, str(refusal).removeprefix(f"{path}: "), harm=True)
