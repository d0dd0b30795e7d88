"""Makes the page for each request that the guard accepts (overview, history, form, confirmation, result), and checks the role."""

from __future__ import annotations

from datetime import UTC, datetime

from site_src.desk.actions import Asked
from site_src.desk.changes import Changer, find_result, note_seen
from site_src.desk.commands import Commands, Ran
from site_src.desk.roles import DeskOptions
from site_src.desk.situation import Card, Observer, Situation
from site_src.desk.views import Views
from site_src.desk.visits import AGE_SECONDS, Visitor
from site_src.desk.words import say
from site_src.instants import utc_text
from site_src.states import ALLOWED_STEPS, STATES_WITH_LINK

_GOOD = frozenset({"result_done", "result_scheduled", "result_same", "result_pending"})


class Refused(Exception):
    """Raised if a request is refused. Contains the HTTP status, the key of the text in `words`, and the values for the text."""

    def __init__(self, status: int, key: str, **values: object) -> None:
        super().__init__(key)
        self.status, self.key, self.values = status, key, values


class Answers:
    """Makes the HTML pages of a desk. Each method may raise Refused. Each may take as long as a command, so call it in a thread."""

    def __init__(self, options: DeskOptions, views: Views) -> None:
        commands = Commands(options.root)
        self._options, self._views, self._changer = options, views, Changer(options, commands)
        visitor = Visitor(options.probe) if options.probe else None
        self._observer = Observer(commands, options.target, visitor)

    def overview(self, language: str, user: str) -> str:
        """Returns the page with the present situation of every programme."""
        return self._views.render("overview.html", language, user, situation=self._observer.read(AGE_SECONDS))

    def history(self, language: str, user: str, programme: str) -> str:
        """Returns the page with the programme's events."""
        known = self._observer.read_log()
        card, path = _find(known, programme), f"{programme}/history"
        return self._views.render("history.html", language, user, path, situation=known, card=card)

    def ask(self, asked: Asked, token: str, wrong_country: bool = False) -> str:
        """Returns the action's form. If it has none, or if the form was filled in (has `step`), returns the confirmation page."""
        action, language, user = asked.action, asked.language, asked.user
        known = self._observer.read_log(with_events=not action.hides_now)
        card, wish, path = _find(known, asked.programme), asked.wish, f"{asked.programme}/{action.word}"
        if action.word in ("reopen", "schedule") and not (wrong_country or "step" in asked.values):
            fields = {"card": card, "action": action, "wish": wish, "states": sorted(ALLOWED_STEPS)}
            return self._views.render("form.html", language, user, path, **fields)
        self._check_role(user, _shows_link(asked))
        wish = note_seen(card, asked)
        effect, lines = self._changer.foresee(card, asked, wish)
        if effect:
            self._check_role(user, effect.link_after)
        return self._views.render(
            "confirmation.html",
            language,
            user,
            path,
            action=action,
            card=card,
            cards=list(known.cards.values()),
            effect=effect,
            lines=lines,
            instant=known.instant or utc_text(datetime.now(UTC)),
            wish=wish,
            token=token,
            wrong_country=wrong_country,
        )

    def carry_out(self, asked: Asked) -> tuple[int, str]:
        """Runs the command of a confirmed change. Returns the HTTP status and the page with the result."""
        self._check_role(asked.user, _shows_link(asked))
        ran = self._run(asked)
        after = self._observer.read(age=0)
        card = _find(after, asked.programme)
        key = find_result(ran, asked, card)
        state = say(asked.language, f"state_{card.state}" if card.state else "not_known")
        page = self._views.render(
            "result.html",
            asked.language,
            asked.user,
            action=asked.action,
            card=card,
            situation=after,
            key=key,
            text=say(asked.language, key, by=_name_last(card, asked.language), state=state),
            is_good=key in _GOOD,
            lines=ran.lines,
        )
        return 200 if key in _GOOD else 409 if ran.code in (1, 2, 3) else 502, page

    def _run(self, asked: Asked) -> Ran:
        """Runs the command. Changes other than closings run one at a time.

        Raises Refused if the log has changed since the operator saw it, or if the change no longer has the effect that the page
        showed. A closing is never refused for these reasons.
        """
        if asked.action.hides_now:
            return self._changer.carry_out(asked)
        with self._changer.lock:
            card = _find(self._observer.read_log(), asked.programme)
            if card.version != asked.values.get("version"):
                by = _name_last(card, asked.language)
                raise Refused(409, "stale", programme=card.name(asked.language), by=by)
            if asked.action.follows_log:
                effect, _ = self._changer.foresee(card, asked, asked.wish)
                self._check_role(asked.user, effect.link_after if effect else None)
                if effect is None or effect.promise != asked.values.get("promise"):
                    raise Refused(409, "not_as_shown", programme=card.name(asked.language))
            return self._changer.carry_out(asked)

    def _check_role(self, user: str, shows: bool | None) -> None:
        """Raises Refused if the user may not make a change that shows the link (`shows` is True) or hides it (False)."""
        if shows is not None and not self._options.permits(user, shows):
            allowed = self._options.may_open if shows else self._options.may_close
            raise Refused(403, "refused_role" if allowed else "refused_all", names=", ".join(sorted(allowed)))


def _shows_link(asked: Asked) -> bool | None:
    """Returns whether the link is shown after the action, or None if this depends on the log.

    Raises Refused if a scheduled state is not one that the form offers.
    """
    action, state = asked.action, asked.values.get("state", "")
    if action.word != "schedule":
        return None if action.follows_log else action.possible_effects[0]
    if state not in ALLOWED_STEPS:
        raise Refused(400, "refused_form")
    return state in STATES_WITH_LINK


def _find(situation: Situation, programme: str) -> Card:
    card = situation.cards.get(programme)
    if card is None:
        raise Refused(404, "not_found")
    return card


def _name_last(card: Card, language: str) -> str:
    return card.last_by or say(language, "somebody")
