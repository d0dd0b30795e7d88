"""The probe: after a publish, requests the public address until visitors get what was published, or until a deadline.

The probe sends the same requests as visitors, with and without gzip. Each response must have the bytes of the release. If it
differs, the gate checks whether it shows a link that must be hidden, or lacks one that must be shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from site_src.gate.expectation import Expectation
from site_src.gate.gate import find_refusals
from site_src.publish.fetch import LATE, NoAnswer, fetch
from site_src.publish.gzip_twins import is_twin
from site_src.publish.manifest import Manifest, digest

PAUSE_SECONDS, ANSWER_SECONDS = 1.0, 10.0  # between two rounds, and for one complete response
_THREADS, _POLL_SECONDS = 8, 0.1
_PAGE, _RELEASE = "index.html", "release.json"
_ENCODINGS = ("identity", "gzip")


@dataclass(frozen=True, slots=True, order=True)
class Wrong:
    """A fault of a public file. `harm` is True if the file shows a link that must be hidden, or lacks one that must be shown."""

    path: str
    message: str
    harm: bool = False


def probe(
    address: str,
    release: Manifest,
    expected: Expectation | None,
    seconds: float,
    stop: Callable[[], bool] = lambda: False,
    sample: Collection[str] | None = None,
) -> tuple[Wrong, ...]:
    """Requests files below `address` until all are right or `seconds` have passed. Returns the faults of the last round, sorted.

    Returns at most ANSWER_SECONDS late, and soon after `stop` returns True. A file without a response by then counts as failed.
    Without `expected`, only bytes are compared. With `sample`, only these paths are requested.
    """
    end = time.monotonic() + seconds
    deadline = end + ANSWER_SECONDS

    def check(path: str) -> tuple[Wrong, ...]:
        return tuple(sorted(set(_check_file(address, path, release, expected, deadline))))

    stated = (path for path in release.files if _shows_state(path, expected) and not is_twin(path))
    paths = [*(stated if sample is None else sample)]
    while True:
        wrong = _check_all(paths, check, lambda: stop() or time.monotonic() >= deadline)
        if not wrong or stop() or time.monotonic() >= end:
            return tuple(sorted(one for found in wrong.values() for one in found))
        # The next round requests only the files that were wrong.
        paths = list(wrong)
        time.sleep(PAUSE_SECONDS)


def choose_sample(release: Manifest, expected: Expectation | None, round: int) -> tuple[str, ...]:
    """Returns the paths that a repeated probe requests in this round.

    These are all programme pages in one language, which changes with `round`, one page in each other language, and
    `release.json`. Without `expected`, every page counts as a programme page.
    """
    pages: dict[str, list[str]] = {}
    for path in release.files:
        language, _, rest = path.partition("/")
        if rest.endswith(_PAGE) and language != "embed" and (expected is None or path in expected.pages):
            pages.setdefault(language, []).append(path)
    chosen = [*pages][round % len(pages)] if pages else ""
    sample = [path for language, own in pages.items() for path in (own if language == chosen else own[:1])]
    return (*sample, _RELEASE)


def _shows_state(path: str, expected: Expectation | None) -> bool:
    """Returns True if visitors or machines request this file to find out the state. Without `expected`, all pages count."""
    name = path.rpartition("/")[2]
    if path == _RELEASE or path.startswith(("api/", "embed/")) or name in ("feed.xml", "calendar.ics"):
        return True
    if expected is None:
        return name == _PAGE
    return path == _PAGE or path in expected.pages or path in expected.overviews


def _check_all(
    paths: list[str], check: Callable[[str], tuple[Wrong, ...]], is_over: Callable[[], bool]
) -> dict[str, tuple[Wrong, ...]]:
    """Checks the paths in threads, and maps each wrong one to its faults. A check that has not ended when `is_over` has failed."""
    waiting: SimpleQueue[str] = SimpleQueue()
    checked: SimpleQueue[tuple[str, tuple[Wrong, ...]]] = SimpleQueue()
    for path in paths:
        waiting.put(path)

    def work() -> None:
        with suppress(Empty):
            while not is_over():
                path = waiting.get_nowait()
                checked.put((path, check(path)))

    _start_threads(work, min(_THREADS, len(paths)))
    wrong: dict[str, tuple[Wrong, ...]] = {
        path: (Wrong(path, f"cannot be fetched ({LATE})"),) for path in paths
    }
    left = len(paths)
    while left and not is_over():
        with suppress(Empty):
            path, wrong[path] = checked.get(timeout=_POLL_SECONDS)
            left -= 1
    return {path: found for path, found in wrong.items() if found}


def _start_threads(work: Callable[[], None], number: int) -> None:
    """Starts up to `number` threads. If the system cannot start even one, does the work in this thread."""
    for started in range(number):
        try:
            # Daemon threads: at exit, Python waits for the threads of an executor, and a slow server can block those.
            Thread(target=work, daemon=True).start()
        except RuntimeError:
            if not started:
                work()
            return


def _check_file(
    address: str, path: str, release: Manifest, expected: Expectation | None, deadline: float
) -> Iterator[Wrong]:
    url = f"{address}/{path.removesuffix('index.html')}"
    for encoding in _ENCODINGS:
        try:
            answer = fetch(url, encoding, min(time.monotonic() + ANSWER_SECONDS, deadline))
        except NoAnswer as error:
            yield Wrong(path, f"cannot be fetched ({error})")
            continue
        if answer.status != 200:
            yield Wrong(path, f"the response has the status {answer.status}")
        elif digest(answer.body) != release.files[path].sha256:
            yield Wrong(
                path, f"is not the file of this release{' (compressed)' if encoding == 'gzip' else ''}"
            )
            if expected:
                # Only what the gate expects of this file, because the response contains no other file.
                for refusal in find_refusals({path: answer.body}, expected.only(path)):
                    yield Wrong(path, str(refusal).removeprefix(f"{path}: "), harm=True)
