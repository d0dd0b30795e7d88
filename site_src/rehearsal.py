"""Rehearses future states: builds the site in each state and at each dated change, and reports what the gate would refuse.

Without a rehearsal, the gate could refuse a notice, a label or an address for the first time on the opening or closing
day. A rehearsal uses the same steps and the same gate as a build.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from site_src.builder import Builder
from site_src.check.inputs import Inputs
from site_src.gate.gate import GateRefused
from site_src.instants import LAST_YEAR, Moment
from site_src.quota.log import assumed
from site_src.site.model import Look
from site_src.states import State

# After every registration period: the pages say that no date is known.
_NO_PERIOD_KNOWN = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)


# The situation's name, the states of the programmes, and the moment.
_Situation = tuple[str, Mapping[str, State], datetime]


def rehearse(builder: Builder, inputs: Inputs, instant: datetime) -> None:
    """Checks that the site may be published in every state, at each dated change, and with no period known.

    Raises GateRefused. Rehearses each state with every programme in it. Then, for each pair of programmes, rehearses each
    as closed while the other is open. Rehearses `unconfirmed` as the hidden tree, where visitors see it.
    """
    _rehearse(builder, inputs, list_situations(inputs, find_last_change(inputs, instant)), frozenset())


def find_last_change(inputs: Inputs, instant: datetime) -> datetime:
    """Returns the moment, at or before `instant`, since which no event, dated text or new day has begun.

    Pages print when a state began. If a rehearsed state begins at this moment, its pages stay the same as long as nothing
    changes, so the memo contains them.
    """
    zone = inputs.manuscript.at(instant).content.settings.zone
    midnight = datetime.combine(instant.astimezone(zone).date(), time(), zone)
    events = [event.starts for log in inputs.logs.values() for event in log]
    texts = [moment for moment, _ in inputs.manuscript.later]
    # One second after the change, because an assumed state replaces an event of the same moment.
    last = max(moment for moment in (midnight, *events, *texts) if moment <= instant) + timedelta(seconds=1)
    return min(last.astimezone(UTC), instant)


def _rehearse(
    builder: Builder, inputs: Inputs, situations: Iterable[_Situation], unconfirmed: frozenset[str]
) -> None:
    names, drafts = [], []
    for name, states, moment in situations:
        hidden = State.UNCONFIRMED in states.values()
        logs = dict(inputs.logs)
        logs |= {id: assumed(logs[id], state, moment) for id, state in states.items() if not hidden}
        judged = replace(inputs, logs=logs, content_judged=True)
        look = Look(is_hidden=hidden, unconfirmed=unconfirmed)
        names.append(name)
        drafts.append(builder.draft(judged, Moment(moment), look))
    found = builder.gate.find_refusals(*((draft.files, draft.expected) for draft in drafts))
    refusals = [
        replace(refusal, message=f"{name}: {refusal.message}")
        for name, of_draft in zip(names, found, strict=True)
        for refusal in of_draft
    ]
    if refusals:
        raise GateRefused(refusals)


def rehearse_closings(
    builder: Builder, inputs: Inputs, instant: datetime, shown: Collection[str], unconfirmed: frozenset[str]
) -> None:
    """Checks that each programme of `shown` can be closed with these inputs. Raises GateRefused otherwise.

    Rehearses each programme alone as quota reached, then all of them as suspended. The programmes of `unconfirmed` stay
    unconfirmed.
    """
    moment = find_last_change(inputs, instant)
    situations = [(f"when {id} is closed", {id: State.QUOTA_REACHED}, moment) for id in sorted(shown)]
    suspended = "when the programmes are suspended", dict.fromkeys(shown, State.SUSPENDED), moment
    _rehearse(builder, inputs, [*situations, suspended], unconfirmed)


def rehearse_coming(builder: Builder, inputs: Inputs, instant: datetime, unconfirmed: frozenset[str]) -> None:
    """Checks that the site can be published at each dated change after `instant`. Raises GateRefused otherwise."""
    _rehearse(builder, inputs, _list_coming(inputs, instant), unconfirmed)


def list_situations(inputs: Inputs, instant: datetime) -> Iterator[_Situation]:
    """Yields each situation: its name, the state of each programme, and the moment."""
    for state in State:
        yield f"in the state {state}", dict.fromkeys(inputs.logs, state), instant
    for state in (State.UPCOMING, State.QUOTA_REACHED):
        yield f"in the state {state}, with no date known", dict.fromkeys(inputs.logs, state), _NO_PERIOD_KNOWN
    for closed in _separating(sorted(inputs.logs)):
        states = {id: State.QUOTA_REACHED if id in closed else State.OPEN for id in inputs.logs}
        yield f"when only {', '.join(sorted(closed))} is closed", states, instant
    yield from _list_coming(inputs, instant)


def _list_coming(inputs: Inputs, instant: datetime) -> Iterator[_Situation]:
    """Yields a situation for each moment after `instant` at which texts change, and for each state whose notice changes then."""
    for moment in inputs.manuscript.moments_after(instant):
        content = inputs.manuscript.at(moment).content
        name = f"from {moment.astimezone(content.settings.zone):%Y-%m-%d %H:%M} on"
        yield name, {}, moment
        notices = inputs.manuscript.at(moment - timedelta(seconds=1)).content.notices
        changed = {key[1] for key, notice in content.notices.items() if notice.body != notices[key].body}
        for state in sorted(changed):
            yield f"{name}, in the state {state}", dict.fromkeys(inputs.logs, state), moment


def _separating(ids: Sequence[str]) -> Iterator[frozenset[str]]:
    """Yields sets of ids such that for each ordered pair of ids, one set contains the first id and not the second.

    There are two sets for each bit of an id's number. One set for each id would also work, but then the rehearsal would
    grow with the square of the number of programmes.
    """
    for bit in range((len(ids) - 1).bit_length()):
        for side in (0, 1):
            yield frozenset(id for number, id in enumerate(ids) if number >> bit & 1 == side)
