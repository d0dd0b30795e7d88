"""The quota states of a programme, the allowed steps between them, which of them show the link, and synonyms that people type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from site_src.problems import did_you_mean


class State(StrEnum):
    """The quota states of a programme.

    Two states are never written in the log. `upcoming` is the state before the first event. `unconfirmed` is the state
    in the hidden tree of a release, which web servers show after the lease has ended.
    """

    UPCOMING = "upcoming"
    OPEN = "open"
    QUOTA_REACHED = "quota_reached"
    PLACES_AVAILABLE = "places_available"
    SUSPENDED = "suspended"
    UNCONFIRMED = "unconfirmed"


# Other words that people type for a state.
_OTHER_WORDS = {
    State.OPEN: "opened opening started".split(),
    State.QUOTA_REACHED: "closed close full reached quota quota_full sold_out ended".split(),
    State.PLACES_AVAILABLE: "available places reopened reopen re-opened".split(),
    State.SUSPENDED: "paused stopped on_hold halted".split(),
}


def nearest_state(word: str, states: Iterable[str]) -> str:
    """Suggests the state for which `word` is a synonym or a misspelling: ` Did you mean "…"?`. If there is none, lists `states`."""
    name = word.strip().lower().replace(" ", "_").replace("-", "_")
    meant = [state for state, words in _OTHER_WORDS.items() if name in words and state in states]
    return f' Did you mean "{meant[0]}"?' if meant else did_you_mean(word, states)


ALLOWED_STEPS: Mapping[State, frozenset[State]] = {
    State.OPEN: frozenset({State.QUOTA_REACHED, State.SUSPENDED}),
    State.QUOTA_REACHED: frozenset({State.PLACES_AVAILABLE, State.OPEN, State.SUSPENDED}),
    State.PLACES_AVAILABLE: frozenset({State.QUOTA_REACHED, State.OPEN, State.SUSPENDED}),
    State.SUSPENDED: frozenset({State.OPEN, State.PLACES_AVAILABLE, State.QUOTA_REACHED}),
}

# An allow-list: any other state, including a new one, hides the link.
STATES_WITH_LINK = frozenset({State.OPEN, State.PLACES_AVAILABLE})


def shown_links(states: Mapping[str, State]) -> frozenset[str]:
    """Returns the programmes whose link is shown. `states` maps programmes to states."""
    return frozenset(id for id, state in states.items() if state in STATES_WITH_LINK)


def hides_link(shown: Mapping[str, State], states: Mapping[str, State]) -> bool:
    """Returns True if `states` hides a link that `shown` shows. Both map programmes to states."""
    return not shown_links(shown) <= shown_links(states)
