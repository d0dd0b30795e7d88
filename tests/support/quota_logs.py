"""Random quota logs for property tests: any allowed series of states, at strictly rising instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from site_src.quota.log import Event, Log
from site_src.states import ALLOWED_STEPS, State
from tests.support.project import AMSTERDAM

FIRST = datetime(2020, 1, 1, tzinfo=UTC)
# Long and short gaps, for events one second apart as well as quiet years.
gaps = st.one_of(st.integers(1, 90), st.integers(1, 60 * 60 * 24 * 500)).map(lambda n: timedelta(seconds=n))
words = st.none() | st.text(st.sampled_from("abc: #-'\"[]{}é日"), max_size=12)


@st.composite
def logs(draw: st.DrawFn, max_size: int = 6) -> Log:
    """Draws a log of one to `max_size` events."""
    state = draw(st.sampled_from(sorted(ALLOWED_STEPS)))
    starts = FIRST
    events: list[Event] = []
    for _ in range(draw(st.integers(1, max_size))):
        starts += draw(gaps)
        places = draw(st.none() | st.integers(1, 999)) if state is State.PLACES_AVAILABLE else None
        events.append(Event(state, starts, places, draw(words), draw(words)))
        state = draw(st.sampled_from(sorted(ALLOWED_STEPS[state])))
    return tuple(events)


@st.composite
def instants_beside(draw: st.DrawFn, log: Log) -> datetime:
    """Draws an instant at, just beside, or far from one of the log's events."""
    event = draw(st.sampled_from(log))
    return event.starts + draw(st.sampled_from([-1, 0, 1]).map(lambda n: timedelta(seconds=n)) | gaps)


def typed(programme: str, log: Log, local: bool = False) -> str:
    """Returns the log as an operator types it. With `local`, it is in Dutch time if that names one instant."""
    lines = [f"{programme}:"]
    for event in log:
        lines += [f"  - state: {event.state}", f"    from: {_moment(event.starts, local)}"]
        if event.places is not None:
            lines.append(f"    places: {event.places}")
        for key, text in (("by", event.by), ("note", event.note)):
            if text is not None:
                quoted = text.replace("'", "''")
                lines.append(f"    {key}: '{quoted}'")
    return "\n".join(lines) + "\n"


def _moment(instant: datetime, local: bool) -> str:
    here = instant.astimezone(AMSTERDAM)
    text = f"{here:%Y-%m-%d %H:%M:%S}"
    # On a day with a change of the clock, the offset identifies the instant.
    day = timedelta(days=1)
    quiet = (here - day).utcoffset() == (here + day).utcoffset()
    return text if local and quiet else text + f"{here:%z}"[:3] + ":" + f"{here:%z}"[3:]
