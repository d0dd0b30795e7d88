"""The metrics for a monitor, `metrics.prom`: states, lease, release and heartbeat in the text format that Prometheus and
OpenMetrics share.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from site_src.publish.lease import read_lease
from site_src.publish.manifest import ManifestBroken
from site_src.publish.releases import Release, live_release, release_folders
from site_src.states import STATES_WITH_LINK, State

METRICS = "metrics.prom"
Sample = tuple[Mapping[str, str], float]


class Metrics:
    """The metrics of a target. Reads the manifest of each live release only once."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._live: Release | None = None

    def describe(self, beat: Mapping[str, Any]) -> str:
        """Returns the text of `metrics.prom`. `beat` is the heartbeat. Leaves out a metric whose value is not known."""
        if self._live is None or self._live.name != beat["release"]:
            self._live = self._read_live()
        return "".join(_metric(*metric) for metric in self._metrics(beat)) + "# EOF\n"

    def _read_live(self) -> Release | None:
        try:
            return live_release(self._target)
        except ManifestBroken:
            return None

    def _metrics(self, beat: Mapping[str, Any]) -> Iterator[tuple[str, str, Iterable[Sample]]]:
        states = self._live.manifest.states if self._live else {}
        yield (
            "quotabord_state",
            "1 for the state that a programme has in the live release, 0 for every other state.",
            [
                ({"programme": id, "state": state}, float(state == states[id]))
                for id in sorted(states)
                for state in State
            ],
        )
        yield (
            "quotabord_link_shown",
            "1 if the live release shows the link of the programme; the lease may hide it.",
            [({"programme": id}, float(states[id] in STATES_WITH_LINK)) for id in sorted(states)],
        )
        with suppress(OSError):
            if lease := read_lease(self._target):
                yield (
                    "quotabord_lease_seconds",
                    "How many seconds the web server still shows links; negative if it hides them.",
                    [({}, round(lease.until - time.time()))],
                )
        if self._live:
            yield "quotabord_release", "The number of the live release.", [({}, self._live.number)]
            yield (
                "quotabord_release_timestamp_seconds",
                "The instant that the live release was built for.",
                [({}, round(self._live.manifest.instant.timestamp()))],
            )
        releases = len(release_folders(self._target))
        yield "quotabord_releases", "How many releases are kept.", [({}, releases)]
        if beat["shown"] is not None:
            yield (
                "quotabord_probe_shown",
                "1 if the public address shows the live release.",
                [({}, float(beat["shown"]))],
            )
        yield (
            "quotabord_trouble",
            "1 while the publisher reports a problem.",
            [({}, float(bool(beat["trouble"])))],
        )
        heartbeat = datetime.fromisoformat(beat["time"]).timestamp()
        yield (
            "quotabord_heartbeat_timestamp_seconds",
            "When the publisher wrote these numbers.",
            [({}, round(heartbeat))],
        )


def _metric(name: str, meaning: str, samples: Iterable[Sample]) -> str:
    """Returns the lines of one gauge. Ids and states contain no character that must be escaped in a label."""
    lines = [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]
    for labels, value in samples:
        shown = ",".join(f'{key}="{text}"' for key, text in labels.items())
        lines.append(f"{name}{{{shown}}} {value:.0f}" if shown else f"{name} {value:.0f}")
    return "\n".join(lines) + "\n"
