"""Runs a change of the quota log (`set`, `close`, `open`, `undo`, …): describes it, asks for confirmation, writes it under the lock,
and publishes it. Writes nothing if the change is refused.
"""

from __future__ import annotations

import argparse
import time
from contextlib import suppress
from dataclasses import replace

from site_src.commands.output import ignore_output_errors, say
from site_src.commands.quota_inputs import QuotaInputs
from site_src.commands.quota_publish import publish_change
from site_src.commands.quota_request import (
    Request,
    find_author,
    read_request,
    refuse_without_target,
    use_local,
)
from site_src.commands.quota_write import LogWriter
from site_src.commands.target import checked_target
from site_src.commands.typed_names import programme_id
from site_src.exit_codes import CONTENT_PENDING, DONE, INTERRUPTED, PROBLEMS
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
    say(*command.problems, f"{LOCAL_FILE}: because of these problems, only its target was used.")
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
            options.noted = programme_id(options.programme), self._request.state
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
            say(*error.problems, "Refused: fix this first. Nothing was written.")
            return PROBLEMS
        except ChangeRefused as error:
            return self._refuse(error)
        except KeyboardInterrupt:
            say("\nStopped. To see the present state: python build.py quota show")
            return INTERRUPTED
        if done is None:
            return DONE
        inputs, change = done
        with ignore_output_errors():
            self._report(change, inputs)
        if change.added and not self._request.moment:
            _wait_until(change.added.starts.timestamp())
        code = publish_change(self._options, self._project, inputs, change) if self._options.publish else DONE
        from site_src.commands.quota_save import start_saving  # Imported only after the change is published.

        start_saving(self._project)
        return code

    def _refuse(self, error: ChangeRefused) -> int:
        if isinstance(error, AlreadySo) and self._options.publish and not self._options.dry_run:
            # Another command, or one that was stopped, wrote the event. Visitors may not get it yet.
            say(f"{error} Publishing it now:")
            self._fill_in()
            return publish_change(self._options, self._project)
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
            from site_src.commands.quota_report import preview_change

            self._fill_in()
            inputs = self._writer.read()
            preview_change(self._options, self._project, self._request.plan(inputs), inputs)
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
        from site_src.commands.quota_report import preview_change

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
        preview_change(self._options, self._project, change, inputs)
        confirm_change(change, inputs)
        return change

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
        say(*inputs.problems)
        print(end="", flush=True)


def _wait_until(moment: float) -> None:
    """Waits until the event has begun, because its time may be slightly ahead of the clock. Ctrl-C ends the wait."""
    with suppress(KeyboardInterrupt):
        while (seconds := moment - time.time()) > 0:
            time.sleep(min(seconds, 1))
