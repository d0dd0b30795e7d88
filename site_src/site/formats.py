"""Formats numbers, amounts, days, moments and durations for readers, in a language, and in the time zones of the site and
a programme.

`cldr` computes the texts, and the memo stores them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from site_src.cache import Memo, digest, fingerprint
from site_src.read.labels import Labels


@dataclass(frozen=True)
class FormattedMoment:
    """An instant or a day for readers. `machine` is the value of `<time datetime>`, and `text` is the element's text."""

    machine: str
    text: str


@dataclass(frozen=True)
class LocaleFormats:
    """The formats of one language. `zone` is the site's time zone. `memo` stores the CLDR results and is not compared."""

    labels: Labels
    zone: ZoneInfo
    memo: Memo = field(default_factory=Memo, compare=False, repr=False)
    _known: dict[tuple[str, str], str] = field(default_factory=dict, compare=False, repr=False)

    def number(self, value: int | Decimal) -> str:
        """Formats a number: `1,200.5` in English, `1.200,5` in Dutch."""
        return self._ask("number", str(value))

    def money(self, value: int | Decimal, currency: str) -> str:
        """Formats an amount: `€81` in English, `€ 81` in Dutch. The currency is an ISO 4217 code."""
        return self._ask("money", f"{currency} {value}")

    def day(self, day: date, with_weekday: bool = False) -> FormattedMoment:
        """Formats a day, such as the day on which a page was changed. The text names no time zone."""
        return FormattedMoment(
            day.isoformat(), self._ask("full_day" if with_weekday else "long_day", day.isoformat())
        )

    def site_day(self, instant: datetime) -> FormattedMoment:
        """Formats the day of the instant in the site's time zone, without the weekday."""
        return self.day(instant.astimezone(self.zone).date())

    def local_day(self, day: date) -> FormattedMoment:
        """Formats a day with its weekday. The text says that it is in the site's time zone."""
        text = self._ask("full_day", day.isoformat())
        return FormattedMoment(day.isoformat(), self.labels.in_dutch_time.format(moment=text))

    def moments(self, instant: datetime, zone: str, zone_name: str) -> tuple[FormattedMoment, ...]:
        """Formats the instant in the site's time zone, and in the programme's `zone` if the two zones differ.

        The label `first_time` decides which of the two times comes first. `zone_name` is the name of `zone` in this
        language.
        """
        here, there = instant.astimezone(self.zone), instant.astimezone(ZoneInfo(zone))
        site = FormattedMoment(here.isoformat(), self.labels.in_dutch_time.format(moment=self._text(here)))
        if there.tzinfo == self.zone:
            return (site,)
        text = self.labels.in_programme_time.format(moment=self._text(there), zone=zone_name)
        programme = FormattedMoment(there.isoformat(), text)
        return (programme, site) if self.labels.first_time == "programme" else (site, programme)

    def is_singular(self, count: int) -> bool:
        """Returns True if the language uses the singular after this number. Always False for a language without plurals, such
        as Japanese.
        """
        return self._ask("plural", str(count)) == "one"

    def duration(self, begin: datetime, end: datetime) -> str:
        """Formats the time from `begin` to `end`, in the two largest units of days, hours and minutes."""
        hours, minutes = divmod(max(1, int((end - begin).total_seconds()) // 60), 60)
        days, hours = divmod(hours, 24)
        units = [("day", days), ("hour", hours), ("minute", minutes)]
        first = next(number for number, (_, count) in enumerate(units) if count)
        # Looks up each unit by itself, because there are few different results, which the memo stores.
        parts = (self._ask("unit", f"{count} {unit}") for unit, count in units[first : first + 2] if count)
        return self._ask("between_units", "").join(parts)

    def alternatives(self, count: int) -> str:
        """Returns `count` placeholders, joined as alternatives in this language: `{0}, {1} or {2}`."""
        return self._ask("alternatives", str(count))

    def language_name(self, code: str) -> str:
        """Returns the name of the language `code` in this language."""
        return self._ask("language_name", code)

    def _text(self, local: datetime) -> str:
        day = self._ask("full_day", local.date().isoformat())
        clock = self.labels.clock_time.format(hours=f"{local:%H}", minutes=f"{local:%M}")
        return self.labels.date_and_time.format(date=day, time=clock)

    def _ask(self, question: str, about: str) -> str:
        if (question, about) in self._known:
            return self._known[question, about]
        locale = self.labels.locale

        def asked() -> str:
            from site_src.site import cldr

            answer: str = getattr(cldr, question)(locale, about)
            return answer

        code = fingerprint("site_src.site.cldr", libraries=("babel",))
        answer = str(self.memo.get(digest(code, question, locale, about), asked))
        self._known[question, about] = answer
        return answer
