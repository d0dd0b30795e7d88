"""`quota set` and `quota cancel`: shown in words, asked for, written under a lock, or refused."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from site_src.change import Change, ChangeRefused, check_expected, plan_cancel, plan_event
from site_src.commands.instant import checked_instant, instant_of
from site_src.commands.quota_inputs import QuotaInputs, known_programme, known_state, read_quota_inputs
from site_src.commands.quota_show import both_zones
from site_src.outcomes import DONE, PROBLEMS, WrongUse
from site_src.quota import Event, State, state_at
from site_src.quota_file import read_text, replace_text, state_lock
from site_src.source_files import FORBIDDEN

Plan = Callable[[QuotaInputs], Change]


def set_state(options: argparse.Namespace, root: Path) -> int:
    """Adds an event for a programme; see README for what is asked and what is refused."""
    checked_instant(options.moment)
    by = options.by if options.by is not None else _git_user(root)
    for name, text in (("--by", by), ("--note", options.note)):
        _check_text(name, text)
    state = known_state(options.state)
    expected = known_state(options.expect) if options.expect else None
    if options.places is not None and state is not State.PLACES_AVAILABLE:
        raise WrongUse(f"--places goes only with places_available, not with {state}.")
    if options.places is not None and options.places < 1:
        raise WrongUse("--places must be a whole number above 0.")

    def plan(inputs: QuotaInputs) -> Change:
        programme = known_programme(options.programme, inputs)
        now = _now()
        if expected:
            check_expected(programme, inputs.logs[programme], expected, now, inputs.zone)
        starts = instant_of(options.moment, inputs.zone) if options.moment else now
        event = Event(state, starts, options.places, by or None, options.note or None)
        return plan_event(read_text(root), inputs.logs, programme, event, now, inputs.zone)

    return _carry_out(plan, options, root)


def cancel(options: argparse.Namespace, root: Path) -> int:
    """Takes back the next scheduled event of a programme."""

    def plan(inputs: QuotaInputs) -> Change:
        programme = known_programme(options.programme, inputs)
        return plan_cancel(read_text(root), inputs.logs, programme, _now(), inputs.zone)

    return _carry_out(plan, options, root)


def _carry_out(plan: Plan, options: argparse.Namespace, root: Path) -> int:
    try:
        if options.dry_run:
            inputs = read_quota_inputs(root)
            change = plan(inputs)
            _describe(change, inputs, options.json)
            _list_files(change, root, options.json)
            print("Dry run: nothing was written.", file=sys.stderr)
            return DONE
        seen = None if options.yes else _ask(plan, root)
        with state_lock(root):
            inputs = read_quota_inputs(root)
            if seen:
                _check_unchanged(seen, inputs)
            change = plan(inputs)
            replace_text(root, change.text)
    except ChangeRefused as error:
        print(f"Refused: {error}\nNothing was written.", file=sys.stderr)
        return PROBLEMS
    except OSError as error:
        print(f"quota_state.yaml could not be written: {error.strerror}. It is as it was.", file=sys.stderr)
        return PROBLEMS
    _report(change, inputs, options)
    return DONE


def _check_unchanged(seen: Change, inputs: QuotaInputs) -> None:
    """Nobody holds the lock while thinking about a question, so what was shown must still be so."""
    log = inputs.logs[seen.programme]
    if log != seen.before:
        by = f" by {log[-1].by}" if log[-1].by else ""
        raise ChangeRefused(
            f"meanwhile {seen.programme} was changed to {log[-1].state}{by}. Look again: quota show"
        )


def _ask(plan: Plan, root: Path) -> Change:
    """What will be done, after the operator agreed to it; raises ChangeRefused if not."""
    inputs = read_quota_inputs(root)
    change = plan(inputs)
    if not sys.stdin.isatty():
        raise WrongUse("there is no terminal to ask you on. Add --yes to do it, or --dry-run to look first.")
    _describe(change, inputs, as_json=False)
    _list_files(change, root, as_json=False)
    name = inputs.name(change.programme)
    appears = change.link_after and not change.link_before
    question = (
        f'The link APPEARS. Type the country\'s name ("{name}") to do it: '
        if appears
        else "Type yes to do it: "
    )
    try:
        answer = input(question).strip().casefold()
    except EOFError:
        answer = ""
    names = {change.programme, *inputs.programmes[change.programme].names.values()}
    if answer not in ({known.casefold() for known in names} if appears else {"yes", "y"}):
        raise ChangeRefused("you did not agree.")
    return change


def _describe(change: Change, inputs: QuotaInputs, as_json: bool) -> None:
    if as_json:
        print(json.dumps(_as_json(change), ensure_ascii=False, indent=2))
        return
    print(f"{inputs.name(change.programme)} ({change.programme})")
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


def _list_files(change: Change, root: Path, as_json: bool) -> None:
    """Prints the output files that will differ; content that cannot be built does not hold up the change."""
    if as_json:
        return
    from dataclasses import replace

    from site_src.gate import GateRefused
    from site_src.pipeline import build_site, read_inputs
    from site_src.problems import InputRefused

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
    if options.json or options.yes:
        _describe(change, inputs, options.json)
    if not options.json:
        print("Written to quota_state.yaml. Put it on the site: python build.py")


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "programme": change.programme,
        "from": change.instant.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "before": {"state": state_at(change.before, change.instant), "linkShown": change.link_before},
        "after": {"state": state_at(change.after, change.instant), "linkShown": change.link_after},
    }


def _check_text(name: str, text: str | None) -> None:
    if text is not None and (FORBIDDEN.search(text) or "\n" in text or "\r" in text or not _encodes(text)):
        raise WrongUse(f"{name} must be one line of plain text.")


def _encodes(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _git_user(root: Path) -> str | None:
    """git's user name, where there is git and a name."""
    try:
        done = subprocess.run(
            ["git", "config", "user.name"], cwd=root, capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
