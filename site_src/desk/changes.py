"""Finds the `Effect` of a change (with `quota … --dry-run`), and carries the change out with the same command."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from site_src.desk.actions import Asked, Wish, list_words
from site_src.desk.commands import Commands, Ran
from site_src.desk.roles import DeskOptions
from site_src.desk.situation import Card
from site_src.exit_codes import CONTENT_PENDING, DONE, GATE_REFUSED, NOT_SHOWN, PROBLEMS, WRONG_USE
from site_src.states import ALLOWED_STEPS

# Shorter than the time that a reverse proxy waits for a response.
_PROBE_SECONDS = 10
_KEYS: dict[int | None, str] = {
    CONTENT_PENDING: "result_pending",
    NOT_SHOWN: "result_not_shown",
    GATE_REFUSED: "result_gate",
    WRONG_USE: "result_wrong",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a change: the states before and after it, and whether the link is shown before and after it.

    `before` is None if the log cannot be read. `instant` is when the change takes effect; None means at once. `taken_back`
    is the event that the change removes or undoes, or None.
    """

    before: str | None
    after: str
    link_before: bool | None
    link_after: bool
    instant: str | None = None
    taken_back: Mapping[str, Any] | None = None

    @property
    def promise(self) -> str:
        """Returns a digest of `taken_back`, `after` and `link_after`. It is compared when the change is confirmed."""
        promised = [self.taken_back, self.after, self.link_after]
        return hashlib.sha256(json.dumps(promised, sort_keys=True).encode()).hexdigest()[:32]

    @property
    def key(self) -> str:
        """Returns the key in `words` of what happens to the link."""
        if self.link_before is None:
            return "link_if_shown"
        if self.link_before == self.link_after:
            return "link_stays_shown" if self.link_after else "link_stays_hidden"
        return "link_appears" if self.link_after else "link_disappears"


class Changer:
    """Finds the effects of changes, and carries changes out.

    Hold `lock` during a change that depends on the log, so that such changes are made one at a time. A closing does not need it.
    """

    def __init__(self, options: DeskOptions, commands: Commands) -> None:
        self._options, self._commands = options, commands
        self.lock = Lock()

    def foresee(self, card: Card, asked: Asked, wish: Wish) -> tuple[Effect | None, tuple[str, ...]]:
        """Returns the effect of a change, or None and the messages of the command that refuses it.

        For a closing, runs no command, because its effect follows from the card.
        """
        action = asked.action
        if action.state and action.hides_now:
            shown = bool(card.status["linkShown"]) if card.status else None
            return Effect(card.state, str(action.state), shown, link_after=False), ()
        ran = self._commands.look(*list_words(asked, wish), "--dry-run", "--json")
        if ran.code != DONE or not ran.data:
            return None, ran.lines
        before, after = ran.data["before"], ran.data["after"]
        is_later = action.word in ("schedule", "cancel") or not ran.data["added"]
        return Effect(
            before["state"],
            after["state"],
            before["linkShown"],
            after["linkShown"],
            ran.data["from"] if is_later else None,
            ran.data["takenBack"],
        ), ()

    def carry_out(self, asked: Asked) -> Ran:
        """Runs the command, which changes the log, publishes, and probes the public address. Returns the command's result."""
        words = list_words(asked, asked.wish)
        words += ["--yes", "--json", f"--publish={self._options.target}"]
        if self._options.probe:
            words += [f"--probe={self._options.probe}", f"--probe-for={_PROBE_SECONDS}"]
        return self._commands.change(*words)


def note_seen(card: Card, asked: Asked) -> Wish:
    """Returns the fields of the form with `expect` set to the state that the operator sees.

    For `schedule` and `cancel`, `expect` is empty, because other events may come before the scheduled one.
    """
    is_checked = asked.action.word not in ("schedule", "cancel") and card.state in ALLOWED_STEPS
    return replace(asked.wish, expect=(card.state or "") if is_checked else "")


def find_result(ran: Ran, asked: Asked, card: Card) -> str:
    """Returns the key in `words` of the result of a change. `card` is the programme after the change."""
    if ran.code == DONE:
        if ran.data is None:  # Nothing was written, because another command had made the change.
            return "result_same"
        return "result_scheduled" if asked.action.word == "schedule" else "result_done"
    if ran.code == PROBLEMS:
        if ran.data is not None:
            return "result_written_only"
        expected = asked.wish.expect
        is_other = card.state and expected and card.state != expected
        return "result_other" if is_other else "result_refused"
    return _KEYS.get(ran.code, "result_unknown")
