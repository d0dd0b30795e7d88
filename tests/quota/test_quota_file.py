"""A change of the state file alters the lines of one event and no other byte, in any legal layout."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_src.quota.change import Change, ChangeRefused, StateFile
from site_src.quota.decision import FARTHEST_END, FARTHEST_FACT
from site_src.quota.event_keys import read_quota_logs
from site_src.quota.log import Event, Log
from site_src.quota.planning import plan_cancel, plan_event
from site_src.read.reader import Reader
from site_src.read.tree import STATE_FILE, load_tree
from site_src.states import ALLOWED_STEPS, State
from tests.support.project import AMSTERDAM, Project
from tests.support.quota_layouts import Laid, state_files
from tests.support.quota_logs import words

PROGRAMMES = frozenset({"japan", "south-korea"})
SECOND = timedelta(seconds=1)
thorough = settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def read(project: Project, text: str) -> dict[str, Log] | None:
    """Returns the logs that the production reader reads from a file with this text."""
    project.write(STATE_FILE, text.encode())
    reader = Reader(load_tree(project.root, (STATE_FILE,)))
    found = read_quota_logs(reader, PROGRAMMES, AMSTERDAM)
    assert found is not None or reader.report.problems
    return found


def standing(laid: Laid) -> StateFile:
    """Returns the state file in the form in which a command gets it."""
    return StateFile(laid.text, laid.logs, (AMSTERDAM,))


def tried(plan: Callable[[], Change]) -> Change | str:
    """Returns the change, or the reason for which it is refused."""
    try:
        return plan()
    except ChangeRefused as refusal:
        return str(refusal)


@thorough
@given(laid=state_files())
def test_the_layouts_are_legal(project: Project, laid: Laid) -> None:
    """The production reader reads every file of these tests as the events that it was made from."""
    assert read(project, laid.text) == laid.logs


@thorough
@given(data=st.data(), laid=state_files(), programme=st.sampled_from(sorted(PROGRAMMES)))
def test_an_event_adds_its_lines_and_nothing_else(
    project: Project, data: st.DataObject, laid: Laid, programme: str
) -> None:
    """A new event adds its lines after those of the last event, in every layout. All other bytes stay the same."""
    log = laid.logs[programme]
    state = data.draw(st.sampled_from(sorted(ALLOWED_STEPS[log[-1].state])))
    places = data.draw(st.none() | st.integers(1, 99)) if state is State.PLACES_AVAILABLE else None
    by, note = data.draw(words), data.draw(words)
    farthest = FARTHEST_FACT if state is State.QUOTA_REACHED else FARTHEST_END
    after = data.draw(st.integers(1, int(farthest.total_seconds()))) * SECOND
    new = Event(state, log[-1].starts + after, places, by or None, note or None)

    change = tried(lambda: plan_event(standing(laid), programme, new, log[-1].starts))
    if isinstance(change, str):
        # Only where one more line would belong to the text above it.
        assert "laid out" in change
        assert laid.unfinished
        assert programme == max(laid.own, key=lambda at: laid.own[at])[0]
        return

    assert (
        read(project, change.text)
        == {**laid.logs, programme: (*log, new)}
        == {**laid.logs, programme: change.after}
    )
    behind = laid.own[programme, len(log) - 1][1]
    assert change.text.startswith(laid.text[:behind])
    assert change.text.endswith(laid.text[behind:])
    added = change.text.count("\n") - laid.text.count("\n")
    assert added == 2 + sum(bool(value) for value in (new.places, new.by, new.note))
    assert change.text.count("\r") - laid.text.count("\r") == (added if "\r" in laid.text else 0)
    assert change.text.endswith("\n") == laid.text.endswith("\n")


@thorough
@given(data=st.data(), laid=state_files(), programme=st.sampled_from(sorted(PROGRAMMES)))
def test_a_cancelled_event_takes_its_lines_and_nothing_else(
    project: Project, data: st.DataObject, laid: Laid, programme: str
) -> None:
    """A cancelled event loses its lines, in every layout. All other bytes stay the same."""
    log = laid.logs[programme]
    number = data.draw(st.integers(0, len(log) - 1))
    now = log[number].starts - SECOND
    fits = number in (0, len(log) - 1) or log[number + 1].state in ALLOWED_STEPS[log[number - 1].state]

    change = tried(lambda: plan_cancel(standing(laid), programme, now))
    if isinstance(change, str):
        assert ("laid out" in change and laid.unfinished) if fits else "by hand: delete" in change
        return

    assert fits
    stand_in = (Event(State.SUSPENDED, now),) if len(log) == 1 else ()
    left = (*log[:number], *log[number + 1 :], *stand_in)
    assert read(project, change.text) == {**laid.logs, programme: left}
    start, end = laid.own[programme, number]
    if stand_in:
        added = len(change.text) - len(laid.text) + end - start
        assert change.text.startswith(laid.text[:start])
        assert change.text.endswith(laid.text[end:])
        assert 0 < added < 80
    else:
        assert change.text == laid.text[:start] + laid.text[end:]
