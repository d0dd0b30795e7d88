"""Reading the public address back: green is not live until visitors get what was published.

Asked as visitors ask, through every cache on the way, plain and packed. What comes must be the release's own bytes; where it is
not, the gate says what the wrong bytes do: still show a link that must be hidden, or lack one.
"""

from __future__ import annotations

import gzip
import http.client
import time
import urllib.request
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Event
from urllib.error import HTTPError

from site_src.gate import Expectation, GateRefused, verify
from site_src.manifest import Manifest, digest

# Between two looks, for one answer, and the largest answer that is read.
PAUSE_SECONDS, ANSWER_SECONDS, MAX_ANSWER = 1.0, 10.0, 8 * 1024 * 1024
_AT_ONCE = 8
_ENCODINGS = ("identity", "gzip")


@dataclass(frozen=True, slots=True, order=True)
class Wrong:
    """What is wrong with one public file; `harm` where it says other than the truth about a link."""

    path: str
    message: str
    harm: bool = False


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes


def probe(
    address: str, release: Manifest, expected: Expectation, seconds: float, stop: Event | None = None
) -> tuple[Wrong, ...]:
    """What `address` (the site's, without "/" at its end) does not show after so many seconds; empty as soon as all is shown.

    Returns early, with what was wrong until then, when `stop` is set.
    """
    stop = stop or Event()
    end = time.monotonic() + seconds
    paths = [path for path in release.files if shows_state(path, expected)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while True:
            found = list(pool.map(lambda path: tuple(_wrong(address, path, release, expected)), paths))
            wrong = {path: what for path, what in zip(paths, found, strict=True) if what}
            if not wrong or stop.is_set() or time.monotonic() >= end:
                return tuple(sorted({one for what in wrong.values() for one in what}))
            # Only what was wrong is asked for again.
            paths = list(wrong)
            stop.wait(PAUSE_SECONDS)


def shows_state(path: str, expected: Expectation) -> bool:
    """True for a published file that a visitor or a machine asks for to learn the state."""
    if path in expected.pages or path in ("index.html", "release.json"):
        return True
    name = path.rpartition("/")[2]
    if name == "index.html":
        return path.count("/") == 1 or path.endswith("/status/index.html")
    return path.startswith(("api/", "embed/")) or name in ("feed.xml", "calendar.ics")


def _wrong(address: str, path: str, release: Manifest, expected: Expectation) -> Iterator[Wrong]:
    place = path.removesuffix("index.html")
    for encoding in _ENCODINGS:
        try:
            answer = _ask(f"{address}/{place}", encoding)
        except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
            yield Wrong(path, f"cannot be had ({error})")
            continue
        if answer.status != 200:
            yield Wrong(path, f"is answered with status {answer.status}")
        elif digest(answer.body) != release.files[path].sha256:
            yield from _difference(path, answer.body, encoding, expected)


def _difference(path: str, body: bytes, encoding: str, expected: Expectation) -> Iterator[Wrong]:
    yield Wrong(path, f"is not the file of this release{' (packed)' if encoding == 'gzip' else ''}")
    pages = {path: expected.pages[path]} if path in expected.pages else {}
    try:
        verify({path: body}, replace(expected, pages=pages))
    except GateRefused as error:
        for refusal in error.refusals:
            yield Wrong(path, str(refusal).removeprefix(f"{path}: "), harm=True)


def _ask(address: str, encoding: str) -> _Answer:
    request = urllib.request.Request(  # noqa: S310 -- the command accepts http and https only
        address, headers={"Accept-Encoding": encoding, "User-Agent": "quotabord-probe"}
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            body = answer.read(MAX_ANSWER)
            packed = answer.headers.get("Content-Encoding", "").lower() == "gzip"
            return _Answer(answer.status, gzip.decompress(body) if packed else body)
    except HTTPError as error:
        error.close()
        return _Answer(error.code, b"")
