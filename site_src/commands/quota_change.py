"""Runs a change of the quota log (`set`, `close`, `open`, `undo`, …): describes it, asks for confirmation, writes it under the lock,
and publishes it. Writes nothing if the change is refused.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import nullcontext, redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path

from site_src.commands.output import say
from site_src.commands.quota_inputs import QuotaInputs, print_problems
from site_src.commands.quota_request import (
    Request,
    find_author,
    read_request,
    refuse_without_target,
    use_local,
)
from site_src.commands.quota_write import LogWriter
from site_src.commands.target import checked_target, name_target
from site_src.exit_codes import CONTENT_PENDING, DONE, GATE_REFUSED, INTERRUPTED, PROBLEMS, WrongUse
from site_src.file_lock import LockHeld
from site_src.local_file import LOCAL_FILE
from site_src.problems import InputRefused, Problem
from site_src.quota.change import AlreadySo, Change, ChangeRefused, NotAsExpected
from site_src.read.project import Project
from site_src.read.tree import STATE_FILE

_PUBLISH_IT = "To publish it: python build.py, or python build.py publish TARGET."


def run(options: argparse.Namespace, project: Project) -> int:
    """Changes the quota log as the command requests, and returns the exit code. Raises WrongUse and InputRefused."""
    if options.uses_local and not options.publish and not options.dry_run:
        refuse_without_target(project.read_local()[1])
    command = QuotaCommand(options, project)
    code = command.run()
    if not command.problems or options.dry_run:
        return code
    say(*command.problems)
    say(f"{LOCAL_FILE}: because of these problems, only its target was used.")
    return CONTENT_PENDING if code == DONE else code


class QuotaCommand:
    """One change of the quota log, from the request to what visitors see.

    `problems` lists the problems of local.yaml, and is empty until that file is read.
    """

    def __init__(self, options: argparse.Namespace, project: Project) -> None:
        self._options, self._project = options, project
        self._request: Request = read_request(options)
        self._writer = LogWriter(self._request, options, project)
        self.problems: tuple[Problem, ...] = ()
        if self._request.state and options.programme:
            options.noted = options.programme.lower().replace("_", "-"), self._request.state
        if options.publish:
            options.target, options.format = options.publish, "text"

    def run(self) -> int:
        """Writes the change, publishes it if there is a target, and returns the exit code. Writes nothing after a refusal."""
        if self._options.publish:
            checked_target(self._options, self._project.root)  # This is reported before anything is written.
        self._writer.check_name()
        try:
            return self._write_and_publish()
        finally:
            self._options.hold.end()

    def _write_and_publish(self) -> int:
        try:
            done = self._confirm_and_write()
        except InputRefused as error:
            self._options.first.fail(f"{error.problems[0]}")
            say(*error.problems)
            say("Refused: fix this first. Nothing was written.")
            return PROBLEMS
        except ChangeRefused as error:
            return self._refuse(error)
        except KeyboardInterrupt:
            say("\nStopped. To see the present state: python build.py quota show")
            return INTERRUPTED
        if done is None:
            return DONE
        inputs, change = done
        try:
            self._report(change, inputs)
        except OSError:
            # The output is closed, but the change is written. Python must not write to the output again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if change.added and not self._request.moment:
            _wait_until(change.added.starts.timestamp())
        code = self._publish(inputs, change) if self._options.publish else DONE
        from site_src.commands.quota_save import start_saving  # Imported only after the change is published.

        start_saving(self._project)
        return code

    def _refuse(self, error: ChangeRefused) -> int:
        if isinstance(error, AlreadySo) and self._options.publish and not self._options.dry_run:
            # Another command, or one that was stopped, wrote the event. Visitors may not get it yet.
            say(f"{error} Publishing it now:")
            self._fill_in()
            return self._publish()
        if isinstance(error, NotAsExpected):
            self._options.first.withdraw()
        self._options.first.fail(str(error))
        more = f" {_PUBLISH_IT}" if isinstance(error, AlreadySo) else ""
        say(f"Refused: {error}\nNothing was written.{more}")
        return PROBLEMS

    def _confirm_and_write(self) -> tuple[QuotaInputs, Change] | None:
        """Asks for confirmation, writes the change, and returns the inputs and the change. Returns None for --dry-run.

        Raises InputRefused and ChangeRefused.
        """
        if self._options.dry_run:
            self._fill_in()
            inputs = self._writer.read()
            self._describe(self._request.plan(inputs), inputs, with_files=True)
            say("Dry run: nothing was written.")
            return None
        seen = self._ask() if not self._options.yes else self._look()
        if seen:
            self._writer.hide(seen)
        self._fill_in()
        try:
            return self._writer.write(seen)
        except LockHeld as error:
            raise ChangeRefused(f"the lock of {STATE_FILE} {error.strerror}.") from None
        except OSError as error:
            cure = f' Allow it: chmod u+w . "{STATE_FILE}"' if isinstance(error, PermissionError) else ""
            raise ChangeRefused(f"{STATE_FILE} could not be written: {error.strerror}.{cure}") from None

    def _fill_in(self) -> None:
        """Fills in missing options and the author from local.yaml. Call this after the question, so that the question does not wait."""
        if self._options.uses_local:
            local, self.problems = self._project.read_local()
            use_local(self._options, local)
        by = find_author(self._options, self._project.root)
        self._request = self._writer.request = replace(self._request, by=by)

    def _look(self) -> Change | None:
        """Returns the planned change for `undo`, because its effect depends on the log. Returns None for any other command."""
        return self._request.plan(self._writer.read()) if self._request.word == "undo" else None

    def _ask(self) -> Change:
        """Asks the operator for confirmation, and returns the change.

        Raises ChangeRefused if the operator does not agree, WrongUse without a terminal, and InputRefused.
        """
        from site_src.commands.quota_ask import check_terminal, confirm, confirm_change

        try:
            inputs = self._writer.read()
            change = self._request.plan(inputs)
        except InputRefused as error:
            check_terminal(self._options.json)
            if self._request.hides and not self._request.moment and self._options.publish:
                # A closing must not wait until a mistake in the log is corrected.
                say(error.problems[0])
                confirm("The log cannot be changed now, but the link can be hidden. Type yes to hide it: ")
                self._options.first.hide(self._options.publish)
            raise
        check_terminal(self._options.json)
        self._describe(change, inputs, with_files=False)
        confirm_change(change, inputs)
        return change

    def _describe(self, change: Change, inputs: QuotaInputs, with_files: bool) -> None:
        """Prints what visitors see now, and what would change. With `with_files`, also prints which output files would differ."""
        from site_src.commands import quota_report

        visitors = None
        # A bucket is not read, because the question must not wait for a network.
        if self._options.publish and not self._options.bucket and os.path.isdir(self._options.publish):
            from site_src.commands.visitors import look_at

            visitors = look_at(Path(self._options.publish))
        if self._options.json:
            quota_report.print_change_as_json(change, written=False, visitors=visitors)
            return
        quota_report.print_change(change, inputs, visitors)
        if with_files:
            from site_src.commands.quota_files import list_files

            list_files(change, self._project)

    def _publish(self, inputs: QuotaInputs | None = None, change: Change | None = None) -> int:
        """Publishes the log, and returns the exit code. If the publish fails, prints what the operator must do.

        A resident publisher publishes the `change` that was just written, if one runs.
        """
        again = f"python build.py publish {name_target(self._options, self._options.publish)}"
        # With --json, standard output contains only the change.
        with redirect_stdout(sys.stderr) if self._options.json else nullcontext():
            try:
                code = self._hand_over_or_publish(inputs, change)
            except KeyboardInterrupt:
                say(
                    f"\nStopped. The change stays in {STATE_FILE}, but visitors may not get it yet. To publish it: {again}"
                )
                return INTERRUPTED
            except (WrongUse, InputRefused) as error:
                # The event is written. A publisher with the right settings may publish it.
                self._options.first.fail(str(error).partition("\n")[0])
                say(f"{error}\nNOT PUBLISHED.")
                code = PROBLEMS
        if code in (PROBLEMS, GATE_REFUSED):
            others = " A resident publisher of this checkout publishes it." if self._options.bucket else ""
            say(f"The change stays in {STATE_FILE}.{others} When the cause is fixed: {again}")
        return code

    def _hand_over_or_publish(self, inputs: QuotaInputs | None, change: Change | None) -> int:
        if inputs and change and inputs.is_whole:
            from site_src.commands.hand_over import hand_over

            target = checked_target(self._options, self._project.root)
            logs = {**inputs.logs, change.programme: change.after}
            code = hand_over(self._options, target, logs, inputs.zone)
            if code is not None:
                return code
        from site_src.commands.publish import run

        return run(self._options, self._project)

    def _report(self, change: Change, inputs: QuotaInputs) -> None:
        from site_src.commands import quota_report

        if self._options.json:
            quota_report.print_change_as_json(change, written=True)
        else:
            if self._options.yes:
                quota_report.print_change(change, inputs)
            quota_report.print_written(change, inputs)
            if not self._options.publish:
                quota_report.print_next_step(change, is_scheduled=bool(self._request.moment))
        print_problems(inputs)
        print(end="", flush=True)


def _wait_until(moment: float) -> None:
    """Waits until the event has begun, because its time may be slightly ahead of the clock. Ctrl-C ends the wait."""
    with suppress(KeyboardInterrupt):
        while (seconds := moment - time.time()) > 0:
            time.sleep(min(seconds, 1))
