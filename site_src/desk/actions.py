"""The actions of the desk (`ACTIONS`): the command that each runs, the states in which it is offered, and the fields of its
form.
"""

from __future__ import annotations

from dataclasses import dataclass

from site_src.states import ALLOWED_STEPS, STATES_WITH_LINK, State


@dataclass(frozen=True, slots=True)
class Action:
    """An action by its word in addresses. `state` is the state that the action sets, or None if the form or the log decides."""

    word: str
    state: State | None = None

    @property
    def hides_now(self) -> bool:
        """Returns True for a closing, whose page and command wait for nothing."""
        return self.state is not None and self.state not in STATES_WITH_LINK

    @property
    def follows_log(self) -> bool:
        """Returns True if the log decides what the action does, so that the passing of time may change its effect."""
        return self.word in ("cancel", "undo")

    def is_offered(self, state: str | None, has_scheduled: bool) -> bool:
        """Returns True if the action can do something in this state.

        None means that the log cannot be read; then only a closing is offered.
        """
        if state is None:
            return self.hides_now
        if self.word == "cancel":
            return has_scheduled
        if self.state is None:
            return True
        if state not in ALLOWED_STEPS:
            return self.state is not State.PLACES_AVAILABLE
        return self.state in ALLOWED_STEPS[State(state)]


ACTIONS = {
    action.word: action
    for action in (
        Action("close", State.QUOTA_REACHED),
        Action("suspend", State.SUSPENDED),
        Action("reopen", State.PLACES_AVAILABLE),
        Action("open", State.OPEN),
        Action("schedule"),
        Action("cancel"),
        Action("undo"),
    )
}


@dataclass(frozen=True, slots=True)
class Wish:
    """The fields that an operator fills in, all as text from a form. `expect` is the state that the operator saw."""

    state: str = ""
    moment: str = ""
    offset: str = ""
    places: str = ""
    note: str = ""
    expect: str = ""


def list_words(action: Action, programme: str, wish: Wish, by: str) -> list[str]:
    """Returns the words of the command. Each option is one word, so that a text that begins with a hyphen stays a value."""
    words = ["quota", action.word, programme]
    if action.word == "cancel":
        return words
    if action.state is None and action.word != "undo":
        words = [
            "quota",
            "set",
            programme,
            wish.state,
            f"--from={wish.moment.replace('T', ' ')}{wish.offset}",
        ]
    elif action.state:
        words = ["quota", "set", programme, str(action.state)]
    options = {"by": by, "note": wish.note, "places": wish.places, "expect": wish.expect}
    return [*words, *(f"--{name}={value}" for name, value in options.items() if value)]
