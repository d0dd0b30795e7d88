"""The metrics for a monitor, `metrics.prom`: states, lease, release and heartbeat in the text format that Prometheus and
OpenMetrics share.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from site_src.publish.lease import read_lease
from site_src.publish.releases import Release, find_live, release_folders
from site_src.states import STATES_WITH_LINK, State

METRICS = "metrics.prom"
_STATE = "1 for the state that a programme has in the live release, 0 for every other state."
_LINK_SHOWN = "1 if the live release shows the link of the programme; the lease may hide it."
_LEASE = "How many seconds the web server still shows links; negative if it hides them."
Sample = tuple[Mapping[str, str], float]


class Metrics:
    """The metrics of a target. Reads the manifest of each live release only once."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._live: Release | None = None

    def describe(self, beat: Mapping[str, Any]) -> str:
        """Returns the text of `metrics.prom`. `beat` is the heartbeat. Leaves out a metric whose value is not known."""
        if self._live is None or self._live.name != beat["release"]:
            self._live = find_live(self._target)
        lines = [*self._describe_release(), *self._describe_target(), *_describe_beat(beat)]
        return "\n".join([*lines, "# EOF\n"])

    def _describe_release(self) -> Iterator[str]:
        live = self._live
        states = live.manifest.states if live else {}
        pairs = [(id, state) for id in sorted(states) for state in State]
        by_state = [({"programme": id, "state": state}, state == states[id]) for id, state in pairs]
        yield from _gauge("state", _STATE, *by_state)
        links = [({"programme": id}, states[id] in STATES_WITH_LINK) for id in sorted(states)]
        yield from _gauge("link_shown", _LINK_SHOWN, *links)
        if live:
            yield from _gauge("release", "The number of the live release.", ({}, live.number))
            built_for = live.manifest.instant.timestamp()
            meaning = "The instant that the live release was built for."
            yield from _gauge("release_timestamp_seconds", meaning, ({}, round(built_for)))

    def _describe_target(self) -> Iterator[str]:
        with suppress(OSError):
            if lease := read_lease(self._target):
                yield from _gauge("lease_seconds", _LEASE, ({}, round(lease.until - time.time())))
        releases = len(release_folders(self._target))
        yield from _gauge("releases", "How many releases are kept.", ({}, releases))


def _describe_beat(beat: Mapping[str, Any]) -> Iterator[str]:
    if beat["shown"] is not None:
        yield from _gauge(
            "probe_shown", "1 if the public address shows the live release.", ({}, beat["shown"])
        )
    yield from _gauge("trouble", "1 while the publisher reports a problem.", ({}, bool(beat["trouble"])))
    written = datetime.fromisoformat(beat["time"]).timestamp()
    meaning = "When the publisher wrote these numbers."
    yield from _gauge("heartbeat_timestamp_seconds", meaning, ({}, round(written)))


def _gauge(name: str, meaning: str, *samples: Sample) -> Iterator[str]:
    """Yields the lines of one gauge. Ids and states contain no character that must be escaped in a label."""
    yield f"# HELP quotabord_{name} {meaning}"
    yield f"# TYPE quotabord_{name} gauge"
    for labels, value in samples:
        shown = ",".join(f'{key}="{text}"' for key, text in labels.items())
        yield f"quotabord_{name}{f'{{{shown}}}' if shown else ''} {value:.0f}"
