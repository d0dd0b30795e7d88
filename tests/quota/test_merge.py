"""Two versions of the quota log are merged event by event.

All past events stay, and no link is shown that one version hides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_src.quota.log import Event, Log, event_at
from site_src.quota.merge import Merged, MergeRefused, merge_texts
from site_src.quota.merge_events import EventsConflict, merge_logs
from site_src.quota.take_over import take_over
from site_src.states import ALLOWED_STEPS, STATES_WITH_LINK, State
from tests.support.project import AMSTERDAM, at
from tests.support.quota_logs import logs

NOW = at("2026-04-01 15:00")
OPEN = "open 2026-04-01 00:00"
REACHED, LATER = "quota_reached 2026-04-01 11:42", "quota_reached 2026-04-01 11:45"
SUSPENDED, AGAIN = "suspended 2026-04-01 11:40", "open 2026-04-01 11:50"
PLACES = "places_available 2026-04-01 14:00"
NEXT = "open 2027-04-01 00:00"


def text(*events: str, korea: tuple[str, ...] = ("open 2026-01-01 00:00",)) -> str:
    """Returns a file with these events of Japan, each written as `state from`."""
    lines = ["# The quota operator's file."]
    for id, found in (("japan", events), ("south-korea", korea)):
        lines.append(f"{id}:")
        for event in found:
            state, moment = event.split(" ", 1)
            lines += [f"  - state: {state}", f"    from: {moment}"]
    return "\n".join(lines) + "\n"


def merge(base: str | None, ours: str, theirs: str) -> Merged:
    """Returns the merged file, at 15:00 of the opening day."""
    return merge_texts(base, ours, theirs, AMSTERDAM, NOW)


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged", "said"),
    [
        # One side adds an event.
        ([OPEN], [OPEN, REACHED], [OPEN], [OPEN, REACHED], ""),
        ([OPEN], [OPEN], [OPEN, REACHED, PLACES], [OPEN, REACHED, PLACES], ""),
        ([OPEN, REACHED], [OPEN, REACHED, PLACES], [OPEN, REACHED, NEXT], [OPEN, REACHED, PLACES, NEXT], ""),
        # Both sides have noted the closing.
        ([OPEN], [OPEN, LATER], [OPEN, REACHED], [OPEN, REACHED], "quota_reached from 2026-04-01 11:45 was left out"),
        # One side has cancelled a scheduled event.
        ([OPEN, REACHED, NEXT], [OPEN, REACHED], [OPEN, REACHED, NEXT], [OPEN, REACHED], ""),
        ([OPEN, REACHED, NEXT], [OPEN, REACHED, NEXT], [OPEN, REACHED], [OPEN, REACHED], ""),
        # A past closing stays in the log permanently.
        ([OPEN, REACHED], [OPEN], [OPEN, REACHED], [OPEN, REACHED], ""),
        # One side opened without knowing of the closing.
        ([OPEN], [OPEN, REACHED], [OPEN, SUSPENDED, AGAIN], [OPEN, SUSPENDED, REACHED], "open from 2026-04-01 11:50 was left out"),
        ([OPEN], [OPEN, SUSPENDED, AGAIN], [OPEN, REACHED], [OPEN, SUSPENDED, REACHED], "open from 2026-04-01 11:50 was left out"),
        # One side reopened and knew of the closing.
        ([OPEN], [OPEN, REACHED, AGAIN], [OPEN, REACHED], [OPEN, REACHED, AGAIN], ""),
        ([OPEN], [OPEN, REACHED], [OPEN, REACHED, AGAIN], [OPEN, REACHED, AGAIN], ""),
        ([OPEN], [OPEN, REACHED, AGAIN], [OPEN, REACHED, AGAIN, "suspended 2026-04-01 11:55"], [OPEN, REACHED, AGAIN, "suspended 2026-04-01 11:55"], ""),
        # At the same second, the state that hides wins.
        ([SUSPENDED], [SUSPENDED, AGAIN], [SUSPENDED, "quota_reached 2026-04-01 11:50"], [SUSPENDED, "quota_reached 2026-04-01 11:50"], ""),
        # There is no common base.
        (None, [OPEN], [OPEN, REACHED], [OPEN, REACHED], ""),
        (None, [OPEN, REACHED], [OPEN, REACHED, NEXT], [OPEN, REACHED], "open from 2027-04-01 00:00 was left out"),
        (None, [OPEN, REACHED, NEXT], [OPEN, REACHED], [OPEN, REACHED], "quota set japan open"),
    ],
)  # fmt: skip
def test_events_are_merged(
    base: list[str] | None, ours: list[str], theirs: list[str], merged: list[str], said: str
) -> None:
    """The merged log has the events that both sides added, without those that one side cancelled.

    It never shows a link that one side hides.
    """
    found = merge(text(*base) if base else None, text(*ours), text(*theirs))

    assert found.text == text(*merged)
    assert [said in note for note in found.notes] == ([True] if said else [])


def test_each_programme_is_merged_by_itself() -> None:
    """The merged file contains the closings of both programmes if they were recorded in different clones."""
    korea = ("open 2026-01-01 00:00", LATER)
    found = merge(text(OPEN), text(OPEN, REACHED), text(OPEN, korea=korea))

    assert found.text == text(OPEN, REACHED, korea=korea)


def test_two_states_of_one_second_are_refused() -> None:
    """If two states of a programme start in one second, the reason names the programme and both events.

    Only that programme's lines get conflict markers.
    """
    suspended = "suspended 2026-04-01 11:42"
    with pytest.raises(MergeRefused) as refused:
        merge(text(OPEN), text(OPEN, REACHED), text(OPEN, suspended, korea=("open 2026-01-01 00:00", LATER)))

    assert refused.value.reasons == (
        (
            "japan: ours has quota_reached from 2026-04-01 11:42, theirs has suspended from 2026-04-01 11:42. "
            "Decide which is true, and delete the other."
        ),
    )
    before, _, rest = refused.value.text.partition("<<<<<<< ours\n")
    assert before.endswith("japan:\n")
    between, _, after = rest.partition("=======\n")
    assert "11:42" in between
    assert "11:42" in after.partition(">>>>>>> theirs\n")[0]
    assert after.partition(">>>>>>> theirs\n")[2].count("state: quota_reached") == 1


@pytest.mark.parametrize("broken", ["  - state: opne\n", "<<<<<<< HEAD\n", "  [open]\n"])
def test_a_version_that_cannot_be_read_is_refused(broken: str) -> None:
    """If a version cannot be read, the reason names the side, the programme and the line. Nothing is guessed."""
    with pytest.raises(MergeRefused, match=r"japan: their version cannot be read: quota_state.yaml:\d:"):
        merge(text(OPEN), text(OPEN, REACHED), text(OPEN).replace("japan:\n", f"japan:\n{broken}"))


def test_comments_and_layout_survive() -> None:
    """Our comments stay. Their event keeps its lines, with `note` and comments, but gets our line endings."""
    event = '  - state: suspended\n    from: 2026-04-01 11:40  # at noon\n    note: "a: b"\n'
    ours = text(OPEN, LATER).replace("  - state: quota", "  # by telephone\n  - state: quota")
    theirs = text(OPEN).replace("00:00\nsouth", f"00:00\n{event}south")
    merged = merge(text(OPEN), ours.replace("\n", "\r\n"), theirs).text

    assert merged == ours.replace("  # by telephone", f"{event}  # by telephone").replace("\n", "\r\n")


def test_another_indent_is_written_again() -> None:
    """If the dashes of their event are in a different column, the event is written in our layout."""
    later = "suspended 2026-04-01 14:00"
    theirs = text(OPEN, REACHED).replace("\n  ", "\n", 4)
    assert merge(text(OPEN), text(OPEN, later), theirs).text == text(OPEN, REACHED, later)


@pytest.mark.parametrize(("base", "kept"), [(True, False), (False, True)], ids=["removed", "added"])
def test_a_programme_of_one_side(base: bool, kept: bool) -> None:
    """If one side removed a programme, it is removed. If one side added a programme, it is kept."""
    whole = text(OPEN)
    without = whole.partition("south-korea:")[0]
    merged = merge(whole if base else without, whole, without).text

    assert ("south-korea:" in merged) == kept


@pytest.mark.parametrize(("places", "kept"), [(8, 3), (12, 2)])
def test_a_corrected_number_of_places_is_an_event(places: int, kept: int) -> None:
    """An event that only changes the number of places stays.

    An event with the same number is a repetition and is dropped.
    """
    reached = Event(State.QUOTA_REACHED, at("2026-04-01 11:42"))
    first = Event(State.PLACES_AVAILABLE, at("2026-04-01 14:00"), 12)
    second = Event(State.PLACES_AVAILABLE, at("2026-04-01 14:05"), places)
    merged = merge_logs((reached,), (reached, first), (reached, second), NOW).log

    assert merged == (reached, first, second)[:kept]


def test_a_mark_of_a_mistake_goes_where_the_event_no_longer_corrects_one() -> None:
    """If other events in the merged log make a `mistake: true` wrong, the event loses it, and a note says so."""
    corrected = text(OPEN, "quota_reached 2026-04-01 10:00", "open 2026-04-01 10:05")
    marked = corrected.replace("10:05\n", "10:05\n    mistake: true\n")
    others = ("quota_reached 2026-04-01 09:50", "places_available 2026-04-01 09:55")
    found = merge(text(OPEN), marked, text(OPEN, *others))

    assert found.text == text(OPEN, *others, "quota_reached 2026-04-01 10:00", "open 2026-04-01 10:05")
    assert len(found.notes) == 1
    assert 'open from 2026-04-01 10:05 no longer has "mistake: true"' in found.notes[0]
    assert merge(text(OPEN), marked, text(OPEN)).text == marked


def test_each_log_is_taken_over_or_stays() -> None:
    """Each programme of the other version that can be merged is taken over.

    The other programmes keep our lines, and the report names them.
    """
    broken = text(OPEN, REACHED, korea=("open 2026-01-01 00:00", "opne 2026-02-01 00:00"))
    ours = text(OPEN, korea=("open 2026-01-01 00:00", SUSPENDED))
    taken = take_over(text(OPEN), ours, broken, AMSTERDAM, NOW)

    assert taken.text == text(OPEN, REACHED, korea=("open 2026-01-01 00:00", SUSPENDED))
    assert len(taken.refused) == 1
    assert taken.refused[0].startswith("south-korea: the other version cannot be read: quota_state.yaml:10:")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("japan:", "jappan:", ("japan", "jappan")),
        ("japan:", "south-korea:", ("japan", "south-korea")),
        ("# The", "<<<<<<< The", ("japan",)),
        ("2026-04-01 11:42", "2026-04-31 11:42", ("japan",)),
    ],
)
def test_nothing_of_ours_goes_with_a_mistake_in_the_other_version(
    old: str, new: str, named: tuple[str, ...]
) -> None:
    """If the other version has a mistake, our log stays unchanged.

    The mistakes are a mistyped programme, a duplicate key, a conflict marker and a wrong date.
    """
    ours = text(OPEN, LATER).replace("\n", "\r\n")
    taken = take_over(text(OPEN), ours, text(OPEN, REACHED).replace(old, new), AMSTERDAM, NOW)

    assert taken.text == ours
    assert sorted(refused.partition(":")[0] for refused in taken.refused) == sorted(named)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Log | None, Log, Log]:
    """A log and two versions of it. In each version, somebody added events or cancelled the last one."""
    base = draw(logs(4))

    def change() -> Log:
        log = base[:-1] if len(base) > 1 and draw(st.booleans()) else base
        for _ in range(draw(st.integers(0, 2))):
            last = log[-1]
            starts = max(last.starts, base[-1].starts) + timedelta(seconds=draw(st.integers(1, 3)))
            log = (*log, Event(draw(st.sampled_from(sorted(ALLOWED_STEPS[last.state]))), starts))
        return log

    return draw(st.sampled_from([base, None])), change(), change()


@given(histories(), st.integers(-5, 5))
def test_a_merged_log_is_allowed_and_hides_what_a_side_hides(
    versions: tuple[Log | None, Log, Log], seconds: int
) -> None:
    """A merged log has only allowed steps, in order.

    From now on it shows no link that one side hides, unless that side only lacks events.
    """
    base, ours, theirs = versions
    now = ours[-1].starts + timedelta(seconds=seconds)
    try:
        merged = merge_logs(base, ours, theirs, now).log
    except EventsConflict:
        return

    assert [event.starts for event in merged] == sorted({event.starts for event in merged})
    assert all(after.state in ALLOWED_STEPS[before.state] for before, after in pairwise(merged))
    assert merged == merge_logs(base, theirs, ours, now).log
    for moment in (now, *(event.starts for event in (*merged, *ours, *theirs) if event.starts >= now)):
        if _shows(merged, moment):
            shown = event_at(merged, moment)
            for log, other in ((ours, theirs), (theirs, ours)):
                hiding = event_at(log, moment)
                if not _shows(log, moment):
                    assert base is not None
                    is_known = hiding and shown and hiding in other and hiding.starts < shown.starts
                    assert is_known or hiding == event_at(base, moment)


def _shows(log: Log, moment: datetime) -> bool:
    event = event_at(log, moment)
    return (event.state if event else State.UPCOMING) in STATES_WITH_LINK
