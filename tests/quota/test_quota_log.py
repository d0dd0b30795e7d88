"""What the quota log may contain, what is refused, and on which line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_src.problems import Problem, Report
from site_src.quota.event_keys import parse_quota_logs
from site_src.quota.event_lines import write_event
from site_src.quota.log import Event, Log
from site_src.states import ALLOWED_STEPS, State
from tests.support.project import AMSTERDAM, at
from tests.support.quota_logs import logs, typed

WRITTEN = sorted(ALLOWED_STEPS)
quick = settings(deadline=None, max_examples=300, derandomize=True)


def read(text: str, *programmes: str) -> tuple[dict[str, Log] | None, list[Problem]]:
    """Returns the logs in a state file's text, and its problems.

    Unless `programmes` are given, the only one is japan.
    """
    report = Report()
    found = parse_quota_logs(text, frozenset(programmes or ["japan"]), AMSTERDAM, report)
    return found, [*report.problems]


def good(text: str, *programmes: str) -> dict[str, Log]:
    """Returns the logs in a text that has no problems."""
    read_logs, problems = read(text, *programmes)
    assert (problems, read_logs is None) == ([], False)
    assert read_logs is not None
    return read_logs


def test_reads_everything_that_may_stand_there() -> None:
    """An event has a state and a moment, and may have places, `by` and `note`. Each event has its line number."""
    text = (
        "# The log\njapan:\n  - state: open\n    from: 2026-04-01 00:00\n"
        "  - from: '2026-04-01 11:42:30'\n    by: 'the desk'\n    state: quota_reached\n    note: |\n      two\n      lines\n"
        "  - state: places_available\n    from: 2026-10-05T09:00+02:00\n    places: 12\n"
    )

    assert good(text)["japan"] == (
        Event(State.OPEN, datetime(2026, 3, 31, 22, tzinfo=UTC), line=4),
        Event(
            State.QUOTA_REACHED,
            datetime(2026, 4, 1, 9, 42, 30, tzinfo=UTC),
            by="the desk",
            note="two\nlines\n",
            line=5,
        ),
        Event(State.PLACES_AVAILABLE, datetime(2026, 10, 5, 7, tzinfo=UTC), places=12, line=12),
    )


@pytest.mark.parametrize("after", WRITTEN)
@pytest.mark.parametrize("before", WRITTEN)
def test_steps(before: State, after: State) -> None:
    """A step is refused only if it is to the same state, or from `open` to `places_available`."""
    text = f"japan:\n  - state: {before}\n    from: 2026-04-01 00:00\n  - state: {after}\n    from: 2026-04-02 00:00\n"
    allowed = before is not after and (before, after) != (State.OPEN, State.PLACES_AVAILABLE)

    read_logs, problems = read(text)

    assert (read_logs is not None) == allowed
    assert [(problem.line, problem.rule) for problem in problems] == ([] if allowed else [(4, "quota-step")])


@pytest.mark.parametrize("state", WRITTEN)
def test_the_first_event_may_be_any(state: State) -> None:
    """The first event of a log may have any of the four states that an event can have."""
    assert good(f"japan:\n  - state: {state}\n    from: 2026-04-01 00:00\n")["japan"][0].state is state


def test_a_broken_event_does_not_blame_its_neighbours() -> None:
    """If an event is wrong, it is the only problem reported. The steps and the order beside it are not checked."""
    for broken in (
        "state: closed\n    from: 2026-04-02 00:00",
        "state: quota_reached\n    from: 2026-04-31 00:00",
    ):
        text = f"japan:\n  - state: open\n    from: 2026-04-01 00:00\n  - {broken}\n  - state: open\n    from: 2026-03-01 00:00\n"
        assert len(read(text)[1]) == 1


@given(log=logs(), local=st.booleans())
@quick
def test_a_typed_log_is_read_back(log: Log, local: bool) -> None:
    """Any allowed series of states at rising instants is read back as written, in local time or with offsets."""
    read_back = good(typed("japan", log, local))["japan"]

    lines = [event.line for event in read_back]
    assert tuple(event_without_line(event) for event in read_back) == log
    assert lines == sorted(set(lines))


def event_without_line(event: Event) -> Event:
    """Returns the event without its line number."""
    return Event(event.state, event.starts, event.places, event.by, event.note)


@given(log=logs(), wrong=st.data())
@quick
def test_order_is_refused_at_its_line(log: Log, wrong: st.DataObject) -> None:
    """An event at or before the moment of the event above it is refused on the line of its moment."""
    if len(log) < 2:
        log = (*log, Event(min(ALLOWED_STEPS[log[-1].state]), log[-1].starts + timedelta(hours=1)))
    number = wrong.draw(st.integers(1, len(log) - 1))
    back = wrong.draw(st.sampled_from([0, 1, 60 * 60 * 24 * 30]))
    moved = list(log)
    moved[number] = Event(log[number].state, log[number - 1].starts - timedelta(seconds=back))
    text = typed("japan", tuple(moved))

    read_logs, problems = read(text)

    assert read_logs is None
    assert [problem.rule for problem in problems] == ["quota-order"]
    lines = text.split("\n")
    assert lines[problems[0].line - 1].startswith("    from:")
    assert sum(line.startswith("    from:") for line in lines[: problems[0].line]) == number + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("japan:\n  - {state: open, from: 2026-04-01 00:00}\n", [(2, "quota-flow")]),
        ("japan:\n  - {state: open,\n     from: 2026-04-01 00:00}\n", [(2, "quota-flow")]),
        (
            "japan: [{state: open}, {}]\nchina: {}\n",
            [(1, "quota-flow"), (2, "quota-flow"), (2, "quota-programme")],
        ),
        ("{japan: []}\n", [(1, "quota-flow")]),
        ("- {}\n", [(1, "quota-flow")]),
        ("japan:\n  - state: open\n    from: [2026-04-01 00:00]\n", [(3, "quota-flow")]),
        ("japan:\n  - state: open\n    from: 2026-04-01 00:00\n    note: '[{'\n", []),
        ("japan: []\n", [(1, "quota-flow")]),
        ("japan: open\n", [(1, "quota-event")]),
        ("japan:\n  - []\n", [(2, "quota-flow")]),
        ("japan:\n  -\n", [(2, "missing-key")]),
        ("japan:\n  - state:\n    from: 2026-04-01 00:00\n", [(2, "missing-key")]),
        ("japan:\n  - state: open\n", [(2, "missing-key")]),
        ("japan:\n  - state: upcoming\n    from: 2026-04-01 00:00\n", [(2, "value")]),
        ("japan:\n  - state: Open\n    from: 2026-04-01 00:00\n", [(2, "value")]),
        ("japan:\n  - state: open\n    from: 20260401\n", [(3, "value")]),
        ("japan:\n  - state: open\n    from: 2026-04-01 00:00\n    places: 0\n", [(4, "value")]),
        ("japan:\n  - state: open\n    from: 2026-04-01 00:00\n    places: 3\n", [(4, "quota-event")]),
        (
            "japan:\n  - state: places_available\n    from: 2026-04-01 00:00\n    places: '3'\n",
            [(4, "value")],
        ),
        (
            "japan:\n  - state: places_available\n    from: 2026-04-01 00:00\n    places: true\n",
            [(4, "value")],
        ),
        ("japan:\n  - state: open\n    from: 2026-04-01 00:00\n    until: x\n", [(4, "unknown-key")]),
        ("", [(1, "quota-programme")]),
        ("- japan\n", [(1, "quota-programme")]),
        (
            "japan:\n  - state: open\n    from: 2026-04-01 00:00\nchina:\n  - state: open\n    from: 2026-04-01 00:00\n",
            [(4, "quota-programme")],
        ),
        (
            "south-korea:\n  - state: open\n    from: 2026-04-01 00:00\n",
            [(1, "quota-programme"), (1, "quota-programme")],
        ),
    ],
)
def test_refuses(text: str, expected: list[tuple[int, str]]) -> None:
    """Everything else in the log is refused, on its line."""
    read_logs, problems = read(text)

    assert [(problem.line, problem.rule) for problem in problems] == expected
    assert (read_logs is None) == bool(expected)


def test_an_event_that_is_written_again_stays_a_placeholder() -> None:
    """If a merge writes a placeholder again, it keeps its mark, so `check` still reports it."""
    event = Event(State.OPEN, at("2026-01-01 00:00"), placeholder=True)
    report = Report()

    logs = parse_quota_logs(
        f"japan:\n{write_event(event, AMSTERDAM, 2)}", frozenset({"japan"}), AMSTERDAM, report
    )

    assert logs == {"japan": (event,)}


@pytest.mark.parametrize(
    ("events", "is_right"),
    [
        (("open 2026-01-01 00:00", "quota_reached 2026-01-02 00:00", "open 2026-01-02 00:01"), True),
        (
            ("open 2026-01-01 00:00", "quota_reached 2026-01-02 00:00", "places_available 2026-01-02 00:01"),
            False,
        ),
        (("suspended 2026-01-01 00:00", "open 2026-01-02 00:00", "suspended 2026-01-02 00:01"), False),
        (("quota_reached 2026-01-02 00:00", "open 2026-01-02 00:01"), False),
    ],
)
def test_a_mistake_is_a_closing_between_two_of_the_same_state(
    events: tuple[str, ...], is_right: bool
) -> None:
    """`mistake: true` is accepted only on an event that shows the link again, in the same state as before the closing."""
    lines = [
        f"  - state: {state}\n    from: {moment}\n"
        for state, _, moment in (event.partition(" ") for event in events)
    ]
    report = Report()
    read = parse_quota_logs(
        "japan:\n" + "".join(lines) + "    mistake: true\n", frozenset({"japan"}), AMSTERDAM, report
    )

    assert (read is not None) is is_right
    assert (
        is_right or "is allowed only on an event that corrects a wrong closing" in report.problems[0].message
    )
