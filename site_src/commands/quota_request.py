"""Parses the request of an operator's command (`set`, `close`, `reopen`, `suspend`, `open`, `cancel`, `undo`), and finds who makes the
change.
"""

from __future__ import annotations

import argparse
import getpass
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

from site_src.commands.git import Git
from site_src.commands.output import say
from site_src.commands.quota_inputs import QuotaInputs
from site_src.commands.target import name_target
from site_src.commands.typed_names import known_programme, known_state
from site_src.exit_codes import WrongUse
from site_src.instants import instant_of, parse_instant
from site_src.local_file import LOCAL_FILE
from site_src.problems import Problem
from site_src.quota.change import Change
from site_src.quota.log import Event, event_at, next_event
from site_src.quota.planning import JUST_NOW, plan_cancel, plan_event, plan_undo
from site_src.read.text import is_plain_line
from site_src.states import STATES_WITH_LINK, State

if TYPE_CHECKING:
    from site_src.read.local import Local

# The environment variable with the operator's login. A page that runs these commands sets it.
LOGIN = "QUOTABORD_USER"


@dataclass(frozen=True, slots=True)
class Request:
    """A requested change. `state` is None for `cancel` and `undo`. `moment` is None for a change that begins now.

    `programme` is as typed; None means the programme with the last change.
    """

    word: str
    programme: str | None
    state: State | None = None
    moment: str | None = None
    places: int | None = None
    by: str | None = None
    note: str | None = None
    expected: State | None = None
    mistake: bool = False

    @property
    def hides(self) -> bool:
        """Returns True if the requested state hides the link; False for `cancel` and `undo`, whose effect depends on the log."""
        return self.state is not None and self.state not in STATES_WITH_LINK

    def plan(self, inputs: QuotaInputs) -> Change:
        """Plans the change to the log. Raises ChangeRefused, InputRefused, and WrongUse for a name that is not a programme."""
        now = instant_of(None, inputs.zone)
        name = self.programme
        programme = known_programme(name, inputs.ids) if name else _last_changed(inputs, now)
        state_file = inputs.state_file(programme)
        if self.word == "cancel":
            return plan_cancel(state_file, programme, now)
        starts = _moment(self.moment, inputs.zone) if self.moment else now
        # The state of an undo follows from the log.
        state = self.state or State.SUSPENDED
        event = Event(state, starts, self.places, self.by, self.note, mistake=self.mistake)
        if self.word == "undo":
            return plan_undo(state_file, programme, event, now, self.expected)
        return plan_event(state_file, programme, event, now, self.expected)


def read_request(options: argparse.Namespace) -> Request:
    """Returns the request, but not who makes it. Raises WrongUse for options that are wrong for every log."""
    state = known_state(options.state) if options.state is not None else None
    expected = known_state(options.expect) if options.expect is not None else None
    if options.moment is not None:
        _moment(options.moment, ZoneInfo("UTC"))  # reports a wrong time before anything is read
    if options.places is not None and state is not State.PLACES_AVAILABLE:
        raise WrongUse(f"--places can be used only with places_available, not with {state}.")
    for name, text in (("--by", options.by), ("--note", options.note)):
        if text is not None and not is_plain_line(text):
            raise WrongUse(f"{name} must be one line of plain text.")
    note, mistake = options.note or None, options.mistake
    return Request(
        options.word, options.programme, state, options.moment, options.places, None, note, expected, mistake
    )


def refuse_without_target(problems: tuple[Problem, ...]) -> NoReturn:
    """Prints the problems of local.yaml, then raises WrongUse, because neither the command nor local.yaml names a target."""
    say(*problems)
    raise WrongUse(
        f"where is the site published to? Add the target to {LOCAL_FILE} beside quota_state.yaml, such as "
        '"target: /srv/www/working-holiday", or name the folder: --publish DIR'
    )


def use_local(options: argparse.Namespace, local: Local | None) -> None:
    """Fills in missing options from local.yaml, if local.yaml names this target."""
    if local and name_target(options, options.publish) == local.target:
        options.probe, options.web_servers = options.probe or local.probe, local.web_servers
        options.who = local.who


def find_author(options: argparse.Namespace, folder: Path) -> str:
    """Returns who makes the change: from --by, the login, git in the folder, local.yaml or the user of this process, in this order."""
    return next(filter(is_plain_line, filter(None, _names(options, folder))), f"user {os.getuid()}")


def _last_changed(inputs: QuotaInputs, now: datetime) -> str:
    """Returns the programme whose state changed last, if that was within JUST_NOW; otherwise the only one with a scheduled event.

    Raises WrongUse if there is no such programme.
    """
    begun = {id: event.starts for id, log in inputs.logs.items() if (event := event_at(log, now))}
    recent = [id for id in sorted(begun, key=begun.__getitem__) if now - begun[id] <= JUST_NOW]
    scheduled = [id for id, log in inputs.logs.items() if next_event(log, now)]
    if not recent and len(scheduled) != 1:
        example = min(inputs.logs)
        raise WrongUse(
            f"nothing changed within the last hour. Name the programme: python build.py quota undo {example}"
        )
    return recent[-1] if recent else scheduled[0]


def _names(options: argparse.Namespace, folder: Path) -> Iterator[str | None]:
    """Yields names of who makes the change, the most reliable first."""
    yield options.by
    yield os.environ.get("SUDO_USER")
    yield os.environ.get(LOGIN)
    yield Git(folder).find_user_name()
    yield options.who
    try:
        yield getpass.getuser()
    except (KeyError, OSError):  # The user has no name, as in many containers.
        return


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        return parse_instant(text, zone)
    except ValueError as error:
        raise WrongUse(f"--from: {error}") from None
