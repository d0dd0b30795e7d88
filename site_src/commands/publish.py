"""`publish`: publishes the inputs and prints a report, or changes nothing and prints the reason; chooses the exit code."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from site_src.commands.alarm import call_after_switch
from site_src.commands.quota_inputs import read_quota_inputs
from site_src.commands.read_back import report_probe
from site_src.commands.report import (
    describe_state,
    ignore_output_errors,
    pluralize,
    report_problems,
    report_refusals,
    report_release,
)
from site_src.commands.target import checked_target, name_holder, name_target, who
from site_src.commands.waiting import Progress, SignalHold
from site_src.exit_codes import (
    CONTENT_PENDING,
    DONE,
    GATE_REFUSED,
    INTERRUPTED,
    NOT_SHOWN,
    PROBLEMS,
    WrongUse,
)
from site_src.file_lock import LONG_WAIT, SHORT_WAIT, Wait
from site_src.gate.gate import GateRefused
from site_src.problems import InputRefused
from site_src.publish.heartbeat import SILENT_SECONDS, last_beat
from site_src.publish.lease import read_lease
from site_src.publish.manifest import ManifestBroken
from site_src.publish.publication import Publication, in_a_line
from site_src.publish.publisher import Publisher
from site_src.publish.releases import live_release
from site_src.publish.sources import NoRelease
from site_src.publish.store import OutputRefused
from site_src.publish.switch import OutcomeUnknown
from site_src.quota.log import state_at
from site_src.read.project import Project
from site_src.read.tree import STATE_FILE
from site_src.states import STATES_WITH_LINK, hides_link, shown_links

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
                _explain_disk(error, target) if isinstance(error, OSError) else in_a_line(error)
            )
            return report_refusal(error, options, target)
        except OutputRefused as error:
            raise WrongUse(str(error)) from None
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
                print(
                    "Stopped. The change is published; the public address was not read back.", file=sys.stderr
                )
                return INTERRUPTED
        shown = not options.probe or report_probe(publication, options, target, who(options))
        return code if shown else NOT_SHOWN

    def _call_after_switch(self, release: str) -> None:
        failure = call_after_switch(self._project, name_target(self._options, self._target), release)
        if failure:
            with ignore_output_errors():
                print(f"ALARM: {failure}", file=sys.stderr, flush=True)


def warn_of_lease(target: Path, options: argparse.Namespace) -> None:
    """Prints a warning if a link is live, the folder has a lease, and no resident publisher renews it."""
    if options.bucket:
        return  # The resident publisher may run on a different machine. See `quota due --published`.
    try:
        live = live_release(target) if read_lease(target) else None
    except (OSError, ManifestBroken):
        return
    if live is None or not shown_links(live.manifest.states):
        return
    if time.time() - last_beat(target) > SILENT_SECONDS:
        print(
            f"{target}/lease: no resident publisher renews it, so a web server that checks it hides the link. "
            'Start one (publish --watch --lease 30), or serve without a lease: docs/running.md, "The lease".',
            file=sys.stderr,
            flush=True,
        )


def report(publication: Publication, options: argparse.Namespace, target: Path) -> int:
    """Prints what visitors get now and what is pending, and returns the exit code. Ignores output errors."""
    with ignore_output_errors():
        _report(publication, options, target)
    return CONTENT_PENDING if publication.pending or publication.doubts else DONE


def _report(publication: Publication, options: argparse.Namespace, target: Path) -> None:
    manifest, pending = publication.release.manifest, publication.pending
    doubtful = {problem for found in publication.doubts.values() for problem in found}
    if options.format == "json":
        more = {
            "release": publication.release.name,
            "switched": publication.switched,
            "programmes": {
                id: {"state": state, "linkShown": state in STATES_WITH_LINK}
                for id, state in manifest.states.items()
            },
            "notes": list(publication.notes),
        }
        problems = pending.problems if isinstance(pending, InputRefused) else ()
        report_problems(sorted({*problems, *doubtful}), "json", more)
        print(end="", flush=True)
        return
    if pending:
        report_reason(pending, options.format)
        print(
            f"content/ was left out. The present states are published with the content of release {manifest.content_of}.",
            file=sys.stderr,
        )
    if publication.doubts:
        # If the whole log is broken, the pending reason also contains these problems.
        reported = pending.problems if isinstance(pending, InputRefused) else ()
        report_problems(sorted(doubtful.difference(reported)), options.format, in_a_hurry=True)
        for id in sorted(publication.doubts):
            print(
                f"{id}: {STATE_FILE} is not used until this is fixed. What visitors get: {describe_state(manifest.states[id])}.",
                file=sys.stderr,
            )
    named = name_target(options, target)
    report_release(named, manifest, publication.before, publication.zone, publication.switched)
    for note in publication.notes:
        print(note, file=sys.stderr)
    if publication.warnings:
        print(
            f"{pluralize(publication.warnings, 'warning')}. To read them, and the advice: python build.py check"
        )
    print(end="", flush=True)


def report_reason(reason: InputRefused | GateRefused, form: str) -> None:
    """Prints every error and the number of warnings, or every refusal of the gate."""
    if isinstance(reason, InputRefused):
        report_problems(reason.problems, form, in_a_hurry=True)
    else:
        report_refusals(reason.refusals, form)


def report_refusal(error: Exception, options: argparse.Namespace, target: Path) -> int:
    """Prints why nothing was published and what visitors get, and returns the exit code."""
    if isinstance(error, InputRefused | GateRefused):
        report_reason(error, options.format)
    elif isinstance(error, OSError):
        print(_explain_disk(error, target), file=sys.stderr)
    else:
        print(f"Refused: {error}", file=sys.stderr)
    if isinstance(error, InputRefused | GateRefused) and _visitors_get(options, target):
        print(
            f"This command published nothing because of the errors above, but the change is already live. {_live(target, 'Visitors get')}",
            file=sys.stderr,
        )
        return CONTENT_PENDING
    if isinstance(error, OutcomeUnknown):
        print(
            f"NOT CONFIRMED. To see what is live: python build.py releases {name_target(options, target)}",
            file=sys.stderr,
        )
        return PROBLEMS
    print(f"NOT PUBLISHED. {_live(target, 'Visitors still get')}", file=sys.stderr)
    return GATE_REFUSED if isinstance(error, GateRefused) else PROBLEMS


def _explain_disk(error: OSError, target: Path) -> str:
    return f"{error.filename or target}: {error.strerror or error}."


def _visitors_get(options: argparse.Namespace, target: Path) -> bool:
    """Returns True if the live release has the state that this command wrote for its programme."""
    programme, state = getattr(options, "noted", None) or ("", None)
    try:
        live = live_release(target)
    except ManifestBroken:
        return False
    return bool(live and state and live.manifest.states.get(programme) == state)


def _live(target: Path, visitors_get: str) -> str:
    try:
        live = live_release(target)
    except ManifestBroken as error:
        return str(error)
    if live is None:
        return "There is no release yet."
    states = "; ".join(f"{id}: {describe_state(state)}" for id, state in sorted(live.manifest.states.items()))
    return f"{visitors_get} release {live.name}: {states}."
