"""Parses and prints dates and instants as people type them, `2026-04-01 11:42+02:00`, and reads the option --at.

An instant is an aware datetime in UTC. A local time that a clock change skips or repeats is refused: guessing it could
show the conversation starter an hour too long.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from unicodedata import category, name
from zoneinfo import ZoneInfo

from site_src.exit_codes import WrongUse

_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?(?: ?(Z|[+-]\d{2}:\d{2}))?", re.ASCII
)
# An hour with one digit, or a dot or "h" instead of the colon: the message suggests the correct form.
_ALMOST = re.compile(
    r"(\d{4}-\d{2}-\d{2})[ T]*(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?(?: ?(Z|[+-]\d{2}:\d{2}))?", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FORM = "Write it as 2026-04-01 11:42, or with an offset: 2026-04-01 11:42+02:00."
FIRST_YEAR, LAST_YEAR = 2000, 2100


def parse_day(text: str) -> date:
    """Returns the calendar day in `text` (ISO 8601, `2026-04-01`). Raises ValueError with a message for the user."""
    if not _DAY.fullmatch(text):
        raise ValueError(f'"{text}" is not a day.{_odd_character(text)} Write it as 2026-04-01.')
    return _checked_day(text)


def parse_instant(text: str, zone: ZoneInfo) -> datetime:
    """Returns the instant (aware, UTC) in `text`. Without an offset, `text` is local time in `zone`.

    Raises ValueError, with a message for the user, for any other form, for a day or time that does not exist, for a year
    outside 2000-2100, and for a local time that `zone` skips or repeats.
    """
    match = _INSTANT.fullmatch(text.strip())
    if not match:
        raise ValueError(f'"{text}" is not a moment. {_form_meant(text.strip())}')
    day, hours, minutes, seconds, offset = match.groups()
    if hours == "24":
        raise ValueError(
            f'"{text}" has the hour 24. Hours are 00 to 23: write 24:00 as 00:00 of the next day.'
        )
    if int(hours) > 23 or int(minutes) > 59 or int(seconds or 0) > 59:
        raise ValueError(f'"{text}" has a time that does not exist. {_FORM}')
    local = datetime.combine(_checked_day(day), datetime.min.time()) + timedelta(
        hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0)
    )
    if offset:
        return local.replace(tzinfo=_offset(offset, text)).astimezone(UTC)
    return _unambiguous(local, zone)


def local_text(instant: datetime, zone: ZoneInfo) -> str:
    """Returns the instant (aware) in local time, as `parse_instant` reads it: `2026-04-01 11:42`.

    The text has seconds if they are not 0, and an offset if the local time occurs twice.
    """
    local = instant.astimezone(zone)
    exists_twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    shown = local if exists_twice else local.replace(tzinfo=None)
    return shown.isoformat(sep=" ", timespec="seconds" if local.second else "minutes")


def utc_text(instant: datetime, timespec: str = "auto") -> str:
    """Returns the instant (aware) in UTC as ISO 8601: `2026-04-01T09:42:00Z`. `timespec` is as in `datetime.isoformat`."""
    return instant.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def _form_meant(text: str) -> str:
    """Returns a message with the corrected text if `text` is nearly correct, otherwise with an example."""
    if (blank := re.search(r"(?! )\s", text)) and _INSTANT.fullmatch(re.sub(r"\s", " ", text)):
        return f"It has the blank U+{ord(blank[0]):04X} ({name(blank[0], 'tab').lower()}). Type a space in its place."
    match = _ALMOST.fullmatch(text)
    if not match:
        return f"{_odd_character(text)} {_FORM}".lstrip()
    day, hours, minutes, seconds, offset = match.groups(default="")
    time = ":".join(filter(None, (f"{int(hours):02}", minutes, seconds)))
    return f"Did you mean {day} {time}{offset}?"


def _odd_character(text: str) -> str:
    """Describes the first dash, digit, mark or blank that is not ASCII: ` It has "–" (en dash).` Returns "" if there is none."""
    odd = (
        char
        for char in text
        if not char.isascii() and category(char) in ("Pd", "Pi", "Pf", "Po", "Nd", "Zs", "Sm", "Cf")
    )
    return next((f' It has "{char}" ({name(char, "unknown").lower()}).' for char in odd), "")


def _checked_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is not in the calendar. Check the month and the day.') from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f'"{text}" lies outside {FIRST_YEAR}-{LAST_YEAR}. Check the year.')
    return day


def _offset(offset: str, text: str) -> tzinfo:
    if offset == "Z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    if hours > 14 or minutes > 59:
        raise ValueError(f'"{text}" has an offset that no place on earth uses. {_FORM}')
    distance = timedelta(hours=hours, minutes=minutes)
    return timezone(-distance if offset[0] == "-" else distance)


def _unambiguous(local: datetime, zone: ZoneInfo) -> datetime:
    first, second = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    exists = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local
    reason = "exists twice" if exists else "does not exist"
    either = sorted((_with_offset(first), _with_offset(second)))
    raise ValueError(
        f'"{local:%Y-%m-%d %H:%M}" {reason} in {zone.key}: the clock changes then. '
        f"Add the offset: {either[0]} or {either[1]}."
    )


def _with_offset(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant (aware) to build for. `is_present` is False if the user gave the instant."""

    instant: datetime
    is_present: bool = False


def checked_instant(text: str | None) -> None:
    """Raises WrongUse if the text is not a moment in any time zone. Call it before anything is read."""
    if text is not None:
        instant_of(text, ZoneInfo("UTC"))


def moment_of(text: str | None, zone: ZoneInfo) -> Moment:
    """Returns the moment that --at gives, or the present if `text` is None. Raises WrongUse."""
    return Moment(instant_of(text, zone), is_present=text is None)


def instant_of(text: str | None, zone: ZoneInfo) -> datetime:
    """Returns the instant of --at (aware, UTC), or now if `text` is None. Without an offset, `text` is local time in `zone`.

    Raises WrongUse.
    """
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return parse_instant(text, zone)
    except ValueError as error:
        raise WrongUse(f"--at: {error}") from None
