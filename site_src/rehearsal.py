"""What would be published in states that have not come yet: nothing may stand in the way when they do.

A notice, a label or an address that only one state shows would otherwise be refused by the gate for the first time on
the opening or the closing day. A rehearsal builds the site in each state, through the same steps and the same gate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
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


# What it is called, the states of programmes, and the moment.
_Situation = tuple[str, Mapping[str, State], datetime]


def rehearse(builder: Builder, inputs: Inputs, instant: datetime) -> None:
    """Returns if the site may be published in every state, today and with no period known; raises GateRefused.

    Every programme in the same state, for each state; then each programme closed while the others are open. `unconfirmed`
    is rehearsed as the hidden tree, which is where it is shown.
    """
    _rehearse(builder, inputs, _situations(inputs, instant), frozenset())


def _rehearse(
    builder: Builder, inputs: Inputs, situations: Iterable[_Situation], unconfirmed: frozenset[str]
) -> None:
    refusals: list[Refusal] = []
    for name, states, moment in situations:
        hidden = State.UNCONFIRMED in states.values()
        logs = dict(inputs.logs)
        logs |= {id: assumed(logs[id], state, moment) for id, state in states.items() if not hidden}
        try:
            judged = replace(inputs, logs=logs, content_judged=True)
            builder.build(judged, Moment(moment), Look(is_hidden=hidden, unconfirmed=unconfirmed))
        except GateRefused as error:
            refusals += [replace(refusal, message=f"{name}: {refusal.message}") for refusal in error.refusals]
    if refusals:
        raise GateRefused(refusals)


def rehearse_closings(
    builder: Builder, inputs: Inputs, instant: datetime, shown: Collection[str], unconfirmed: frozenset[str]
) -> None:
    """Returns if each programme of `shown` can be closed over these inputs; raises GateRefused with the reasons otherwise.

    Each by itself, as when its quota is reached; then all of them, as when everything is suspended. The programmes of
    `unconfirmed` stay so.
    """
    situations = [(f"when {id} is closed", {id: State.QUOTA_REACHED}, instant) for id in sorted(shown)]
    suspended = "when the programmes are suspended", dict.fromkeys(shown, State.SUSPENDED), instant
    _rehearse(builder, inputs, [*situations, suspended], unconfirmed)


def _situations(inputs: Inputs, instant: datetime) -> Iterator[_Situation]:
    for state in State:
        yield f"in the state {state}", dict.fromkeys(inputs.logs, state), instant
    for state in (State.UPCOMING, State.QUOTA_REACHED):
        yield f"in the state {state}, with no date known", dict.fromkeys(inputs.logs, state), _NO_PERIOD_KNOWN
    for closed in inputs.logs if len(inputs.logs) > 1 else ():
        others = dict.fromkeys(inputs.logs, State.OPEN)
        yield f"when only {closed} is closed", {**others, closed: State.QUOTA_REACHED}, instant
