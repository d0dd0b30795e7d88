"""The timeline of all changes: where it draws logs of every kind, and that it does not depend on the present time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_src.quota.decision import LinkHidden
from site_src.quota.status import ProgrammeStatus, PublicChange
from site_src.render.templating import environment
from site_src.render.timeline import Timeline, timeline
from site_src.states import State
from tests.support.html_pages import HtmlPage, parsed, text
from tests.support.page_faults import weight
from tests.support.project import AMSTERDAM, NOON, Project
from tests.support.real_site import copy_of_repository

START = datetime(2026, 4, 1, tzinfo=UTC)
STATES = [State.OPEN, State.QUOTA_REACHED, State.PLACES_AVAILABLE, State.SUSPENDED]


def status(id: str, moments: Sequence[datetime]) -> ProgrammeStatus:
    """Returns a programme whose state changed at these moments, earliest first."""
    changes = [PublicChange(STATES[number % 4], moment, None) for number, moment in enumerate(moments)]
    return ProgrammeStatus(
        id=id,
        scheme="WHP",
        names={},
        time_zone="Asia/Tokyo",
        time_zone_names={},
        facts={},
        state=changes[-1].state if changes else State.UPCOMING,
        since=changes[-1].since if changes else None,
        places=None,
        changes=tuple(reversed(changes)),
        openings=(),
        opens=None,
        registration_periods=(),
        next_registration_periods=(),
        announced_periods=(),
        link=LinkHidden(),
    )


def drawn(*logs: Sequence[datetime]) -> Timeline:
    """Draws the timeline of programmes that changed at these moments."""
    return timeline([status(f"p{number}", log) for number, log in enumerate(logs)], AMSTERDAM)


MOMENTS = st.lists(
    st.integers(1420070400, 2051222400).map(partial(datetime.fromtimestamp, tz=UTC)), max_size=40, unique=True
)


@given(logs=st.lists(MOMENTS, min_size=1, max_size=4))
def test_periods_fill_their_lane_in_order(logs: list[list[datetime]]) -> None:
    """The periods of each lane follow each other without a gap up to the right edge, and each is visible."""
    picture = drawn(*map(sorted, logs))

    assert len(picture.lanes) == (len(logs) if any(logs) else 0)
    for lane, log in zip(picture.lanes, logs, strict=False):
        assert len(lane.periods) == len(log)
        for before, after in pairwise(lane.periods):
            assert before.left + before.width == pytest.approx(after.left, abs=0.01)
        for period in lane.periods:
            assert period.left >= 0
            assert period.width >= 0.25
        if log:
            assert lane.periods[-1].left + lane.periods[-1].width == pytest.approx(100)


@given(logs=st.lists(MOMENTS, min_size=2, max_size=3))
def test_what_came_first_is_further_left(logs: list[list[datetime]]) -> None:
    """An earlier change is never to the right of a later one, across all lanes.

    Changes at the same moment have the same position.
    """
    in_order = [sorted(log) for log in logs]
    picture = drawn(*in_order)

    changes = [
        (moment, period.left)
        for lane, log in zip(picture.lanes, in_order, strict=False)
        for moment, period in zip(log, lane.periods, strict=True)
    ]
    for (before, left), (after, right) in pairwise(sorted(changes)):
        assert (left == right) if before == after else (left < right)


def test_a_long_period_is_longer() -> None:
    """Above the minimum width, the width of a period is proportional to its length."""
    days = [0, 1, 31, 396]
    (lane,) = drawn([START + timedelta(days=day) for day in days]).lanes

    day, month, year, _ = (period.width for period in lane.periods)
    assert 3 <= day < month < year
    assert (year - 3) / (month - 3) == pytest.approx(365 / 30, rel=0.01)


@pytest.mark.parametrize("count", [40, 400])
def test_forty_changes_in_a_day_can_be_distinguished(count: int) -> None:
    """Even among many changes in a short time, each period has a visible width, and the present state a fixed one."""
    (lane,) = drawn([START + timedelta(minutes=number) for number in range(count)]).lanes

    assert all(period.width >= 88 / 2 / count for period in lane.periods)
    assert lane.periods[-1].width == pytest.approx(12)


def test_one_change_fills_the_picture() -> None:
    """A single event is one bar from edge to edge, with one date below it."""
    picture = drawn([START])

    ((period,),) = (lane.periods for lane in picture.lanes)
    assert (period.left, period.width) == (0, 100)
    assert [(tick.left, str(tick.day), tick.year) for tick in picture.ticks] == [(0, "2026-04-01", None)]


def test_no_change_is_no_picture() -> None:
    """Nothing is drawn while every programme is upcoming. Beside another programme, an upcoming one has an empty lane."""
    assert drawn([], []).lanes == ()
    assert [len(lane.periods) for lane in drawn([], [START]).lanes] == [0, 1]


@given(log=MOMENTS.filter(bool))
def test_labels_do_not_run_into_each_other(log: list[datetime]) -> None:
    """Only the first and the last tick show dates. Labels of two years never overlap, whatever the changes are."""
    ticks = drawn(sorted(log)).ticks

    days = [number for number, tick in enumerate(ticks) if tick.day]
    assert days == ([0, len(ticks) - 1] if len(ticks) > 1 else [0])
    assert not len(ticks) > 1 or ticks[-1].left == pytest.approx(88)
    years = [tick.left for tick in ticks if tick.year]
    for before, after in pairwise([-6.5, *years]):
        assert after >= before + 12.9


def status_page(project: Project, moment: str = NOON, language: str = "en") -> HtmlPage:
    """Returns the status page, built for this moment."""
    return parsed(project.built(moment).files)[f"{language}/status/index.html"]


def test_the_picture_says_what_the_tables_say(project: Project) -> None:
    """Each programme's lane has the states of its table, oldest first. The legend names each state once."""
    project.set_log(
        "japan",
        "open 2026-01-01 00:00",
        "quota_reached 2026-04-01 11:42",
        "places_available 2026-10-05 09:00",
    )
    page = status_page(project)

    in_tables = [
        [str(cell.get("data-state")) for cell in table.iter("td") if cell.get("data-state")][::-1]
        for table in page.with_class("changes")
    ]
    (picture,) = [svg for svg in page.elements("svg") if svg.get("role") == "img"]
    bars = [bar.get("data-state") for bar in picture.iter("rect") if bar in list(picture)]
    assert bars == [state for states in in_tables for state in states]
    assert [text(lane) for lane in picture.iter("text") if lane.get("class")] == [
        "Japan: Places available",
        "South Korea: Open",
    ]
    assert [text(item) for item in page.one("legend").iter("li")] == [
        "Open",
        "Quota reached",
        "Places available",
    ]


