"""Renders the desk's pages from templates (overview, form, confirmation, result, history, refusal), with dates in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_location
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from site_src.desk.actions import ACTIONS, Action, Wish
from site_src.desk.roles import DeskOptions
from site_src.desk.situation import Card, Situation
from site_src.desk.words import LANGUAGES, say
from site_src.states import ALLOWED_STEPS, STATES_WITH_LINK

TEMPLATES = Path(__file__).parent / "templates"
_LOCALES = {"en": "en_GB", "nl": "nl"}
_FORMS = {"en": "EEEE d MMMM y, HH:mm:ss", "nl": "EEEE d MMMM y, HH.mm.ss 'uur'"}
_DUTCH = {"en": "Dutch time", "nl": "Nederlandse tijd"}


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a change: the states before and after it, and whether the link is shown before and after it.

    `before` is None if the log cannot be read. `instant` is when the change takes effect; None means at once. `taken_back`
    is the event that the change removes or undoes, or None.
    """

    before: str | None
    after: str
    link_before: bool | None
    link_after: bool
    instant: str | None = None
    taken_back: Mapping[str, Any] | None = None

    @property
    def promise(self) -> str:
        """Returns a digest of `taken_back`, `after` and `link_after`. It is compared when the change is confirmed."""
        promised = [self.taken_back, self.after, self.link_after]
        return hashlib.sha256(json.dumps(promised, sort_keys=True).encode()).hexdigest()[:32]

    @property
    def key(self) -> str:
        """Returns the key in `words` of what happens to the link."""
        if self.link_before is None:
            return "link_if_shown"
        if self.link_before == self.link_after:
            return "link_stays_shown" if self.link_after else "link_stays_hidden"
        return "link_appears" if self.link_after else "link_disappears"


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

    def overview(self, language: str, user: str, situation: Situation) -> str:
        """Renders the page with all programmes and their possible actions."""
        return self._render("overview.html", language, user, "", situation=situation)

    def history(self, language: str, user: str, situation: Situation, card: Card) -> str:
        """Renders the page with all events of a programme, the newest first."""
        return self._render(
            "history.html", language, user, f"{card.id}/history", situation=situation, card=card
        )

    def form(self, language: str, user: str, card: Card, action: Action, wish: Wish) -> str:
        """Renders the form with the fields of an action."""
        states = sorted(ALLOWED_STEPS)
        path = f"{card.id}/{action.word}"
        return self._render(
            "form.html", language, user, path, card=card, action=action, wish=wish, states=states
        )

    def confirmation(self, language: str, user: str, path: str, **values: Any) -> str:
        """Renders the page with the effect of a change and the button that confirms it."""
        return self._render("confirmation.html", language, user, path, **values)

    def result(self, language: str, user: str, **values: Any) -> str:
        """Renders the page with the result of a change."""
        return self._render("result.html", language, user, "", **values)

    def refusal(self, language: str, user: str, key: str, **values: object) -> str:
        """Renders the page that says why a request was refused."""
        return self._render("refusal.html", language, user, "", text=say(language, key, **values))

    def _render(self, template: str, language: str, user: str, path: str, **values: Any) -> str:
        def t(key: str, **filled: object) -> str:
            return say(language, key, **filled)

        return self._templates.get_template(template).render(
            t=t,
            language=language,
            languages=LANGUAGES,
            user=user,
            path=path,
            moments=lambda instant, card: list_moments(instant, card.zones, language),
            day=lambda day: write_day(day, language),
            with_link=STATES_WITH_LINK,
            may_close=self._options.permits(user, shows_link=False),
            may_open=self._options.permits(user, shows_link=True),
            offered=self._list_offered,
            **values,
        )

    def _list_offered(self, card: Card, user: str) -> list[Action]:
        """Returns the actions that are possible now and that the user's role permits.

        If the effect of an action is not known yet, either role permits it.
        """
        may = {shows: self._options.permits(user, shows) for shows in (True, False)}
        return [
            action
            for action in ACTIONS.values()
            if action.is_offered(card.state, card.scheduled is not None)
            and (any(may.values()) if action.state is None else may[action.state in STATES_WITH_LINK])
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
