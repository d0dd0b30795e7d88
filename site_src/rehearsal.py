"""What would be published in states that have not come yet: nothing may stand in the way when they do.

A notice, a label or an address that only one state shows would otherwise be refused by the gate for the first time on
the opening or the closing day. A rehearsal builds the site in each state, through the same steps and the same gate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from site_src.builder import Builder
from site_src.check.inputs import Inputs
from site_src.gate.gate import GateRefused, Refusal
from site_src.instants import LAST_YEAR, Moment
from site_src.quota.log import assumed
from site_src.site.model import Look
from site_src.states import State

# Behind every registration period: the pages say that no date is known.
_NO_PERIOD_KNOWN = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)


def rehearse(builder: Builder, inputs: Inputs, instant: datetime) -> None:
    """Returns if the site may be published in every state, today and with no period known; raises GateRefused.

    Every programme in the same state, for each state; then, for each two programmes, one of them closed while the other is open. `unconfirmed`
    is rehearsed as the hidden tree, which is where it is shown.
    """
    refusals: list[Refusal] = []
    for name, states, moment in list_situations(inputs, instant):
        hidden = State.UNCONFIRMED in states.values()
        logs = {id: log if hidden else assumed(log, states[id], moment) for id, log in inputs.logs.items()}
        try:
            judged = replace(inputs, logs=logs, content_judged=True)
            builder.build(judged, Moment(moment), Look(is_hidden=hidden))
        except GateRefused as error:
            refusals += [replace(refusal, message=f"{name}: {refusal.message}") for refusal in error.refusals]
    if refusals:
        raise GateRefused(refusals)


def list_situations(inputs: Inputs, instant: datetime) -> Iterator[tuple[str, Mapping[str, State], datetime]]:
    """The name of each situation, the state of each programme in it, and its moment."""
    for state in State:
        yield f"in the state {state}", dict.fromkeys(inputs.logs, state), instant
    for state in (State.UPCOMING, State.QUOTA_REACHED):
        yield f"in the state {state}, with no date known", dict.fromkeys(inputs.logs, state), _NO_PERIOD_KNOWN
    for closed in _separating(sorted(inputs.logs)):
        states = {id: State.QUOTA_REACHED if id in closed else State.OPEN for id in inputs.logs}
        yield f"when only {', '.join(sorted(closed))} is closed", states, instant


def _separating(ids: Sequence[str]) -> Iterator[frozenset[str]]:
    """Sets such that for each two ids, one set has the first and not the second: twice as many as the number of ids has bits.

    One set for each id would do it as well, and make the rehearsal grow with the square of the number of programmes.
    """
    for bit in range((len(ids) - 1).bit_length()):
        for side in (0, 1):
            yield frozenset(id for number, id in enumerate(ids) if number >> bit & 1 == side)
