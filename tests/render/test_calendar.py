"""The calendar of a programme, parsed by a library as a subscriber's program parses it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from site_src.states import State
from tests.gate.test_links_by_state import LOGS
from tests.support.commands import command
from tests.support.project import Project, at
from tests.support.real_site import copy_of_repository

TOKYO = ZoneInfo("Asia/Tokyo")


def read(data: bytes) -> Calendar:
    """Parses the bytes as a calendar."""
    calendar = Calendar.from_ical(data)
    assert isinstance(calendar, Calendar)
    return calendar


def events(data: bytes) -> list[Event]:
    """Returns the entries of the calendar. The earliest is first."""
    return [event for event in read(data).walk("VEVENT") if isinstance(event, Event)]


def starts(data: bytes) -> list[date]:
    """Returns the start of each entry, which is a date or a moment."""
    return [event.decoded("dtstart") for event in events(data)]


@pytest.mark.parametrize("state", LOGS)
def test_lines_are_folded_and_end_as_the_standard_demands(tmp_path: Path, state: str) -> None:
    """Each line of a calendar ends with CRLF, has at most 75 bytes, and cuts no character (RFC 5545, 3.1)."""
    site = copy_of_repository(tmp_path / "real")
    for programme in site.programmes:
        site.set_log(programme, *LOGS[state])

    files = site.built().files

    calendars = {path: data for path, data in files.items() if path.endswith("/calendar.ics")}
    assert len(calendars) == len(site.languages) * len(site.programmes)
    folded = 0
    for path, data in calendars.items():
        lines = data.split(b"\r\n")
        assert lines.pop() == b"", path
        assert all(len(line) <= 75 and b"\n" not in line and line.decode() for line in lines), path
        folded += sum(line.startswith(b" ") for line in lines)
        assert read(data).get("prodid")
        assert events(data)
    assert folded > 20


def test_a_period_is_a_whole_day(project: Project) -> None:
    """The entry of a registration period is a whole day, because only the date is known."""
    project.set_log("japan", "suspended 2026-01-01 00:00")

    data = project.built().files["en/japan/calendar.ics"]

    assert starts(data) == [date(2027, 1, 1)]
    assert not isinstance(starts(data)[0], datetime)
    assert events(data)[0].decoded("dtend") == date(2027, 1, 2)
    assert events(data)[0].decoded("sequence") == 0


def test_an_opening_has_its_moment_right_in_both_time_zones(project: Project) -> None:
    """A scheduled opening is one moment. The entry's text gives it in Dutch time and in the time in Tokyo."""
    project.set_log("japan", "suspended 2026-01-01 00:00", "open 2026-12-24 00:30")

    (opening,) = (
        event
        for event in events(project.built().files["en/japan/calendar.ics"])
        if isinstance(event.decoded("dtstart"), datetime)
    )

    assert opening.decoded("dtstart") == at("2026-12-24 00:30")
    assert opening.decoded("dtstart").astimezone(TOKYO).isoformat() == "2026-12-24T08:30:00+09:00"
    description = str(opening["description"])
    assert "Thursday, 24 December 2026, 00:30 (Dutch time)" in description
    assert "Thursday, 24 December 2026, 08:30 (time in Tokyo)" in description


def test_an_opening_on_a_periods_day_is_the_same_entry_revised(project: Project) -> None:
    """When the time of a known opening date becomes known, the entry keeps its identifier, and its SEQUENCE rises."""
    project.set_log("japan", "suspended 2026-01-01 00:00")
    (day,) = events(project.built().files["en/japan/calendar.ics"])
    project.set_log("japan", "suspended 2026-01-01 00:00", "open 2027-01-01 09:00")

    (timed,) = events(project.built().files["en/japan/calendar.ics"])

    assert timed["uid"] == day["uid"]
    assert (day.decoded("sequence"), timed.decoded("sequence")) == (0, 1)
    assert timed.decoded("dtstart") == at("2027-01-01 09:00")


