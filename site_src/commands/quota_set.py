"""`quota set` and `quota cancel`: the change is described, confirmed, and written under a lock, or refused."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, redirect_stdout, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from site_src.commands.instant import instant_of
from site_src.commands.interruption import SignalHold
from site_src.commands.quota_ask import Plan, ask
from site_src.commands.quota_inputs import (
    QuotaInputs,
    find_kept,
    known_programme,
    known_state,
    print_problems,
    programmes_known,
    read_quota_inputs,
)
from site_src.commands.quota_report import describe, print_change, print_json
from site_src.commands.report import ignore_output_errors
from site_src.exit_codes import DONE, GATE_REFUSED, INTERRUPTED, PROBLEMS, WrongUse
from site_src.file_lock import SHORT_WAIT, LockHeld, Wait
from site_src.instants import parse_instant
from site_src.problems import InputRefused
from site_src.quota.change import (
    AlreadySo,
    Change,
    ChangeRefused,
    NotAsExpected,
    StateFile,
    plan_cancel,
    plan_event,
)
from site_src.quota.log import Event
from site_src.quota.log_blocks import split_around
from site_src.quota.log_file import (
    NEW_FILE,
    LogChanged,
    local_text,
    read_now,
    read_text,
    replace_text,
    state_lock,
)
from site_src.read.text import is_plain_line
from site_src.read.tree import STATE_FILE
from site_src.states import STATES_WITH_LINK, State

_PUBLISH_IT = "To publish it: python build.py, or python build.py publish with the folder."


def set_state(options: argparse.Namespace, root: Path) -> int:
    """Adds an event for a programme; docs/operator.md says what is asked and what is refused."""
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

    return _carry_out(plan, options, root)


def cancel(options: argparse.Namespace, root: Path) -> int:
    """Removes the next scheduled event of a programme."""
    programme = known_programme(options.programme, programmes_known(root))

    def plan(inputs: QuotaInputs) -> Change:
        return plan_cancel(_state_file(inputs, root, programme), programme, instant_of(None, inputs.zone))

    return _carry_out(plan, options, root)


def _state_file(inputs: QuotaInputs, root: Path, programme: str) -> StateFile:
    if programme not in inputs.logs:
        raise InputRefused(inputs.problems)
    text = read_text(root)
    if inputs.is_whole:
        return StateFile(text, inputs.logs, inputs.zone)
    # Another programme's lines cannot be read: a closing must not wait for them.
    before, own, after = split_around(text, programme)
    return StateFile(own, {programme: inputs.logs[programme]}, inputs.zone, before, after)


def _carry_out(plan: Plan, options: argparse.Namespace, root: Path) -> int:
    if options.publish:
        options.target, options.format = options.publish, "text"
        from site_src.commands.target import checked_target

        checked_target(options, root)  # reported before anything is written
    options.hold = SignalHold()
    try:
        return _write_and_publish(plan, options, root)
    finally:
        options.hold.end()


def _write_and_publish(plan: Plan, options: argparse.Namespace, root: Path) -> int:
    try:
        done = _confirm_and_write(plan, options, root)
    except InputRefused as error:
        options.first.fail(f"{error.problems[0]}")
        for problem in error.problems:
            print(problem, file=sys.stderr)
        print("Refused: fix this first. Nothing was written.", file=sys.stderr)
        return PROBLEMS
    except ChangeRefused as error:
        return _refused(error, options, root)
    except KeyboardInterrupt:
        print("\nStopped. To see the present state: python build.py quota show", file=sys.stderr)
        return INTERRUPTED
    if done is None:
        return DONE
    inputs, change = done
    try:
        _report(change, inputs, options)
    except OSError:
        # The output is closed, but the change is made. Python must not try again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if change.added and options.moment is None:
        _wait_until(change.instant)
    return _publish(options, root) if options.publish else DONE


def _refused(error: ChangeRefused, options: argparse.Namespace, root: Path) -> int:
    if isinstance(error, AlreadySo) and options.publish and not options.dry_run:
        # Written by somebody else, or by a command that was stopped: what matters is that visitors get it.
        print(f"{error} Publishing it now:", file=sys.stderr)
        return _publish(options, root)
    if isinstance(error, NotAsExpected):
        options.first.withdraw()
    options.first.fail(str(error))
    more = f" {_PUBLISH_IT}" if isinstance(error, AlreadySo) else ""
    print(f"Refused: {error}\nNothing was written.{more}", file=sys.stderr)
    return PROBLEMS


def _confirm_and_write(
    plan: Plan, options: argparse.Namespace, root: Path
) -> tuple[QuotaInputs, Change] | None:
    """The change, after it was confirmed and written; None for --dry-run. Raises InputRefused and ChangeRefused."""
    if options.dry_run:
        inputs = read_quota_inputs(root, find_kept(options.publish))
        describe(plan(inputs), inputs, root, options.json)
        print("Dry run: nothing was written.", file=sys.stderr)
        return None
    seen = None if options.yes else ask(plan, options, root)
    if seen:
        _hide(seen, options)
    try:
        return _write(plan, seen, options, root)
    except LockHeld as error:
        raise ChangeRefused(f"the lock of {STATE_FILE} {error.strerror}.") from None
    except OSError as error:
        cure = f' Allow it: chmod u+w . "{STATE_FILE}"' if isinstance(error, PermissionError) else ""
        raise ChangeRefused(f"{STATE_FILE} could not be written: {error.strerror}.{cure}") from None


def _publish(options: argparse.Namespace, root: Path) -> int:
    """Publishes, and says what remains to be done if that fails; the change itself is made."""
    from site_src.commands.publish import run

    # With --json, standard output has only the change.
    with redirect_stdout(sys.stderr) if options.json else nullcontext():
        try:
            code = run(options, root)
        except KeyboardInterrupt:
            print(
                f"\nStopped. The change stays in {STATE_FILE}, and visitors may not get it yet. Now: python build.py publish {options.publish}",
                file=sys.stderr,
            )
            return INTERRUPTED
    if code in (PROBLEMS, GATE_REFUSED):
        print(
            f"The change stays in {STATE_FILE}. When the cause is fixed: python build.py publish {options.publish}",
            file=sys.stderr,
        )
    return code


def _hide(change: Change, options: argparse.Namespace) -> None:
    """Hides the link at once where the change hides it now, and the target is known."""
    # Commands of one second are put a little ahead of the clock; they begin now all the same.
    begins_now = not change.taken_back and options.moment is None
    is_now = begins_now or change.instant.timestamp() <= time.time()
    if options.publish and change.link_before and not change.link_after and is_now:
        options.first.hide(options.publish)


def _write(
    plan: Plan, seen: Change | None, options: argparse.Namespace, root: Path
) -> tuple[QuotaInputs, Change]:
    with _hold_log(options, root) as aside:
        while True:
            try:
                return _plan_and_write(plan, seen, options, root, aside)
            except LogChanged:
                # Somebody else wrote it meanwhile: what is true now decides.
                options.hold.end()
            except OSError as error:
                options.hold.end()
                if not _frees_room(error, options):
                    raise


def _frees_room(error: OSError, options: argparse.Namespace) -> bool:
    """True when the disk was full, and deleting old releases made room on it."""
    from site_src.publish.releases import free_room
    from site_src.publish.store import is_full

    return bool(options.publish) and is_full(error) and free_room(Path(options.publish))


@contextmanager
def _hold_log(options: argparse.Namespace, root: Path) -> Iterator[str]:
    """Holds the log's lock, and gives the name of the file to write aside.

    A command that hides a link goes on without the lock where it cannot be had, with a name that is its own.
    """
    _, state = getattr(options, "noted", None) or ("", None)
    aside = NEW_FILE
    with ExitStack() as lock:
        try:
            lock.enter_context(state_lock(root, Wait(SHORT_WAIT, _say_waiting)))
        except OSError as error:
            if state is None or state in STATES_WITH_LINK:
                raise
            aside = f"{NEW_FILE}.{os.getpid()}"
            with ignore_output_errors():
                print(f"Going on without the lock {error.filename}: it {_reason(error)}.", file=sys.stderr)
        yield aside


def _reason(error: OSError) -> str:
    return "belongs to another user" if isinstance(error, PermissionError) else error.strerror or str(error)


def _say_waiting(holder: str) -> None:
    with ignore_output_errors():
        print(
            f"Another command is at work here ({holder}); waiting for it to end.", file=sys.stderr, flush=True
        )


def _plan_and_write(
    plan: Plan, seen: Change | None, options: argparse.Namespace, root: Path, aside: str
) -> tuple[QuotaInputs, Change]:
    before, inputs = read_now(root), read_quota_inputs(root, find_kept(options.publish))
    # Nobody holds the lock while thinking about a question, so what was shown must still be so.
    if seen and (log := inputs.logs[seen.programme]) != seen.before:
        who = f", by {log[-1].by}" if log[-1].by else ""
        raise ChangeRefused(
            f"meanwhile {seen.programme} was changed; its last event is now {log[-1].state} from {local_text(log[-1].starts, inputs.zone)}{who}. Look again: python build.py quota show"
        )
    change = plan(inputs)
    _hide(change, options)
    if options.publish:
        options.hold.begin()
    options.first.note()
    replace_text(root, change.text, before, aside)
    return inputs, change


def _wait_until(instant: datetime) -> None:
    """Waits for an event that was put a little ahead of the clock: a build after this must show it."""
    with suppress(KeyboardInterrupt):
        while (seconds := instant.timestamp() - time.time()) > 0:
            time.sleep(min(seconds, 1))


def _report(change: Change, inputs: QuotaInputs, options: argparse.Namespace) -> None:
    if options.json:
        print_json(change, written=True)
    else:
        if options.yes:
            print_change(change, inputs)
        scheduled = (
            change.added is not None
            and options.moment is not None
            and change.instant > instant_of(None, inputs.zone)
        )
        print(f"Written to {STATE_FILE}, for {local_text(change.instant, inputs.zone)}.")
        if not options.publish:
            when = "now, so that pages announce it, and again then" if scheduled else ""
            print(f"Put it on the site{' ' * bool(when)}{when}: python build.py")
    print_problems(inputs)
    print(end="", flush=True)


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        return parse_instant(text, zone)
    except ValueError as error:
        raise WrongUse(f"--from: {error}") from None


def _git_user(root: Path) -> str | None:
    """git's user name; None without git, or where the name is not plain text."""
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
