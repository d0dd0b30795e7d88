"""Reads the situation that the desk shows: each programme's state, events and log version (`Card`), and what visitors see."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from site_src.desk.commands import Commands
from site_src.desk.visits import Visitor, Visits
from site_src.local_file import is_bucket


@dataclass(frozen=True, slots=True)
class Card:
    """A programme on the desk. `status` comes from `quota show --json`, and `events` from `quota history --json`.

    Both are None if the programme's log cannot be read.
    """

    id: str
    status: Mapping[str, Any] | None
    events: tuple[Mapping[str, Any], ...] | None

    @property
    def state(self) -> str | None:
        """Returns the present state according to the log."""
        return str(self.status["state"]) if self.status else None

    @property
    def zones(self) -> list[str]:
        """Returns the time zones in which moments are shown, the site's first."""
        return list(self.status["timeZones"]) if self.status else ["Europe/Amsterdam"]

    @property
    def scheduled(self) -> Mapping[str, Any] | None:
        """Returns the next scheduled event (`state` and `from`), or None."""
        return self.status["nextScheduledChange"] if self.status else None

    @property
    def version(self) -> str:
        """Returns a digest of the programme's log. It differs after every change to the log."""
        return hashlib.sha256(json.dumps(self.events).encode()).hexdigest()[:32]

    @property
    def last_by(self) -> str:
        """Returns the `by` of the last event that has started; "" if it has none."""
        begun = [event for event in self.events or () if not self._is_ahead(event)]
        return str(begun[-1]["by"] or "") if begun else ""

    def _is_ahead(self, event: Mapping[str, Any]) -> bool:
        return self.scheduled is not None and event["from"] >= self.scheduled["from"]

    def name(self, language: str) -> str:
        """Returns the programme's name in the language or, if it has none, in the default language.

        If the log cannot be read, returns the id in words.
        """
        if not self.status:
            return self.id.replace("-", " ").title()
        return str(self.status["names"].get(language) or self.status["name"])


@dataclass(frozen=True, slots=True)
class Situation:
    """The situation of all programmes. `lines` contains what the commands printed about mistakes.

    `visits` is None if no public address is configured. `is_target_unread` is True if the log could be read, but not the target.
    """

    instant: str | None
    cards: Mapping[str, Card]
    visits: Visits | None
    lines: tuple[str, ...]
    is_target_unread: bool = False

    @property
    def is_log_broken(self) -> bool:
        """Returns True if the log of at least one programme cannot be read."""
        return any(card.status is None for card in self.cards.values())


class Observer:
    """Reads the situation: the log and the live release at `target` with the project's commands, and the public address."""

    def __init__(self, commands: Commands, target: str, visitor: Visitor | None) -> None:
        self._commands, self._target, self._visitor = commands, target, visitor

    def read_log(self, with_events: bool = True) -> Situation:
        """Returns the situation according to the log. Reads the events only if `with_events` is True."""
        return self._read_cards(None, with_events)

    def read(self, age: float) -> Situation:
        """Returns the complete situation. What it says about the public address is at most `age` seconds old."""
        with ThreadPoolExecutor(1) as threads:
            visits = threads.submit(self._visitor.visit, age) if self._visitor else None
            known = self._read_cards(self._target, with_events=True)
            return replace(known, visits=visits.result() if visits else None)

    def _read_cards(self, target: str | None, with_events: bool) -> Situation:
        is_there = target is not None and (is_bucket(target) or Path(target).is_dir())
        show, look = ("quota", "show", "--json"), self._commands.look
        with ThreadPoolExecutor(2) as threads:
            history = threads.submit(look, "quota", "history", "--json") if with_events else None
            shown = look(*show, *([f"--published={target}"] if is_there else []))
            lines, is_target_unread = shown.lines, False
            if is_there and not shown.data:
                # The state in the log is shown even if the store does not answer.
                shown = look(*show)
                is_target_unread = bool(shown.data)
                lines = tuple(dict.fromkeys((*lines, *shown.lines)))
            events = history.result().data if history else None
        programmes = {one["id"]: one for one in shown.data["programmes"]} if shown.data else {}
        # Includes a programme whose log cannot be read, so that it can be closed.
        cards = {
            id: Card(id, programmes.get(id), tuple(events[id]) if events and id in events else None)
            for id in sorted(programmes.keys() | self._commands.list_programmes())
        }
        instant = shown.data["instant"] if shown.data else None
        return Situation(instant, cards, None, lines, is_target_unread)
