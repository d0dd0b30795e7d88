"""Writes moments and days in the page's language, each moment in every time zone of its programme."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_location

_LOCALES = {"en": "en_GB", "nl": "nl"}
_FORMS = {"en": "EEEE d MMMM y, HH:mm:ss", "nl": "EEEE d MMMM y, HH.mm.ss 'uur'"}
_DUTCH = {"en": "Dutch time", "nl": "Nederlandse tijd"}


class LocalMoment(NamedTuple):
    """A moment in one zone: for the attribute `datetime`, and in words."""

    attribute: str
    text: str


def list_moments(instant: str, zones: list[str], language: str) -> list[LocalMoment]:
    """The instant (ISO 8601) in each zone, in the order of the zones."""
    moments = []
    for zone in zones:
        local = datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))
        words = format_datetime(local, _FORMS[language], locale=_LOCALES[language])
        moments.append(LocalMoment(local.isoformat(timespec="seconds"), f"{words} ({_name(zone, language)})"))
    return moments


def write_day(day: str, language: str) -> str:
    """The day (ISO 8601) in words."""
    return format_date(date.fromisoformat(day), "d MMMM y", locale=_LOCALES[language])


def _name(zone: str, language: str) -> str:
    if zone == "Europe/Amsterdam":
        return _DUTCH[language]
    return get_timezone_location(zone, locale=_LOCALES[language], return_city=True)