def test_a_long_log_does_not_make_a_long_calendar(project: Project) -> None:
    """The calendar has the openings of the last fifty dates with an opening, and all future periods."""
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(60)]
    log = (
        f"{state} {day} {hour}" for day in days for state, hour in (("open", "09:00"), ("suspended", "10:00"))
    )
    project.set_log("japan", *log)

    found = starts(project.built().files["en/japan/calendar.ics"])

    assert [start.date() for start in found if isinstance(start, datetime)] == days[-50:]
    assert date(2027, 1, 1) in found


def test_identifiers_outlive_address_texts_and_time(project: Project) -> None:
    """The identifiers of calendar entries stay the same if the site's address or texts change, and in a later build."""
    first = [str(event["uid"]) for event in events(project.built().files["en/japan/calendar.ics"])]
    project.replace("content/site.yaml", "https://small.test", "https://elsewhere.test/whp")
    project.replace("content/programmes/japan.yaml", "  en: Japan", "  en: Nippon")

    later = project.built("2027-05-01 12:00").files["en/japan/calendar.ics"]

    assert [str(event["uid"]) for event in events(later)] == first
    assert len(set(first)) == len(first) >= 2


def test_two_openings_on_one_day_are_two_entries(project: Project) -> None:
    """Two openings on the same date are two entries with different identifiers."""
    project.set_log(
        "japan",
        "open 2026-04-01 00:00",
        "quota_reached 2026-04-01 03:00",
        "places_available 2026-04-01 09:00",
    )

    openings = events(project.built().files["en/japan/calendar.ics"])[:2]

    assert [event.decoded("dtstart") for event in openings] == [
        at("2026-04-01 00:00"),
        at("2026-04-01 09:00"),
    ]
    assert openings[0]["uid"] != openings[1]["uid"]


def test_an_entry_stays_when_its_moment_has_come(project: Project) -> None:
    """The calendar keeps the entry of an opening after the opening."""
    project.set_log("japan", "suspended 2026-01-01 00:00", "open 2026-12-24 00:30")

    before, after = (
        project.built(f"2026-12-24 {clock}").files["en/japan/calendar.ics"] for clock in ("00:29", "00:31")
    )

    assert before == after


@pytest.mark.parametrize("state", LOGS)
def test_no_state_and_no_address_is_in_a_calendar(project: Project, state: State) -> None:
    """A calendar contains neither a state nor the address of the form, because subscribers keep old copies."""
    project.set_log("japan", *LOGS[state])

    text = (
        str(events(project.built().files["en/japan/calendar.ics"]))
        + project.built().files["en/japan/calendar.ics"].decode()
    )

    assert "request.test" not in text.replace("\r\n ", "")
    assert "quota has been reached" not in text


def test_the_calendar_is_the_same_whether_it_was_kept_or_made(project: Project) -> None:
    """A second build publishes the same bytes, with the cached calendars or without the cache."""
    builds = []
    for _ in range(2):
        assert command(project, "build", "--at", "2026-11-22 12:00").returncode == 0
        builds.append(project.published())
    (project.root / ".dist.builds" / "memo.sqlite").unlink()
    assert command(project, "build", "--at", "2026-11-22 12:00").returncode == 0

    assert builds[0] == builds[1] == project.published()
    assert events(builds[0]["en/japan/calendar.ics"])


def test_a_title_with_special_characters_of_calendars_is_read_as_typed(project: Project) -> None:
    """Commas, semicolons and backslashes in the site's title are escaped in the calendar's name (RFC 5545, 3.3.11)."""
    project.replace("content/site.yaml", "en: Small site", 'en: "Small, site; with a \\\\ sign"')

    lines = project.built().files["en/japan/calendar.ics"].decode().replace("\r\n ", "").split("\r\n")

    name = r"Registration periods for Japan – Small\, site\; with a \\ sign"
    assert f"X-WR-CALNAME:{name}" in lines
    assert f"NAME;LANGUAGE=en:{name}" in lines
