"""`quota show` prints the state of the log at a moment, for people and for programs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.commands import command
from tests.support.project import Project
from tests.support.quota_desk import EVERY_STATE, desk

# moment, state, link, since, next scheduled change, days until the next registration period
MOMENTS = {
    "upcoming": ("2026-03-31 23:59:59", "upcoming", "hidden", "-", "open from 2026-04-01 00:00", 276),
    "open": (
        "2026-04-01 00:00",
        "open",
        "SHOWN",
        "2026-04-01 00:00",
        "quota_reached from 2026-04-01 11:42",
        275,
    ),
    "quota-reached": (
        "2026-04-01 11:42",
        "quota_reached",
        "hidden",
        "2026-04-01 11:42 Europe/Amsterdam = 2026-04-01 18:42 Asia/Tokyo",
        "places_available from 2026-10-05 09:00 Europe/Amsterdam = 2026-10-05 16:00 Asia/Tokyo",
        275,
    ),
    "places-available": (
        "2026-10-05 09:00",
        "places_available",
        "SHOWN",
        "2026-10-05 09:00",
        "suspended from 2026-10-25 02:30+01:00 Europe/Amsterdam = 2026-10-25 10:30 Asia/Tokyo",
        88,
    ),
    "suspended": ("2026-12-31 23:59", "suspended", "hidden", "2026-10-25 02:30+01:00", "none", 1),
}


@pytest.fixture
def every_state(project: Project) -> Project:
    """The small site, with a log in which Japan goes through every state."""
    return desk(project, EVERY_STATE)


def rows(printed: str, programme: str) -> dict[str, str]:
    """Maps the title of each row of the table to the programme's cell."""
    (block,) = [
        block for block in printed.split("\n\n") if block.partition("\n")[0].endswith(f"({programme})")
    ]
    lines = block.splitlines()[1:]
    assert lines
    return {line[2:28].strip(): line[28:] for line in lines}


def status(project: Project, moment: str, programme: str = "japan") -> dict[str, Any]:
    """Returns the programme's entry in the output of `quota show --json` at this moment."""
    done = command(project, "quota", "show", "--json", "--at", moment)
    assert (done.returncode, done.stderr) == (0, "")
    (found,) = [one for one in json.loads(done.stdout)["programmes"] if one["id"] == programme]
    return dict(found)


@pytest.mark.parametrize("name", MOMENTS)
def test_the_table_and_the_json_say_what_holds_and_what_comes(every_state: Project, name: str) -> None:
    """At each moment, the table has the state and its start, the link, the scheduled changes, and the next period.

    The JSON says the same.
    """
    moment, state, link, since, scheduled, days = MOMENTS[name]

    done = command(every_state, "quota", "show", "--at", moment)

    assert (done.returncode, done.stderr) == (0, "")
    table = rows(done.stdout, "japan")
    assert table["state"] == f"{state}: the link is {link}"
    assert table["since"].startswith(since)
    assert table["next scheduled change"].startswith(scheduled)
    assert (
        table["next registration period"]
        == f"2027-01-01 (confirmed, in {days} day{'' if days == 1 else 's'})"
    )
    assert table.get("places") == ("12" if state == "places_available" else None)

    found = status(every_state, moment)
    assert (found["state"], found["linkShown"]) == (state, link == "SHOWN")
    assert found["placesAvailable"] == (12 if state == "places_available" else None)
    assert found["nextRegistrationPeriod"] == {"begins": "2027-01-01", "certainty": "confirmed", "days": days}
    following = found["nextScheduledChange"]
    assert following["state"] == scheduled.split()[0] if following else scheduled == "none"


def test_json_is_exactly_this(every_state: Project) -> None:
    """The JSON has these keys and no others, with every instant in UTC."""
    done = command(every_state, "quota", "--json", "--at", "2026-04-01 05:00+09:00")

    assert json.loads(done.stdout) == {
        "instant": "2026-03-31T20:00:00Z",
        "programmes": [
            {
                "id": "japan",
                "name": "Japan",
                "names": {"en": "Japan", "nl": "Japan"},
                "timeZones": ["Europe/Amsterdam", "Asia/Tokyo"],
                "state": "upcoming",
                "linkShown": False,
                "since": None,
                "placesAvailable": None,
                "nextScheduledChange": {"state": "open", "from": "2026-03-31T22:00:00Z"},
                "nextRegistrationPeriod": {"begins": "2027-01-01", "certainty": "confirmed", "days": 276},
            },
            {
                "id": "south-korea",
                "name": "South Korea",
                "names": {"en": "South Korea", "nl": "Zuid-Korea"},
                "timeZones": ["Europe/Amsterdam", "Asia/Seoul"],
                "state": "open",
                "linkShown": True,
                "since": "2025-12-31T23:00:00Z",
                "placesAvailable": None,
                "nextScheduledChange": None,
                "nextRegistrationPeriod": {"begins": "2027-01-01", "certainty": "confirmed", "days": 276},
            },
        ],
    }


def test_a_period_is_next_until_its_day_begins(every_state: Project) -> None:
    """When the day of the last known period begins in Dutch time, no next period is known."""
    assert status(every_state, "2026-12-31 23:59:59")["nextRegistrationPeriod"]["days"] == 1
    assert status(every_state, "2027-01-01 00:00")["nextRegistrationPeriod"] is None
    done = command(every_state, "quota", "show", "--at", "2027-01-01 00:00")
    assert rows(done.stdout, "japan")["next registration period"] == "not known"


def test_show_is_the_default_word(every_state: Project) -> None:
    """`quota` and `quota --at …` print what `quota show` prints, with a block for each programme."""
    shown = command(every_state, "quota", "show", "--at", "2026-11-22 12:00")

    assert command(every_state, "quota", "--at", "2026-11-22 12:00").stdout == shown.stdout
    assert shown.stdout.count("\n\n") == 1
    assert [line for line in shown.stdout.splitlines() if not line.startswith(" ")] == [
        "Japan (japan)",
        "",
        "South Korea (south-korea)",
    ]
    assert command(every_state, "quota").returncode == 0


def test_a_moment_that_is_none_is_wrong_use(every_state: Project) -> None:
    """A date that does not exist is wrong use. Only the reason is printed."""
    done = command(every_state, "quota", "show", "--at", "2026-02-30 12:00")

    assert (done.returncode, done.stdout) == (2, "")
    assert '"2026-02-30" is not in the calendar' in done.stderr


@pytest.mark.parametrize("word", ["show", "history"])
def test_mistakes_in_content_are_reported_beside_the_table(every_state: Project, word: str) -> None:
    """If a programme's file has a mistake, the states and the mistake are printed, and the exit code is 1."""
    every_state.replace("content/programmes/japan.yaml", "value: 200", "vale: 200")

    done = command(every_state, "quota", word)

    assert done.returncode == 1
    assert "japan (japan)" in done.stdout
    assert "South Korea (south-korea)" in done.stdout
    assert "content/programmes/japan.yaml:11: facts.places_per_year.vale: is not a key" in done.stderr


@pytest.mark.parametrize("word", ["show", "history", "due"])
def test_a_broken_log_is_refused(every_state: Project, word: str) -> None:
    """If a programme's lines cannot be read, the problem is printed with file and line, without a table.

    The exit code is 1.
    """
    every_state.replace("quota_state.yaml", "state: suspended", "state: suspendet")

    done = command(every_state, "quota", word)

    assert done.returncode == 1
    assert "Japan" not in done.stdout
    assert 'quota_state.yaml:11: japan[4].state: "suspendet" is not known. Did you mean' in done.stderr
