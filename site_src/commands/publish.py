"""`publish`: publishes the inputs and prints a report, or changes nothing and prints the reason."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from site_src.commands.alarm import call_after_switch
from site_src.commands.output import ignore_output_errors, say
from site_src.commands.publish_report import explain_disk, report, report_refusal, warn_of_lease
from site_src.commands.quota_inputs import read_quota_inputs
from site_src.commands.read_back import report_probe
from site_src.commands.target import checked_target, name_holder, name_target, who
from site_src.commands.waiting import Progress, SignalHold
from site_src.exit_codes import INTERRUPTED, NOT_SHOWN
from site_src.file_lock import LONG_WAIT, SHORT_WAIT, Wait
from site_src.gate.gate import GateRefused
from site_src.problems import InputRefused
from site_src.publish.lease import read_lease
from site_src.publish.manifest import ManifestBroken
from site_src.publish.publication import Publication, in_a_line
from site_src.publish.publisher import Publisher
from site_src.publish.releases import live_release
from site_src.publish.sources import NoRelease
from site_src.quota.log import state_at
from site_src.read.project import Project
from site_src.states import STATES_WITH_LINK, hides_link

REFUSALS = (InputRefused, GateRefused, NoRelease, OSError)


def run(options: argparse.Namespace, project: Project) -> int:
    """Publishes once, and returns the exit code. Raises WrongUse."""
    _, state = getattr(options, "noted", None) or ("", None)
    is_closing = bool(state and state not in STATES_WITH_LINK)
    command = PublishCommand(
        options, project, checked_target(options, project.root), SHORT_WAIT if is_closing else LONG_WAIT
    )
    command.publisher.hurries = is_closing
    command.hide_first()
    return command.carry_out(command.publisher.publish)


class PublishCommand:
    """A command that publishes to `target`: hides links first, publishes, prints a report, and reads the public address back.

    Waits at most `seconds` for other publishers.
    """

    def __init__(
        self, options: argparse.Namespace, project: Project, target: Path, seconds: float = LONG_WAIT
    ) -> None:
        self._options, self._project, self._target = options, project, target
        progress = Progress()
        wait = Wait(seconds, progress.waiting)
        self.publisher = Publisher(project.root, target, who(options), options.keep, wait, progress.step)
        if options.bucket:
            self.publisher.use(options.bucket.open_switch(options, name_holder(options), seconds)[1])

    def hide_first(self) -> None:
        """Reads only the log. If the log hides a link that is live, ends the lease before anything else is read."""
        try:
            live = live_release(self._target) if self._options.bucket or read_lease(self._target) else None
            if live is None:
                return
            logs, now = read_quota_inputs(self._project).logs, datetime.now(UTC)
        except (OSError, ManifestBroken, InputRefused):
            return  # The publish itself reports the error.
        if hides_link(live.manifest.states, {id: state_at(log, now) for id, log in logs.items()}):
            self._options.first.hide(self._target)

    def carry_out(self, work: Callable[[], Publication]) -> int:
        """Calls `work` (a method of the publisher), prints the result, reads the public address back, and returns the exit code."""
        options, target = self._options, self._target
        try:
            publication = work()
        except REFUSALS as error:
            options.first.fail(
                explain_disk(error, target) if isinstance(error, OSError) else in_a_line(error)
            )
            return report_refusal(error, options, target)
        options.first.release(target)
        options.first.close()
        with ignore_output_errors():
            warn_of_lease(target, options)
        code = report(publication, options, target)
        # Called before the address is read back: with a cache that is not purged, the probe would fail.
        if publication.switched:
            self._call_after_switch(publication.release.name)
        hold: SignalHold | None = getattr(options, "hold", None)
        if hold:
            hold.end()
            if hold.interrupted and options.probe:
                say("Stopped. The change is published; the public address was not read back.")
                return INTERRUPTED
        shown = not options.probe or report_probe(publication, options, target, who(options))
        return code if shown else NOT_SHOWN

    def _call_after_switch(self, release: str) -> None:
        failure = call_after_switch(self._project, name_target(self._options, self._target), release)
        if failure:
            say(f"ALARM: {failure}")
