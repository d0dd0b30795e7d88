"""`HideFirst`: hides a link, by ending the lease, before a command reads, changes and publishes the log.

This module imports nothing slow, so that the link is hidden before anything else is loaded. Only a bucket needs its libraries first.
"""

from __future__ import annotations

import argparse
import os
import re
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from site_src.commands.options import load_function
from site_src.commands.output import has_terminal, say
from site_src.commands.target import name_holder, take_bucket
from site_src.commands.typed_names import programme_id, state_name
from site_src.exit_codes import WrongUse
from site_src.problems import InputRefused
from site_src.publish.lease import ENDED, Hold, expire_lease, read_lease
from site_src.read.project import Project

if TYPE_CHECKING:
    from site_src.commands.bucket_target import BucketHold

_PROGRAMME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_HIDING = frozenset({"quota_reached", "suspended"})


class HideFirst:
    """Hides a link before the work of a command, and reports a failure of the work. Use it in a `with` statement.

    An exception that leaves the block, other than SystemExit, counts as a failure of the work.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._hold: Hold | BucketHold | None = None
        self._failed = self._in_vain = False

    def __enter__(self) -> HideFirst:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind and kind is not SystemExit:
            text = str(error).partition("\n")[0]
            is_sentence = kind.__module__.startswith("site_src.")
            self.fail(text if is_sentence else f"{kind.__name__}: {text}".removesuffix(": "))
        self.close()

    @property
    def is_closing(self) -> bool:
        """Returns True between a successful `hide` and `close`, even if the target has no lease."""
        return self._hold is not None

    def hide(self, target: str | Path) -> None:
        """Ends the lease of the target (of a bucket: on all web servers), if it has one. Does nothing after the first call.

        If this fails, prints why, and the command continues.
        """
        if self._hold is not None or self._in_vain:
            return
        try:
            if getattr(self._options, "bucket", None):
                from site_src.commands.bucket_target import BucketHold

                self._hold = BucketHold(self._options.bucket, name_holder(self._options))
            else:
                self._hold = Hold(target)
        except (OSError, WrongUse, InputRefused) as error:
            self._in_vain = True
            reason = (
                f"{error.filename or target}: {error.strerror}." if isinstance(error, OSError) else str(error)
            )
            say(f"{reason} The link is shown until the change is published.")

    def note(self) -> None:
        """Records in the lease that the event is about to be written to the log."""
        if self._hold is not None:
            with suppress(OSError):
                self._hold.note()

    def release(self, target: str | Path) -> None:
        """Allows publishers to renew the lease, because the published state is true. Also ends the hold of an earlier command."""
        with suppress(OSError):
            lease = read_lease(target)
            if lease and lease.is_held:
                expire_lease(target, ENDED)

    def withdraw(self) -> None:
        """Allows publishers to renew the lease, because the command hides nothing."""
        if self._hold is not None:
            with suppress(OSError):
                self._hold.withdraw()
            self.close()

    def fail(self, reason: str) -> None:
        """Keeps the link hidden, and prints why. Does nothing if no link was hidden, or after the first call."""
        if self._hold is None or not self._hold.hides or self._failed:
            return
        self._failed = True
        with suppress(OSError):
            self._hold.fail()
        say(f"The link is hidden. The new notice is not published yet: {reason}")

    def close(self) -> None:
        """Releases the lock of the lease. Publishers may then renew the lease, unless it is held."""
        if self._hold is not None:
            self._hold.close()
            self._hold = None


def _hides_at_once(programme: str, state: str, project: Project) -> bool:
    """Returns True if this state hides the link of an existing programme. The command reports a wrong name later."""
    name = programme_id(programme)
    if state_name(state) not in _HIDING or not _PROGRAMME.fullmatch(name):
        return False
    # Unlike `Path.exists`, it raises nothing if the folder cannot be read.
    has_file = os.path.exists(project.root / "content/programmes" / f"{name}.yaml")
    return has_file or _is_in_log(name, project.root / "quota_state.yaml")


def _is_in_log(name: str, log: Path) -> bool:
    with suppress(OSError):
        text = log.read_text(encoding="utf-8", errors="replace")
        return re.search(rf"^{re.escape(name)}:", text, re.MULTILINE) is not None
    return False


def run(options: argparse.Namespace, project: Project) -> int:
    """Runs the function that `options.work` names, and returns its exit code.

    If the command hides the link now and asks no question, ends the lease before it reads anything.
    """
    if getattr(options, "uses_local", False):
        options.publish = options.publish or project.find_target()
    # A `quota` command names its target with --publish.
    take_bucket(options, project, "publish" if hasattr(options, "word") else "target")
    with HideFirst(options) as options.first:
        if getattr(options, "state", None) is not None:
            # Without a terminal, `quota close` does not ask for confirmation.
            options.yes = options.yes or (options.closes and (options.json or not has_terminal()))
            is_agreed = options.yes and not options.dry_run and options.moment is None
            if options.publish and is_agreed and _hides_at_once(options.programme, options.state, project):
                options.first.hide(options.publish)
        return load_function(options.work)(options, project)
