"""Findings of `quota due` about the web servers that local.yaml names: requests `/release.json` and `/-/health` from each."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from site_src.commands.due_output import DueFinding
from site_src.publish.fetch import NoAnswer, fetch
from site_src.publish.manifest import Manifest

_SECONDS = 3.0
# A follower needs time to fetch and switch, so a faulty server gets this many requests, with this pause between them.
_PAUSE_SECONDS, _ROUNDS = 2.0, 3


def find_server_faults(addresses: Sequence[str], live: Manifest) -> Iterator[DueFinding]:
    """Yields a finding for each web server that does not serve the live release, or reports that it is not ready."""
    with ThreadPoolExecutor(max(len(addresses), 1)) as threads:
        for address, fault in zip(
            addresses, threads.map(lambda each: _find_fault(each, live), addresses), strict=True
        ):
            if fault:
                message = f'{address} {fault}. See docs/scaling.md, "Which server says something else?"'
                yield DueFinding("critical", "web-server", message)


def _find_fault(address: str, live: Manifest) -> str:
    """Returns what is wrong with the web server, or "" if nothing is wrong."""
    fault = ""
    for number in range(_ROUNDS):
        if number:
            time.sleep(_PAUSE_SECONDS)
        try:
            fault = _ask_release(address, live) or _ask_health(address)
        except NoAnswer as error:
            fault = f"does not answer ({error})"
        if not fault:
            return ""
    return fault


def _ask_release(address: str, live: Manifest) -> str:
    answer = fetch(f"{address}/release.json", "identity", time.monotonic() + _SECONDS)
    try:
        release = str(json.loads(answer.body)["release"]) if answer.status == 200 else ""
    except (ValueError, KeyError, TypeError):
        release = ""
    if not release:
        return f"does not report its release (status {answer.status})"
    return "" if release == live.release else f"serves a different release ({release}), not {live.name}"


def _ask_health(address: str) -> str:
    """Returns why the server is not ready, or "" if it is ready or has no `/-/health`."""
    status = fetch(f"{address}/-/health", "identity", time.monotonic() + _SECONDS).status
    return f"reports that it is not ready (curl -s {address}/-/health)" if status == 503 else ""
