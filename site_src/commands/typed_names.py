"""Programmes and states as people type them: in any case, with hyphens or underscores.

Imports nothing slow, because a link may still be shown.
"""

from __future__ import annotations

from collections.abc import Iterable

from site_src.exit_codes import WrongUse
from site_src.problems import did_you_mean
from site_src.states import ALLOWED_STEPS, State, nearest_state


def programme_id(typed: str) -> str:
    """Returns the text as the id of a programme, such as `south-korea`. The programme may not exist."""
    return typed.lower().replace("_", "-")


def state_name(typed: str) -> str:
    """Returns the text as the name of a state, such as `quota_reached`. The state may not exist."""
    return typed.lower().replace("-", "_")


def known_programme(typed: str, programmes: Iterable[str]) -> str:
    """Returns the programme's id. Raises WrongUse if it is not one of `programmes`."""
    ids, name = frozenset(programmes), programme_id(typed)
    if name not in ids:
        raise WrongUse(f'"{typed}" is not a programme.{did_you_mean(name, ids)}')
    return name


def known_state(typed: str) -> State:
    """Returns the state. Raises WrongUse if it is not one that an event can have."""
    name = state_name(typed)
    if name not in ALLOWED_STEPS:
        raise WrongUse(f'"{typed}" is not a state that can be set.{nearest_state(name, ALLOWED_STEPS)}')
    return State(name)
