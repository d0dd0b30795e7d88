"""Requests the public address as a visitor does, so that the desk can show what visitors see, and keeps the result for a few
seconds.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from site_src.publish.fetch import NoAnswer, fetch

AGE_SECONDS, ANSWER_SECONDS = 5.0, 3.0
_PROGRAMMES = "/api/v1/programmes.json"


@dataclass(frozen=True, slots=True)
class Visit:
    """What a programme's public page shows: the state in its notice, and whether it has the link."""

    state: str
    link_shown: bool


@dataclass(frozen=True, slots=True)
class Visits:
    """The result of a visit to the public address. `at` is when the visit ended (seconds since 1970).

    `seen` maps each programme to what its page shows. `reason` says why a programme is missing from `seen`.
    """

    at: float
    seen: Mapping[str, Visit] = field(default_factory=dict)
    reason: str = ""

    @property
    def age(self) -> int:
        """Returns how many seconds ago the visit ended, rounded."""
        return max(0, round(time.time() - self.at))


class Visitor:
    """Visits the public address. Threads can share it."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        self._lock = threading.Lock()
        self._last = Visits(0)

    def visit(self, age: float = AGE_SECONDS) -> Visits:
        """Returns a result that is at most `age` seconds old."""
        asked = time.time()
        with self._lock:
            # A thread that had to wait for the lock uses the result of the other thread.
            if self._last.at < asked - age:
                self._last = self._visit_all()
            return self._last

    def _visit_all(self) -> Visits:
        try:
            body = self._get(_PROGRAMMES)
            pages = {one["id"]: _find_path(one["pages"]) for one in json.loads(body)["programmes"]}
        except (NoAnswer, ValueError, KeyError, TypeError, AttributeError) as error:
            reason = str(error) if isinstance(error, NoAnswer) else f"{_PROGRAMMES} has an unknown format"
            return Visits(time.time(), reason=reason)
        seen, reasons = {}, []
        with ThreadPoolExecutor(4) as threads:
            answers = {id: threads.submit(self._look, id, path) for id, path in pages.items()}
        for id, answer in answers.items():
            try:
                seen[id] = answer.result()
            except NoAnswer as error:
                reasons.append(str(error))
        return Visits(time.time(), seen, "; ".join(dict.fromkeys(reasons)))

    def _look(self, programme: str, path: str) -> Visit:
        page = self._get(path).decode("utf-8", "replace")
        own = f'data-programme="{programme}"'
        notice = re.search(
            rf'<section class="quota-notice"[^>]* {re.escape(own)} data-state="([a-z_]+)"', page
        )
        if not notice:
            raise NoAnswer(f"{path} has no notice")
        return Visit(notice[1], f'<a class="conversation-starter" {own}' in page)

    def _get(self, path: str) -> bytes:
        answer = fetch(self._address + path, "identity", time.monotonic() + ANSWER_SECONDS)
        if answer.status != 200:
            raise NoAnswer(f"the response for {path} has the status {answer.status}")
        return answer.body


def _find_path(pages: Mapping[str, str]) -> str:
    """Returns the path of the first page, such as `/en/japan/`. Leaves out the folder of the site's own address, if there is one."""
    language, address = next(iter(pages.items()))
    path = urlsplit(address).path
    return path[path.index(f"/{language}/") :]
