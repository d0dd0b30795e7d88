"""A planned change to the quota log (`Change`) with its effect on the link, and the exceptions for refused changes.

`StateFile.change` reads the new text and refuses it unless the text gives exactly the planned log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from site_src.problems import Report
from site_src.quota.event_keys import parse_quota_logs
from site_src.quota.log import Event, Log, state_at
from site_src.read.tree import MAX_BYTES
from site_src.states import STATES_WITH_LINK


class ChangeRefused(Exception):
    """Raised if a change is not allowed (exit 1). The message says what to do instead."""


class NotAsExpected(ChangeRefused):
    """Raised if the programme is not in the state that the operator expects. Nothing is changed."""


class AlreadySo(ChangeRefused):
    """Raised if the programme already has the requested state in the log. It may still have to be published."""


@dataclass(frozen=True, slots=True)
class Change:
    """A programme's log before and after a command, the instant from which the two differ, and the file's new text.

    `undone` is the past event that the command undoes, or None. An event is undone by a new event with the earlier state.
    """

    programme: str
    before: Log
    after: Log
    instant: datetime
    text: str
    undone: Event | None = None

    @property
    def link_before(self) -> bool:
        """Returns True if, without the change, the link is shown at the instant."""
        return state_at(self.before, self.instant) in STATES_WITH_LINK

    @property
    def link_after(self) -> bool:
        """Returns True if, with the change, the link is shown at the instant."""
        return state_at(self.after, self.instant) in STATES_WITH_LINK

    @property
    def added(self) -> Event | None:
        """Returns the event that the change adds, or None if it only removes one."""
        return next((event for event in self.after if event not in self.before), None)

    @property
    def cancelled(self) -> Event | None:
        """Returns the scheduled event that the change removes, or None."""
        return next((event for event in self.before if event not in self.after), None)


@dataclass(frozen=True, slots=True)
class StateFile:
    """The state file: its text and its logs. Local times in the file are in the first of `zones`.

    `before` and `after` are the parts of the file around `text`; a change leaves them as they are, even if they contain
    mistakes. Messages give each time in all of `zones`.
    """

    text: str
    logs: Mapping[str, Log]
    zones: tuple[ZoneInfo, ...]
    before: str = ""
    after: str = ""

    @property
    def zone(self) -> ZoneInfo:
        """Returns the time zone of the file's local times."""
        return self.zones[0]

    def change(
        self, programme: str, log: Log, text: str, instant: datetime, undone: Event | None = None
    ) -> Change:
        """Returns the change of the programme's log to `log`, with `text` as the new text.

        Raises ChangeRefused unless `text`, when it is read, gives exactly this log.
        """
        if self._read(text) != {**self.logs, programme: log} or len(text.encode()) > MAX_BYTES:
            if self._read(self.text) != self.logs:
                raise ChangeRefused("quota_state.yaml was changed at the same moment. Try again.")
            raise ChangeRefused(
                "quota_state.yaml is laid out in a way that this command cannot change safely. Edit it by hand."
            )
        return Change(programme, self.logs[programme], log, instant, self.before + text + self.after, undone)

    def _read(self, text: str) -> Mapping[str, Log] | None:
        return parse_quota_logs(text, frozenset(self.logs), self.zone, Report())
