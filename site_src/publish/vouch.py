"""`Vouch`: the states for which one attempt to publish allows the lease to be renewed.

They follow from its log, until the next event.
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
    """The states that a publisher would publish now, and the releases whose content it knows.

    It is valid while the log's bytes are `log`, from `begins` to `ends` (the next event). `hides` is the moment of the first
    scheduled event that hides a link. All moments are in seconds since 1970. `content` is the digest of its content.
    """

    log: bytes
    states: Mapping[str, State]
    content: str
    releases: frozenset[str]
    begins: float
    ends: float
    hides: float

    def holds(self, log: bytes, now: float) -> bool:
        """Returns True while the states follow from this log at `now` (seconds since 1970).

        Allows a clock that was set back by one second.
        """
        return self.log == log and self.begins - 1 <= now < self.ends

    def covers(self, live: Release) -> bool:
        """Returns True for a release with these states that the publisher found live, has made, or that has its content."""
        known = live.name in self.releases or digest_of_all(live.manifest.inputs) == self.content
        return known and live.manifest.states == self.states


def hides_link(shown: Mapping[str, State], states: Mapping[str, State]) -> bool:
    """Returns True if a programme has its link shown in `shown`, but not in `states`."""
    return any(
        state in STATES_WITH_LINK and states.get(id) not in STATES_WITH_LINK for id, state in shown.items()
    )


def vouch_for(plan: Plan, live: Release | None) -> Vouch:
    """Returns what the plan vouches for. `live` is the release that its publisher found live."""
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
    """Returns the moments (seconds since 1970) after `after` at which a shown link is hidden."""
    for before, event in pairwise(log):
        hides = before.state in STATES_WITH_LINK and event.state not in STATES_WITH_LINK
        if hides and event.starts > after:
            yield event.starts.timestamp()