def test_the_picture_changes_only_with_the_state(project: Project) -> None:
    """If no state changes, the timeline is the same a day or a year later."""
    pictures = {
        lxml.html.tostring(status_page(project, moment).one("timeline"))
        for moment in (NOON, "2026-11-23 12:00", "2027-11-22 12:00")
    }

    assert len(pictures) == 1


def test_a_scheduled_change_is_not_drawn(project: Project) -> None:
    """The timeline does not draw scheduled changes."""
    before = project.built().files["en/status/index.html"]
    project.set_log("south-korea", "open 2026-01-01 00:00", "suspended 2026-12-24 00:00")

    assert project.built().files["en/status/index.html"] == before


def test_states_differ_in_shape() -> None:
    """The four states that a log can have differ in shape too, not only in colour."""
    templates = environment()
    templates.globals.update(states_with_link={State.OPEN, State.PLACES_AVAILABLE})
    parts = templates.get_template("parts.html").module
    bars = {str(parts.bar(state, 0, 10, 0)).replace(state, "") for state in STATES}  # type: ignore[attr-defined]
    marks = {str(parts.mark(state)) for state in State}  # type: ignore[attr-defined]

    assert len(bars) == 4
    assert len(marks) == 6


def test_ten_years_stay_light(tmp_path_factory: pytest.TempPathFactory) -> None:
    """With forty changes of each programme in ten years, the status page stays within its size limit in every language."""
    project = copy_of_repository(tmp_path_factory.mktemp("years") / "site")
    for programme in project.programmes:
        project.set_log(
            programme,
            *(
                f"{('open', 'quota_reached', 'places_available', 'quota_reached')[number % 4]} "
                f"{2016 + number // 4}-{3 * (number % 4) + 1:02}-01 11:42"
                for number in range(40)
            ),
        )

    assert list(weight(project.built().files)) == []
