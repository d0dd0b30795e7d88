"""Renders the desk's pages from templates (overview, form, confirmation, result, history, refusal), with dates in words."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_location
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from site_src.desk.actions import ACTIONS, Action
from site_src.desk.roles import DeskOptions
from site_src.desk.situation import Card
from site_src.desk.words import LANGUAGES, say

TEMPLATES = Path(__file__).parent / "templates"
_LOCALES = {"en": "en_GB", "nl": "nl"}
_FORMS = {"en": "EEEE d MMMM y, HH:mm:ss", "nl": "EEEE d MMMM y, HH.mm.ss 'uur'"}
_DUTCH = {"en": "Dutch time", "nl": "Nederlandse tijd"}


class Views:
    """Renders the pages of one desk."""

    def __init__(self, options: DeskOptions) -> None:
        self._options = options
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, template: str, language: str, user: str, path: str = "", **values: Any) -> str:
        """Renders a page for the user. `path` is the page's own path below the folder of its language."""
        return self._templates.get_template(template).render(
            t=partial(say, language),
            language=language,
            languages=LANGUAGES,
            user=user,
            path=path,
            moments=lambda instant, card: list_moments(instant, card.zones, language),
            day=lambda day: write_day(day, language),
            may_close=self._options.permits(user, shows_link=False),
            may_open=self._options.permits(user, shows_link=True),
            offered=self._list_offered,
            **values,
        )

    def _list_offered(self, card: Card, user: str) -> list[Action]:
        """Returns the actions that are possible now and that the user's role permits.

        If the effect of an action is not known yet, either role permits it.
        """
        return [
            action
            for action in ACTIONS.values()
            if action.is_offered(card.state, card.scheduled is not None)
            and any(self._options.permits(user, shows) for shows in action.possible_effects)
        ]


class LocalMoment(NamedTuple):
    """A moment in one time zone. `attribute` is the value of the HTML attribute `datetime`, and `text` is the moment in words."""

    attribute: str
    text: str


def list_moments(instant: str, zones: list[str], language: str) -> list[LocalMoment]:
    """Returns the instant (ISO 8601) in each of the time zones."""
    moments = []
    for zone in zones:
        local = datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))
        words = format_datetime(local, _FORMS[language], locale=_LOCALES[language])
        moments.append(LocalMoment(local.isoformat(timespec="seconds"), f"{words} ({_name(zone, language)})"))
    return moments


def write_day(day: str, language: str) -> str:
    """Returns the day (ISO 8601) in words."""
    return format_date(date.fromisoformat(day), "d MMMM y", locale=_LOCALES[language])


def _name(zone: str, language: str) -> str:
    if zone == "Europe/Amsterdam":
        return _DUTCH[language]
    return get_timezone_location(zone, locale=_LOCALES[language], return_city=True)
