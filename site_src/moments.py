"""Numbers, days and moments in a language's own form, as CLDR (through Babel) has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_timezone_location
from babel.numbers import format_decimal

from site_src.labels import Labels


@dataclass(frozen=True)
class Moment:
    """An instant or a day for the reader: `machine` for `<time datetime>`, `text` with the day and the zone named."""

    machine: str
    text: str


@dataclass(frozen=True)
class Forms:
    """How one language writes; `zone` is the site's own time zone."""

    labels: Labels
    zone: ZoneInfo

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(self.labels.locale, sep="-")

    def number(self, value: int) -> str:
        """`1,200` in English, `1.200` in Dutch."""
        return format_decimal(value, locale=self._locale)

    def day(self, day: date) -> Moment:
        """A day without weekday, such as the one on which a page was changed."""
        return Moment(day.isoformat(), format_date(day, "long", locale=self._locale))

    def local_day(self, day: date) -> Moment:
        """A day with its weekday, said to be in the site's time zone."""
        text = format_date(day, "full", locale=self._locale)
        return Moment(day.isoformat(), self.labels.in_dutch_time.format(moment=text))

    def moments(self, instant: datetime, zone_name: str) -> tuple[Moment, ...]:
        """The instant in the site's time zone, and in the programme's zone if that is another one."""
        there = ZoneInfo(zone_name)
        here = instant.astimezone(self.zone)
        moments = [Moment(here.isoformat(), self.labels.in_dutch_time.format(moment=self._text(here)))]
        if there != self.zone:
            city = _city(there, self._locale)
            local = instant.astimezone(there)
            moments.append(
                Moment(
                    local.isoformat(), self.labels.in_city_time.format(moment=self._text(local), city=city)
                )
            )
        return tuple(moments)

    def language_name(self, code: str) -> str:
        """What this language calls the language `code`."""
        try:
            return Locale.parse(code, sep="-").get_display_name(self._locale) or code
        except UnknownLocaleError:
            return code

    def _text(self, local: datetime) -> str:
        day = format_date(local.date(), "full", locale=self._locale)
        clock = local.strftime("%H:%M:%S" if local.second else "%H:%M")
        return self.labels.date_and_time.format(date=day, time=clock)


def _city(zone: ZoneInfo, locale: Locale) -> str:
    """The zone's city in the language, or in English where CLDR does not have it."""
    try:
        return get_timezone_location(zone, locale=locale, return_city=True)
    except LookupError:
        return get_timezone_location(zone, locale="en", return_city=True)
