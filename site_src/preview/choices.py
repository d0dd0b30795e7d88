"""Parses and writes the states and the moment that a preview shows: the first folder of its address, as in `/~japan.open/en/`.

Because the choice is in the address, every link on a page keeps it without cookies, and two tabs can show two states.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from site_src.instants import parse_instant
from site_src.states import State

_MOMENT = "at"
_PART = re.compile(r"([a-z0-9-]+)\.([A-Za-z0-9_.+-]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Choice:
    """States by programme, and a moment as typed, in local time (`2026-04-01 11:42`). An empty choice shows the present."""

    states: Mapping[str, State] = field(default_factory=lambda: MappingProxyType({}))
    moment: str = ""

    @property
    def folder(self) -> str:
        """Returns the folder of the choice, such as `/~japan.open`, or "" for an empty choice."""
        parts = [f"{id}.{state}" for id, state in sorted(self.states.items())]
        if self.moment:
            parts.append(f"{_MOMENT}.{self.moment.replace(' ', 'T').replace(':', '.')}")
        return f"/~{'~'.join(parts)}" if parts else ""

    def instant(self, zone: ZoneInfo) -> datetime | None:
        """Returns the chosen moment in UTC (aware), or None if no moment is chosen. `zone` is the zone of the typed moment.

        Raises ValueError, with a message for the editor, for an invalid moment.
        """
        return parse_instant(self.moment, zone) if self.moment else None

    def with_state(self, programme: str, state: State | None) -> Choice:
        """Returns this choice with a different state for one programme. None restores the real state of the programme."""
        states = {id: known for id, known in self.states.items() if id != programme}
        return replace(self, states=MappingProxyType(states | ({programme: state} if state else {})))


def split_choice(path: str) -> tuple[Choice, str]:
    """Splits the path of an address into the choice and the rest. Raises ValueError, with a message, for an invalid choice."""
    if not path.startswith("/~"):
        return Choice(), path
    folder, _, rest = path.removeprefix("/~").partition("/")
    states: dict[str, State] = {}
    moment = ""
    for part in folder.split("~"):
        match = _PART.fullmatch(part)
        if match and match[1] == _MOMENT:
            day, _, time = match[2].partition("T")
            moment = f"{day} {time.replace('.', ':')}"
        elif match and match[2] in list(State):
            states[match[1]] = State(match[2])
        else:
            raise ValueError(
                f'"{part}" is not a choice. Write programme.state, such as japan.open, or at.2026-04-01T11.42.'
            )
    return Choice(MappingProxyType(states), moment), f"/{rest}"
