"""`quota due`: what should have followed, and has not."""

from __future__ import annotations

import pytest

from tests.support.commands import Done, command
from tests.support.project import Project

BEFORE, AFTER = "2026-12-31 23:59", "2027-01-01 00:00"
REACHED = ("open 2026-01-01 00:00", "quota_reached 2026-06-18 15:05")


@pytest.fixture
def quiet(project: Project) -> Project:
    """The small site with nothing due: both quotas are reached, and a far period is known beside the next one."""
    for programme in ("japan", "south-korea"):
        path = f"content/programmes/{programme}.yaml"
        project.replace(
            path,
            "registration_periods:\n",
            "registration_periods:\n  - begins: 2028-01-01\n    certainty: confirmed\n    source: x\n",
        )
        project.set_log(programme, *REACHED)
    return project


def due(project: Project, moment: str) -> Done:
    """`quota due` at the moment."""
    return command(project, "quota", "due", "--at", moment)


def test_nothing_is_due(quiet: Project) -> None:
    """Where nothing is due, nothing is printed, and the exit code is 0."""
    assert due(quiet, BEFORE) == Done(0, "", "")


@pytest.mark.parametrize(
    ("events", "state"),
    [
        (REACHED, "quota_reached"),
        (("suspended 2026-01-01 00:00",), "suspended"),
        (("open 2027-01-02 00:00",), "upcoming"),
    ],
    ids=["quota-reached", "suspended", "upcoming"],
)
def test_a_period_has_begun_without_an_opening(quiet: Project, events: tuple[str, ...], state: str) -> None:
    """From the day on which a period begins, a state from before it that hides the link is due."""
    quiet.set_log("japan", *events)
    quiet.set_log("south-korea", "open 2026-01-01 00:00")

    assert due(quiet, BEFORE).returncode == 0
    done = due(quiet, AFTER)

    assert done.returncode == 1
    assert done.stdout == (
        f"japan: a registration period began on 2027-01-01, and the state is still {state}. "
        "When it is open: python build.py quota set japan open\n"
    )


@pytest.mark.parametrize(
    "events",
    [
        (*REACHED, "open 2027-01-01 00:00"),
        (*REACHED, "open 2027-01-01 00:00", "quota_reached 2027-01-01 00:01"),
        (*REACHED, "suspended 2027-01-01 00:00"),
        ("open 2026-01-01 00:00",),
    ],
    ids=["opened", "opened-and-reached", "put-off", "open-since-long"],
)
def test_a_period_with_an_event_is_not_due(quiet: Project, events: tuple[str, ...]) -> None:
    """A period is not due once the log has an event from its day on, or while the link is shown anyway."""
    quiet.set_log("japan", *events)
    quiet.set_log("south-korea", "open 2026-01-01 00:00")

    assert due(quiet, "2027-01-01 00:02") == Done(0, "", "")


def test_no_future_period_is_known(project: Project) -> None:
    """When the last known period has begun, the next one is due, with the file in which it belongs."""
    project.set_log("japan", "open 2026-01-01 00:00")
    project.set_log("south-korea", "open 2026-01-01 00:00")
    assert due(project, BEFORE) == Done(0, "", "")

    done = due(project, AFTER)

    assert done.returncode == 1
    assert done.stdout == "".join(
        f"{programme}: no future registration period is known. Add it to content/programmes/{programme}.yaml.\n"
        for programme in ("japan", "south-korea")
    )


def test_the_last_build_is_behind(quiet: Project) -> None:
    """When a scheduled change has passed and the last build does not show it, a build is due until it is made."""
    quiet.set_log("japan", *REACHED, "suspended 2026-11-22 12:00")
    assert command(quiet, "build", "--at", "2026-11-22 11:59").returncode == 0
    assert due(quiet, "2026-11-22 11:59") == Done(0, "", "")

    done = due(quiet, "2026-11-22 12:00")
    assert done == Done(
        1,
        "japan: dist/ still says quota_reached, and the state is suspended. Build it again: python build.py\n",
        "",
    )

    assert command(quiet, "build", "--at", "2026-11-22 12:00").returncode == 0
    assert due(quiet, "2026-11-22 12:00") == Done(0, "", "")


def test_each_reason_has_its_line(project: Project) -> None:
    """Several reasons for several programmes are printed at once, sorted by programme."""
    project.set_log("japan", *REACHED)
    project.set_log("south-korea", *REACHED)
    assert command(project, "build", "--at", "2026-02-01 12:00").returncode == 0

    done = due(project, AFTER)

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["japan"] * 3 + ["south-korea"] * 3
    assert len(set(lines)) == 6


def test_mistakes_in_content_are_refused(quiet: Project) -> None:
    """While a programme's file has a mistake, nothing is said about its periods but the mistake."""
    quiet.replace("content/programmes/japan.yaml", "begins: 2028-01-01", "begins: 2028-13-01")

    done = due(quiet, BEFORE)

    assert (done.returncode, done.stdout) == (1, "")
    assert "content/programmes/japan.yaml:" in done.stderr
