"""Dates and times as people type them agree with the time zone database, or are refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from site_src.instants import parse_day, parse_instant
from tests.support.project import AMSTERDAM

ZONES = [
    ZoneInfo(name)
    for name in ("Europe/Amsterdam", "Asia/Tokyo", "Asia/Seoul", "America/New_York", "Australia/Lord_Howe")
]


def local(text: str) -> datetime:
    """Parses a date and time without a time zone."""
    return datetime.fromisoformat(text)


# Times near a change of the clocks are rare, so half of the examples are drawn from there.
near_changes = st.builds(
    lambda year, month, day, minutes: local(f"{year}-{month:02}-{day:02}") + timedelta(minutes=minutes),
    st.integers(2000, 2100),
    st.sampled_from([3, 4, 10, 11]),
    st.integers(1, 30),
    st.integers(0, 4 * 60),
)
anywhere = st.datetimes(local("2000-01-01"), local("2100-12-31 23:59")).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
local_times = near_changes | anywhere


def possible_instants(shown: datetime, zone: ZoneInfo) -> set[datetime]:
    """Returns every instant at which the zone's clocks show this time, found with the offsets around that date."""
    noon = shown.replace(tzinfo=UTC)
    offsets = {(noon + timedelta(days=days)).astimezone(zone).utcoffset() for days in (-2, 0, 2)}
    candidates = {noon - offset for offset in offsets if offset is not None}
    return {instant for instant in candidates if instant.astimezone(zone).replace(tzinfo=None) == shown}


@given(shown=local_times, zone=st.sampled_from(ZONES))
@example(shown=local("2026-03-29 02:30"), zone=AMSTERDAM)
@example(shown=local("2026-10-25 02:30"), zone=AMSTERDAM)
@settings(deadline=None, max_examples=1500, derandomize=True)
def test_agrees_with_the_zone_database(shown: datetime, zone: ZoneInfo) -> None:
    """A local time is the one instant at which the zone's clocks show it. It is refused if there are no or two such instants."""
    possible = possible_instants(shown, zone)
    text = f"{shown:%Y-%m-%d %H:%M}"

    if len(possible) == 1:
        assert parse_instant(text, zone) in possible
    else:
        reason = "exists twice" if possible else "does not exist"
        with pytest.raises(ValueError, match=rf"{reason} in {zone.key}") as refusal:
            parse_instant(text, zone)
        offered = re.findall(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}[+-]\d{2}:\d{2}", str(refusal.value))
        assert len({parse_instant(offer, zone) for offer in offered}) == 2
        assert possible <= {parse_instant(offer, zone) for offer in offered}


def test_the_examples_have_times_of_each_kind() -> None:
    """In Dutch time, one hour in March does not exist, and one hour in October occurs twice."""
    kinds = [
        len(possible_instants(local(text), AMSTERDAM))
        for text in ("2026-03-29 02:30", "2026-10-25 02:30", "2026-04-01")
    ]
    assert kinds == [0, 2, 1]


