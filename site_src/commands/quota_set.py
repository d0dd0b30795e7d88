"""`quota set` and `quota cancel`: plan a change of the log from the words of the command line."""

from __future__ import annotations

import argparse
import subprocess
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from site_src.commands.instant import instant_of
from site_src.commands.quota_inputs import QuotaInputs, known_programme, known_state, programmes_known
from site_src.commands.quota_write import carry_out
from site_src.exit_codes import WrongUse
from site_src.instants import parse_instant
from site_src.problems import InputRefused
from site_src.quota.change import Change, StateFile, plan_cancel, plan_event
from site_src.quota.log import Event
from site_src.quota.log_blocks import split_around
from site_src.quota.log_file import read_text
from site_src.read.text import is_plain_line
from site_src.states import State


def set_state(options: argparse.Namespace, root: Path) -> int:
    """Adds an event for a programme, and returns the exit code; docs/operator.md describes what is refused. Raises WrongUse."""
    programme = known_programme(options.programme, programmes_known(root))
    state = known_state(options.state)
    options.noted = (programme, state)
    expected = known_state(options.expect) if options.expect is not None else None
    if options.moment is not None:
        _moment(options.moment, ZoneInfo("UTC"))  # wrong in every zone: reported before anything is read
    if options.places is not None and state is not State.PLACES_AVAILABLE:
        raise WrongUse(f"--places goes only with places_available, not with {state}.")
    if options.places is not None and options.places < 1:
        raise WrongUse("--places must be a whole number above 0.")
    for name, text in (("--by", options.by), ("--note", options.note)):
        if text is not None and not is_plain_line(text):
            raise WrongUse(f"{name} must be one line of plain text.")
    by = options.by if options.by is not None else _git_user(root)

    def plan(inputs: QuotaInputs) -> Change:
        now = instant_of(None, inputs.zone)
        starts = now if options.moment is None else _moment(options.moment, inputs.zone)
        event = Event(state, starts, options.places, by or None, options.note or None)
        return plan_event(_state_file(inputs, root, programme), programme, event, now, expected)

    return carry_out(plan, options, root)


def cancel(options: argparse.Namespace, root: Path) -> int:
    """Removes the next scheduled event of a programme, and returns the exit code; raises WrongUse."""
    programme = known_programme(options.programme, programmes_known(root))

    def plan(inputs: QuotaInputs) -> Change:
        return plan_cancel(_state_file(inputs, root, programme), programme, instant_of(None, inputs.zone))

    return carry_out(plan, options, root)


def _state_file(inputs: QuotaInputs, root: Path, programme: str) -> StateFile:
    if programme not in inputs.logs:
        raise InputRefused(inputs.problems)
    text = read_text(root)
    if inputs.is_whole:
        return StateFile(text, inputs.logs, inputs.zone)
    # Another programme's lines cannot be read: a closing must not wait until they are fixed.
    before, own, after = split_around(text, programme)
    return StateFile(own, {programme: inputs.logs[programme]}, inputs.zone, before, after)


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        return parse_instant(text, zone)
    except ValueError as error:
        raise WrongUse(f"--from: {error}") from None


def _git_user(root: Path) -> str | None:
    """git's user name; None without git, or if the name is not plain text."""
    try:
        done = subprocess.run(
            ["git", "config", "user.name"],
            cwd=root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    name = done.stdout.decode("utf-8", "replace").strip()
    return name if is_plain_line(name) else None
