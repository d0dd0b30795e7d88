"""Defines the actions of the desk (`ACTIONS`): the command of each, the states in which it is offered, and its form's fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from site_src.states import ALLOWED_STEPS, STATES_WITH_LINK, State


@dataclass(frozen=True, slots=True)
class Action:
    """An action of the desk. `word` is its name in addresses. `state` is the state that it sets.

    `state` is None if the form or the log decides the new state.
    """

    word: str
    state: State | None = None

    @property
    def possible_effects(self) -> tuple[bool, ...]:
        """Returns whether the link is shown after the action; both values if the form or the log decides this."""
        return (True, False) if self.state is None else (self.state in STATES_WITH_LINK,)

    @property
    def hides_now(self) -> bool:
        """Returns True if the action is a closing. The page and the command of a closing never wait."""
        return self.possible_effects == (False,)

    @property
    def follows_log(self) -> bool:
        """Returns True if the effect of the action depends on the log, and may therefore change as time passes."""
        return self.word in ("cancel", "undo")

    def is_offered(self, state: str | None, has_scheduled: bool) -> bool:
        """Returns True if the action is possible in this state.

        If `state` is None, the log cannot be read, and only closings are possible.
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
    """The fields of a form, all as text. `expect` is the state that the operator saw on the page."""

    state: str = ""
    moment: str = ""
    offset: str = ""
    places: str = ""
    note: str = ""
    expect: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for an action. `values` contains the fields of the query or the form."""

    language: str
    user: str
    programme: str
    action: Action
    values: Mapping[str, str]

    @property
    def wish(self) -> Wish:
        """Returns the fields that the operator filled in."""
        return Wish(**{field.name: self.values.get(field.name, "") for field in fields(Wish)})


def list_words(asked: Asked, wish: Wish) -> list[str]:
    """Returns the arguments of the command. Each option is one argument (`--note=…`), so a value may begin with a hyphen."""
    action, programme = asked.action, asked.programme
    if action.word == "cancel":
        return ["quota", "cancel", programme]
    if action.word == "undo":
        words = ["quota", "undo", programme]
    elif action.state:
        words = ["quota", "set", programme, action.state]
    else:
        moment = f"{wish.moment.replace('T', ' ')}{wish.offset}"
        words = ["quota", "set", programme, wish.state, f"--from={moment}"]
    options = {"by": asked.user, "note": wish.note, "places": wish.places, "expect": wish.expect}
    return [*words, *(f"--{name}={value}" for name, value in options.items() if value)]
