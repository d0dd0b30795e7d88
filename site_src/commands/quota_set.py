"""`quota set` and `quota cancel`: shown in words, asked for, written under a lock, or refused."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from site_src.change import Change, ChangeRefused, Standing, plan_cancel, plan_event
from site_src.commands.instant import instant_of
from site_src.commands.quota_inputs import (
    QuotaInputs,
    known_programme,
    known_state,
    read_quota_inputs,
    tell_problems,
)
from site_src.commands.quota_show import both_zones, event_line, utc
from site_src.instants import parse_instant
from site_src.outcomes import DONE, PROBLEMS, WrongUse
from site_src.problems import InputRefused
from site_src.quota import STATE_FILE, Event, State, state_at
from site_src.quota_file import local_text, read_text, replace_text, state_lock
from site_src.settings import programme_ids
from site_src.source_files import FORBIDDEN

_SOON = timedelta(minutes=1)
_INTERRUPTED = 130  # what a shell says of a command that Ctrl-C has ended
Plan = Callable[[QuotaInputs], Change]


def set_state(options: argparse.Namespace, root: Path) -> int:
    """Adds an event for a programme; see docs/operator.md for what is asked and what is refused."""
    programme = known_programme(options.programme, programme_ids(root))
    state = known_state(options.state)
    expected = known_state(options.expect) if options.expect is not None else None
    if options.moment is not None:
        _moment(options.moment, ZoneInfo("UTC"))  # wrong in every zone: said before anything is read
    if options.places is not None and state is not State.PLACES_AVAILABLE:
        raise WrongUse(f"--places goes only with places_available, not with {state}.")
    if options.places is not None and options.places < 1:
        raise WrongUse("--places must be a whole number above 0.")
    for name, text in (("--by", options.by), ("--note", options.note)):
        if text is not None and not _is_plain_line(text):
            raise WrongUse(f"{name} must be one line of plain text.")
    by = options.by if options.by is not None else _git_user(root)

    def plan(inputs: QuotaInputs) -> Change:
        now = instant_of(None, inputs.zone)
        starts = now if options.moment is None else _moment(options.moment, inputs.zone)
        event = Event(state, starts, options.places, by or None, options.note or None)
        return plan_event(_standing(inputs, root), programme, event, now, expected)

    return _carry_out(plan, options, root)


def cancel(options: argparse.Namespace, root: Path) -> int:
    """Takes back the next scheduled event of a programme."""
    programme = known_programme(options.programme, programme_ids(root))

    def plan(inputs: QuotaInputs) -> Change:
        return plan_cancel(_standing(inputs, root), programme, instant_of(None, inputs.zone))

    return _carry_out(plan, options, root)


def _standing(inputs: QuotaInputs, root: Path) -> Standing:
    return Standing(read_text(root), inputs.logs, inputs.zone)


def _carry_out(plan: Plan, options: argparse.Namespace, root: Path) -> int:
    try:
        if options.dry_run:
            inputs = read_quota_inputs(root)
            _describe(plan(inputs), inputs, root, options)
            print("Dry run: nothing was written.", file=sys.stderr)
            return DONE
        seen = None if options.yes else _ask(plan, options, root)
        try:
            inputs, change = _write(plan, seen, root)
        except OSError as error:
            cure = f' Allow it: chmod u+w . "{STATE_FILE}"' if isinstance(error, PermissionError) else ""
            raise ChangeRefused(f"{STATE_FILE} could not be written: {error.strerror}.{cure}") from None
    except InputRefused as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        print("Refused: this must be mended first. Nothing was written.", file=sys.stderr)
        return PROBLEMS
    except ChangeRefused as error:
        print(f"Refused: {error}\nNothing was written.", file=sys.stderr)
        return PROBLEMS
    except KeyboardInterrupt:
        print("\nStopped. To see what stands now: python build.py quota show", file=sys.stderr)
        return _INTERRUPTED
    try:
        _report(change, inputs, options)
    except OSError:
        # Nobody reads what is printed, but the change is made. Python shall not try once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if not change.taken_back and options.moment is None:
        _wait_until(change.instant)
    return DONE


def _write(plan: Plan, seen: Change | None, root: Path) -> tuple[QuotaInputs, Change]:
    with state_lock(root):
        inputs = read_quota_inputs(root)
        # Nobody holds the lock while thinking about a question, so what was shown must still be so.
        if seen and (log := inputs.logs[seen.programme]) != seen.before:
            who = f", by {log[-1].by}" if log[-1].by else ""
            raise ChangeRefused(
                f"meanwhile {seen.programme} was changed; its last event is now {log[-1].state} from {local_text(log[-1].starts, inputs.zone)}{who}. Look again: python build.py quota show"
            )
        change = plan(inputs)
        replace_text(root, change.text)
    return inputs, change


def _wait_until(instant: datetime) -> None:
    """Waits for an event that commands of the same second have put a little ahead: a build after this must show it."""
    with suppress(KeyboardInterrupt):
        while (seconds := instant.timestamp() - time.time()) > 0:
            time.sleep(min(seconds, 1))


def _ask(plan: Plan, options: argparse.Namespace, root: Path) -> Change:
    """What will be done, after the operator agreed to it; raises ChangeRefused if not."""
    inputs = read_quota_inputs(root)
    change = plan(inputs)
    # Either is None where it was closed.
    if options.json or not all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        why = "a question is no JSON" if options.json else "there is no terminal to ask you on"
        raise WrongUse(f"{why}. Add --yes to do it, or --dry-run to look first.")
    _describe(change, inputs, root, options)
    name = inputs.name(change.programme)
    appears = change.link_after and not change.link_before
    question = f'The link APPEARS. Type "{name}" to do it: ' if appears else "Type yes to do it: "
    try:
        answer = input(question).strip().casefold()
    except (EOFError, KeyboardInterrupt):
        print()
        answer = ""
    known = inputs.programmes.get(change.programme)
    names = {change.programme, *(known.names.values() if known else ())}
    if answer not in ({name.casefold() for name in names} if appears else {"yes", "y"}):
        raise ChangeRefused("you did not agree.")
    return change


def _describe(change: Change, inputs: QuotaInputs, root: Path, options: argparse.Namespace) -> None:
    """Prints what would change, with the output files that will differ."""
    if options.json:
        _print_json(change, written=False)
        return
    _print_change(change, inputs)
    _list_files(change, root)


def _print_change(change: Change, inputs: QuotaInputs) -> None:
    taken_back = change.taken_back
    print(f"{inputs.name(change.programme)} ({change.programme})")
    if taken_back:
        print(f"  not now  {event_line(taken_back, inputs.zone)}")
    print(f"  before   {_words(state_at(change.before, change.instant), change.link_before)}")
    print(f"  after    {_words(state_at(change.after, change.instant), change.link_after)}")
    print(f"  from     {both_zones(inputs, change.programme, change.instant)}")
    print(f"  the link {_effect(change)}")


def _words(state: State, shown: bool) -> str:
    return f"{state}, link {'shown' if shown else 'hidden'}"


def _effect(change: Change) -> str:
    if change.link_before == change.link_after:
        return "stays shown" if change.link_after else "stays hidden"
    return "APPEARS" if change.link_after else "DISAPPEARS"


def _list_files(change: Change, root: Path) -> None:
    """Prints the output files that will differ; content that cannot be built does not hold up the change."""
    from dataclasses import replace

    from site_src.gate import GateRefused
    from site_src.pipeline import build_site, read_inputs

    try:
        inputs = read_inputs(root)
        before, after = (
            build_site(replace(inputs, logs={**inputs.logs, change.programme: log}), change.instant).files
            for log in (change.before, change.after)
        )
    except (InputRefused, GateRefused) as error:
        first = str(error).partition("\n")[0]
        print(f"  files    cannot be listed now: {first}\n           All problems: python build.py check")
        return
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    print(f"  files    {len(changed)} will change")
    for path in changed:
        print(f"           {path}")


def _report(change: Change, inputs: QuotaInputs, options: argparse.Namespace) -> None:
    if options.json:
        _print_json(change, written=True)
    else:
        if options.yes:
            _print_change(change, inputs)
        print(f"Written to {STATE_FILE}, for {local_text(change.instant, inputs.zone)}.")
        later = change.instant > instant_of(None, inputs.zone) + _SOON
        print(
            f"{'The site shows it once it is built then, or later' if later else 'Put it on the site'}: python build.py"
        )
    tell_problems(inputs)
    print(end="", flush=True)


def _print_json(change: Change, written: bool) -> None:
    taken_back = change.taken_back
    told: Mapping[str, Any] = {
        "programme": change.programme,
        "from": utc(change.instant),
        "before": {"state": state_at(change.before, change.instant), "linkShown": change.link_before},
        "after": {"state": state_at(change.after, change.instant), "linkShown": change.link_after},
        "takenBack": {"state": taken_back.state, "from": utc(taken_back.starts)} if taken_back else None,
        "written": written,
    }
    print(json.dumps(told, ensure_ascii=False, indent=2))


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        return parse_instant(text, zone)
    except ValueError as error:
        raise WrongUse(f"--from: {error}") from None


def _is_plain_line(text: str) -> bool:
    # YAML has no surrogates and no U+FFFE or U+FFFF.
    return not (
        FORBIDDEN.search(text)
        or any(sign in "\n\r\ufffe\uffff" or "\ud800" <= sign <= "\udfff" for sign in text)
    )


def _git_user(root: Path) -> str | None:
    """git's user name, where there is git and a plain name."""
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
    return name if _is_plain_line(name) else None
