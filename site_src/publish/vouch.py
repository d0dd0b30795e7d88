"""`Vouch`: the states that an attempt to publish confirms. While the live release has them, the lease may be renewed.

The states follow from the log, and are valid until the next event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from site_src.publish.manifest import digest_of_all
from site_src.publish.publication import Plan
from site_src.publish.releases import Release
from site_src.quota.log import Log, next_event
from site_src.states import STATES_WITH_LINK, State


@dataclass(frozen=True, slots=True)
class Vouch:
    """The states that a publisher confirms, and the releases for which it can do so.

    It is valid while the bytes of the log are `log`, from `begins` until `ends` (the next event). `hides` is the moment of the
    first scheduled event that hides a link. All moments are in seconds since 1970. `content` is the digest of the publisher's
    content, and `releases` contains the names of the releases that it has found live or made.
    """

    log: bytes
    states: Mapping[str, State]
    content: str
    releases: frozenset[str]
    begins: float
    ends: float
    hides: float

    def holds(self, log: bytes, now: float) -> bool:
        """Returns True if the states follow from the log with the bytes `log` at `now` (seconds since 1970).

        Tolerates a clock that was set back by one second.
        """
        return self.log == log and self.begins - 1 <= now < self.ends

    def covers(self, live: Release) -> bool:
        """Returns True if `live` has these states, and is one of `releases` or has the publisher's content."""
        known = live.name in self.releases or digest_of_all(live.manifest.inputs) == self.content
        return known and live.manifest.states == self.states


def vouch_for(plan: Plan, live: Release | None) -> Vouch:
    """Returns the states that the plan confirms. `live` is the release that the publisher has found live."""
    logs = plan.source.inputs.logs.values()
    nexts = (next_event(events, plan.instant) for events in logs)
    return Vouch(
        log=plan.source.log,
        states={id: status.state for id, status in plan.draft.site.programmes.items()},
        content=digest_of_all(plan.source.entries),
        releases=frozenset({live.name} if live else ()),
        begins=plan.instant.timestamp(),
        ends=min((event.starts.timestamp() for event in nexts if event), default=float("inf")),
        hides=min(
            (moment for events in logs for moment in _closings(events, plan.instant)), default=float("inf")
        ),
    )


def _closings(log: Log, after: datetime) -> Iterator[float]:
    """Yields the moments after `after` (seconds since 1970) at which the log hides a shown link."""
    for before, event in pairwise(log):
        hides = before.state in STATES_WITH_LINK and event.state not in STATES_WITH_LINK
        if hides and event.starts > after:
            yield event.starts.timestamp()
