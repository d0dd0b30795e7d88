"""Carries out a change of the quota log: describes it, asks, writes it under the lock, and publishes it; or refuses it."""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import nullcontext, redirect_stdout, suppress
from datetime import datetime
from pathlib import Path

from site_src.commands.bucket_target import name_target
from site_src.commands.instant import instant_of
from site_src.commands.interruption import SignalHold
from site_src.commands.quota_ask import Plan, ask
from site_src.commands.quota_inputs import QuotaInputs, find_kept, print_problems, read_quota_inputs
from site_src.commands.quota_lock import hold_log
from site_src.commands.quota_report import describe, print_change, print_json
from site_src.exit_codes import DONE, GATE_REFUSED, INTERRUPTED, PROBLEMS
from site_src.file_lock import LockHeld
from site_src.problems import InputRefused
from site_src.quota.change import AlreadySo, Change, ChangeRefused, NotAsExpected
from site_src.quota.log_file import LogChanged, local_text, read_now, replace_text
from site_src.read.tree import STATE_FILE

_PUBLISH_IT = "To publish it: python build.py, or python build.py publish with the folder."


def carry_out(plan: Plan, options: argparse.Namespace, root: Path) -> int:
    """Writes the planned change, and publishes it with `--publish`; returns the exit code. Nothing is written after a refusal."""
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
        # The output is closed, but the change is written. Python must not write to it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if change.added and options.moment is None:
        _wait_until(change.instant)
    code = _publish(options, root) if options.publish else DONE
    from site_src.commands.quota_save import start_saving  # loaded after the change is published

    start_saving(root)
    return code


def _refused(error: ChangeRefused, options: argparse.Namespace, root: Path) -> int:
    if isinstance(error, AlreadySo) and options.publish and not options.dry_run:
        # The event was written by another command, or by one that was stopped; visitors may not get it yet.
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
    """The inputs and the change, after it was confirmed and written; None for --dry-run. Raises InputRefused and ChangeRefused."""
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
    """Publishes the written change, and returns the exit code; if that fails, prints what the operator must do."""
    from site_src.commands.publish import run

    # With --json, standard output has only the change.
    with redirect_stdout(sys.stderr) if options.json else nullcontext():
        try:
            code = run(options, root)
        except KeyboardInterrupt:
            print(
                f"\nStopped. The change stays in {STATE_FILE}, and visitors may not get it yet. Now: python build.py publish {name_target(options, options.publish)}",
                file=sys.stderr,
            )
            return INTERRUPTED
    if code in (PROBLEMS, GATE_REFUSED):
        print(
            f"The change stays in {STATE_FILE}. When the cause is fixed: python build.py publish {name_target(options, options.publish)}",
            file=sys.stderr,
        )
    return code


def _hide(change: Change, options: argparse.Namespace) -> None:
    """Hides the link at once if the change hides it now and the target is known."""
    # Events written within one second get times slightly ahead of the clock; they count as beginning now.
    begins_now = not change.taken_back and options.moment is None
    is_now = begins_now or change.instant.timestamp() <= time.time()
    if options.publish and change.link_before and not change.link_after and is_now:
        options.first.hide(options.publish)


def _write(
    plan: Plan, seen: Change | None, options: argparse.Namespace, root: Path
) -> tuple[QuotaInputs, Change]:
    with hold_log(options, root) as aside:
        while True:
            try:
                return _plan_and_write(plan, seen, options, root, aside)
            except LogChanged:
                # Another process wrote the log meanwhile, so the change is planned again.
                options.hold.end()
            except OSError as error:
                options.hold.end()
                if not _frees_room(error, options):
                    raise


def _frees_room(error: OSError, options: argparse.Namespace) -> bool:
    """True when the disk was full, and old releases were deleted to make room."""
    from site_src.publish.releases import free_room
    from site_src.publish.store import is_full

    return bool(options.publish) and is_full(error) and free_room(Path(options.publish))


def _plan_and_write(
    plan: Plan, seen: Change | None, options: argparse.Namespace, root: Path, aside: str
) -> tuple[QuotaInputs, Change]:
    before, inputs = read_now(root), read_quota_inputs(root, find_kept(options.publish))
    # The lock is not held while the operator answers, so the log may differ from what was shown.
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
    """Waits until the event has begun, because its time may be slightly ahead of the clock; Ctrl-C ends the wait."""
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
