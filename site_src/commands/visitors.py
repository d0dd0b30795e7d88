"""What visitors of a published folder see now: the live release's links, unless the lease has ended."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from site_src.instants import utc_text
from site_src.publish.lease import Lease, read_lease
from site_src.publish.releases import find_live
from site_src.states import STATES_WITH_LINK, State, shown_links


@dataclass(frozen=True, slots=True)
class Visitors:
    """What visitors see.

    `states` are the states of the live release. `lease` is None if the target has no lease. `now` is in seconds since 1970.
    """

    states: Mapping[str, State]
    lease: Lease | None
    now: float

    @property
    def lease_ended(self) -> bool:
        """Returns True if the lease has ended. A web server that uses the lease then shows no link."""
        return self.lease is not None and not self.lease.is_valid(self.now)

    @property
    def misses_link(self) -> bool:
        """Returns True if an ended lease hides a link of the live release."""
        return self.lease_ended and bool(shown_links(self.states))

    def see_link(self, programme: str) -> bool:
        """Returns True if visitors see the programme's link."""
        return self.states.get(programme) in STATES_WITH_LINK and not self.lease_ended

    def describe(self, programme: str) -> str:
        """Returns a phrase for the operator, such as `visitors see the link; lease renewed 4 s ago`."""
        state = self.states.get(programme)
        if state is None:
            return "nothing of this programme is published"
        sees = f"visitors {'see the link' if self.see_link(programme) else 'do not see the link'}"
        if state not in STATES_WITH_LINK:
            return f"{sees}; published as {state}"
        return f"{sees}; {self._describe_lease()}"

    def _describe_lease(self) -> str:
        if self.lease is None:
            return "there is no lease, so nothing hides the link if no publisher runs"
        ago = f"{max(0, round(self.now - self.lease.changed))} s ago"
        if self.lease.is_held:
            return f"a command hid the link {ago} and has published nothing since"
        return f"lease ended {ago}" if self.lease_ended else f"lease renewed {ago}"

    def as_json(self, programme: str) -> dict[str, object]:
        """Returns what visitors see as JSON values. `lease` is None if there is no lease; `ends` is None if the lease has ended."""
        lease = self.lease
        described = lease and {
            "valid": not self.lease_ended,
            "held": lease.is_held,
            "changed": _utc(lease.changed),
            "ends": None if self.lease_ended else _utc(lease.until),
        }
        state = self.states.get(programme)
        return {"state": state, "linkShown": self.see_link(programme), "lease": described}


def look_at(target: Path) -> Visitors:
    """Returns what visitors of the target see. `states` is empty if the live release cannot be read. Raises OSError."""
    live = find_live(target)
    return Visitors(live.manifest.states if live else {}, read_lease(target), time.time())


def _utc(seconds: float) -> str:
    return utc_text(datetime.fromtimestamp(seconds, UTC), "seconds")
