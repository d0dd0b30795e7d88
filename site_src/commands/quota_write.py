"""Plans a change of the quota log and writes it under the log's lock, so that simultaneous commands do not overwrite each other's
changes.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from site_src.commands.output import say
from site_src.commands.quota_inputs import QuotaInputs, find_kept, read_quota_inputs
from site_src.commands.quota_request import Request
from site_src.commands.typed_names import programme_id
from site_src.commands.waiting import SignalHold
from site_src.file_lock import SHORT_WAIT, Wait
from site_src.problems import InputRefused
from site_src.quota.change import Change, ChangeRefused
from site_src.quota.event_lines import zoned_text
from site_src.quota.log_file import NEW_FILE, LogChanged, LogFile
from site_src.read.project import Project
from site_src.read.settings import PROGRAMMES


class LogWriter:
    """Writes `request`, the requested change, to the log of the project.

    If the change will be published, starts `options.hold` before the write, so that Ctrl-C cannot come between the two.
    """

    def __init__(self, request: Request, options: argparse.Namespace, project: Project) -> None:
        self.request, self._options, self._project = request, options, project
        self._log = LogFile(project.root)
        self._hold = options.hold = SignalHold()

    def read(self) -> QuotaInputs:
        """Returns the inputs as they are now. Raises InputRefused."""
        return read_quota_inputs(self._project, find_kept(self._options.publish), self.request.programme)

    def hide(self, change: Change) -> None:
        """Hides the link at once, if the change takes effect now and hides the link, and the target is known."""
        # Events written within one second get times slightly ahead of the clock. They count as beginning now.
        begins_now = not change.cancelled and not self.request.moment
        is_now = begins_now or change.instant.timestamp() <= time.time()
        if self._options.publish and change.link_before and not change.link_after and is_now:
            self._options.first.hide(self._options.publish)

    def check_name(self) -> None:
        """Raises WrongUse for a name that is not a programme. Reads nothing if the programme has a file."""
        name = programme_id(self.request.programme or "")
        if name and not os.path.isfile(self._project.root / PROGRAMMES / f"{name}.yaml"):
            with suppress(InputRefused):
                self.read()

    def write(self, seen: Change | None) -> tuple[QuotaInputs, Change]:
        """Plans and writes the change under the lock, and returns the inputs and the change. Raises ChangeRefused, InputRefused and OSError.

        `seen` is the change that the operator confirmed.
        """
        hides = self.request.hides or bool(seen and not seen.link_after)
        with self._lock(hides) as aside:
            while True:
                try:
                    return self._plan_and_write(seen, aside)
                except LogChanged:
                    # Another process wrote the log in between, so the change is planned again.
                    self._hold.end()
                except OSError as error:
                    self._hold.end()
                    if not self._frees_room(error):
                        raise

    @contextmanager
    def _lock(self, hides: bool) -> Iterator[str]:
        """Holds the log's lock during the block, and yields the name of the new file that will replace the log.

        Raises LockHeld or OSError if the lock cannot be taken. A command that hides a link continues without the lock instead,
        with a file name that only this process uses.
        """
        aside = NEW_FILE
        with ExitStack() as lock:
            try:
                lock.enter_context(self._log.lock(Wait(SHORT_WAIT, _say_waiting)))
            except OSError as error:
                if not hides:
                    raise
                aside = f"{NEW_FILE}.{os.getpid()}"
                belongs = "belongs to another user" if isinstance(error, PermissionError) else error.strerror
                say(f"Continuing without the lock {error.filename}: it {belongs or error}.")
            yield aside

    def _plan_and_write(self, seen: Change | None, aside: str) -> tuple[QuotaInputs, Change]:
        inputs = self.read()
        # The lock is not held while the operator answers, so the log may differ from what was shown.
        if seen and (log := inputs.logs[seen.programme]) != seen.before:
            who = f", by {log[-1].by}" if log[-1].by else ""
            when = zoned_text(log[-1].starts, inputs.zones(seen.programme))
            raise ChangeRefused(
                f"meanwhile {seen.programme} was changed; its last event is now {log[-1].state} from {when}{who}. To see the present state: python build.py quota show"
            )
        request = replace(self.request, programme=seen.programme) if seen else self.request
        change = request.plan(inputs)
        # What `cancel` and `undo` take back also depends on the clock. The options fix all other changes.
        if seen and not request.state and _promise(change) != _promise(seen):
            raise ChangeRefused(
                f"meanwhile time has passed, and {request.word} of {seen.programme} would no longer do what was shown. To see the present state: python build.py quota show"
            )
        if change.added:
            self._options.noted = change.programme, change.added.state
        self.hide(change)
        if self._options.publish:
            self._hold.begin()
        self._options.first.note()
        self._log.replace(change.text, inputs.version, aside)
        return inputs, change

    def _frees_room(self, error: OSError) -> bool:
        """Returns True if the disk was full, and old releases were deleted to free space."""
        from site_src.publish.pruning import free_room
        from site_src.publish.store import is_full

        if not self._options.publish or not is_full(error):
            return False
        return free_room(Path(self._options.publish), closing=self._options.first.is_closing)


def _promise(change: Change) -> tuple[object, ...]:
    """Returns what the operator agrees to: the events taken back, and the state and places that are added."""
    added = change.added
    return change.cancelled, change.undone, added and (added.state, added.places)


def _say_waiting(holder: str) -> None:
    say(f"Another command is at work here ({holder}). Waiting for it to end.")