@given(
    shown=anywhere,
    seconds=st.none() | st.integers(0, 59),
    offset=st.integers(-14 * 60, 14 * 60),
    between=st.sampled_from(["", " "]),
    middle=st.sampled_from([" ", "T"]),
)
@settings(deadline=None, max_examples=300, derandomize=True)
def test_an_offset_names_the_instant(
    shown: datetime, seconds: int | None, offset: int, between: str, middle: str
) -> None:
    """A time with an offset is the same instant as in ISO 8601, whatever the time zone."""
    clock = f"{shown:%H:%M}" + ("" if seconds is None else f":{seconds:02}")
    sign = f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"

    parsed = parse_instant(f"{shown:%Y-%m-%d}{middle}{clock}{between}{sign}", AMSTERDAM)

    assert parsed == datetime.fromisoformat(f"{shown:%Y-%m-%d}T{clock}{sign}")
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-04-01 11:42", datetime(2026, 4, 1, 9, 42, tzinfo=UTC)),
        ("2026-01-01 00:00", datetime(2025, 12, 31, 23, 0, tzinfo=UTC)),
        ("2026-04-01T11:42:07", datetime(2026, 4, 1, 9, 42, 7, tzinfo=UTC)),
        ("2026-04-01 11:42Z", datetime(2026, 4, 1, 11, 42, tzinfo=UTC)),
        ("2026-04-01 11:42 Z", datetime(2026, 4, 1, 11, 42, tzinfo=UTC)),
        ("  2026-04-01 11:42 ", datetime(2026, 4, 1, 9, 42, tzinfo=UTC)),
        ("2026-10-25 02:30+02:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25 02:30+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        ("2000-01-01 00:00", datetime(1999, 12, 31, 23, 0, tzinfo=UTC)),
        ("2100-12-31 23:59", datetime(2100, 12, 31, 22, 59, tzinfo=UTC)),
    ],
)
def test_reads(text: str, expected: datetime) -> None:
    """A moment may have seconds, a T, an offset or a Z. If it has no offset, it is local time."""
    assert parse_instant(text, AMSTERDAM) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not a moment"),
        ("now", "is not a moment"),
        ("2026-04-01", "is not a moment"),
        ("11:42", "is not a moment"),
        ("2026-4-1 11:42", "is not a moment"),
        ("26-04-01 11:42", "is not a moment"),
        ("2026-04-01 9:42", "is not a moment"),
        ("2026-04-01 11.42", "is not a moment"),
        ("2026-04-01 11:42:5", "is not a moment"),
        ("2026-04-01 11:42:05.5", "is not a moment"),
        ("2026-04-01  11:42", "is not a moment"),
        ("2026-04-01 11:42+2", "is not a moment"),
        ("2026-04-01 11:42+0200", "is not a moment"),
        ("2026-04-01 11:42z", "is not a moment"),
        ("2026-04-01 11:42 CET", "is not a moment"),
        ("2026-04-01 11:42\n2026", "is not a moment"),
        ("1 april 2026 11:42", "is not a moment"),
        ("٢٠٢٦-٠٤-٠١ ١١:٤٢", "is not a moment"),
        ("2026-04-01 24:00", "has the hour 24"),
        ("2026-04-01 11:60", "has a time that does not exist"),
        ("2026-04-01 11:42:60", "has a time that does not exist"),
        ("2026-02-29 11:42", "is not in the calendar"),
        ("2026-13-01 11:42", "is not in the calendar"),
        ("0000-01-01 11:42", "is not in the calendar"),
        ("1999-12-31 23:59", "lies outside 2000-2100"),
        ("2101-01-01 00:00", "lies outside 2000-2100"),
        ("9999-12-31 23:59-14:00", "lies outside 2000-2100"),
        ("2026-04-01 11:42+15:00", "has an offset that no place on earth uses"),
        ("2026-04-01 11:42-01:60", "has an offset that no place on earth uses"),
    ],
)
def test_refuses(text: str, reason: str) -> None:
    """Any other text is refused. The message repeats the text and says what is wrong."""
    with pytest.raises(ValueError, match=reason) as refusal:
        parse_instant(text, AMSTERDAM)
    assert str(refusal.value).startswith('"')
    assert str(refusal.value).endswith((".", "?"))


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)))
@settings(deadline=None, max_examples=100, derandomize=True)
def test_reads_any_day(day: date) -> None:
    """Any ISO date is read as that date."""
    assert parse_day(day.isoformat()) == day


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-4-1", "is not a day"),
        ("01-04-2026", "is not a day"),
        ("20260401", "is not a day"),
        ("2026-04-01 00:00", "is not a day"),
        ("2026-04-01\n", "is not a day"),
        ("٢٠٢٦-٠٤-٠١", "is not a day"),
        ("2026-02-30", "is not in the calendar"),
        ("1999-12-31", "lies outside 2000-2100"),
        ("2101-01-01", "lies outside 2000-2100"),
    ],
)
def test_refuses_what_is_no_day(text: str, reason: str) -> None:
    """Only an ISO date (2026-04-01) from 2000 to 2100 is accepted."""
    with pytest.raises(ValueError, match=reason):
        parse_day(text)
