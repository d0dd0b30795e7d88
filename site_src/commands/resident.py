"""`publish --watch`: stays, and says in a log what it does; a heartbeat file tells a monitor that it lives."""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from site_src.commands.alarm import ring
from site_src.commands.heartbeat import HEARTBEAT
from site_src.commands.publish import REFUSALS, report, report_refusal, tell_of_lease, who
from site_src.commands.quota_inputs import read_quota_inputs
from site_src.commands.read_back import alarm, demanded, is_overtaken, release_instead_of
from site_src.commands.report import ignore_output_errors
from site_src.commands.target import checked_target
from site_src.exit_codes import DONE, WrongUse
from site_src.instants import utc_text
from site_src.problems import InputRefused
from site_src.publish.keeper import LeaseKeeper
from site_src.publish.notify import notify
from site_src.publish.publication import Publication, in_a_line
from site_src.publish.publisher import Publisher
from site_src.publish.releases import Release, live_name
from site_src.publish.resident import Resident
from site_src.publish.store import OutputRefused, keep_file
from site_src.read.local import read_local

# For an alarm that is being told when the process is told to stop.
CLOSING_SECONDS = 5.0


def run(options: argparse.Namespace, root: Path) -> int:
    """Publishes each change and each scheduled event until SIGTERM or Ctrl-C; then ends with 0."""
    _fill_in(options, root)
    target = checked_target(options, root)
    publishing = _Publishing(options, root, target)
    resident = Resident(root, publishing, lambda: datetime.now(UTC), options.poll)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, resident.stop)
    _say("Watching content/, quota_state.yaml and the templates. To stop: Ctrl-C, or SIGTERM.")
    if resident.polling:
        _say(
            f"Looking for changes again and again ({resident.polling}): a change is seen within half a second."
        )
    publishing.start()
    resident.stay()
    notify("STOPPING=1")
    publishing.close()
    _say("Stopped. What was published stays.")
    return DONE


def _fill_in(options: argparse.Namespace, root: Path) -> None:
    """What the command line leaves out is as in local.yaml, if that is about this target; raises InputRefused."""
    local, problems = read_local(root)
    if problems:
        raise InputRefused(problems)
    options.alarm = None
    if local and os.path.abspath(options.target) == local.target.rstrip("/"):
        options.probe, options.lease = options.probe or local.probe, options.lease or local.lease
        options.who, options.alarm = local.who, local.alarm


class _Publishing:
    """Publishes, reports, beats; reads the public address back beside that, so that nothing waits for it."""

    def __init__(self, options: argparse.Namespace, root: Path, target: Path) -> None:
        self._options, self._target = options, target
        self._publisher = Publisher(root, target, who(options), options.keep)
        self._live: Publication | None = None
        # Everything that is wrong, and its first line.
        self._trouble, self._reason = "", ""
        # The release that is being read back, or was last; and the last one of which it is known whether it is shown.
        self._looked_at = ""
        self._shown = ("", False)
        self._overtaken, self._telling = threading.Event(), threading.Lock()
        self._keeper = LeaseKeeper(
            root, target, options.lease, lambda: read_quota_inputs(root).logs, self._call, _say
        )

    def start(self) -> None:
        """Begins to keep the lease, and to tell systemd that this process lives."""
        self._keeper.start()
        if not self._options.lease:
            with ignore_output_errors():
                tell_of_lease(self._target)

    def attempt(self) -> bool:
        """Publishes; a broken edit is reported once, and what is live stays."""
        self._keeper.look()
        try:
            done = self._attempt()
        finally:
            self._keeper.vouch(self._publisher.vouch, self._publisher.outdated)
        # Other commands end before a collection of cycles would pay; this one stays for weeks, and collects when nobody waits.
        gc.collect()
        return done

    def _attempt(self) -> bool:
        try:
            publication = self._publisher.publish()
        except OutputRefused as error:
            raise WrongUse(str(error)) from None
        except REFUSALS as error:
            if str(error) != self._trouble:
                _say("", end="")
                with ignore_output_errors():
                    report_refusal(error, self._options, self._target)
            self._trouble, self._reason = str(error), in_a_line(error)
            return not isinstance(error, OSError)
        pending = str(publication.pending or "")
        if publication.switched or pending != self._trouble or self._live is None:
            _say("", end="")
            report(publication, self._options, self._target)
        self._trouble, self._live = pending, publication
        self._reason = in_a_line(publication.pending) if publication.pending else ""
        return True

    def next_change(self, after: datetime) -> datetime:
        """As the publisher's."""
        return self._publisher.next_change(after)

    def beat(self, next_change: datetime) -> None:
        """Writes the heartbeat file, whole, in the place of the last one; reads back a release that nobody here has looked at."""
        self._keeper.beat()
        self._read_back()
        name, (of, shown) = live_name(self._target), self._shown
        beat = {
            "time": utc_text(datetime.now(UTC), "seconds"),
            "pid": os.getpid(),
            "release": name,
            "nextChange": utc_text(next_change, "seconds"),
            "trouble": self._keeper.trouble or self._reason or None,
            "shown": shown if name == of else None,
        }
        keep_file(self._target / HEARTBEAT, (json.dumps(beat, ensure_ascii=False) + "\n").encode())

    def close(self) -> None:
        """Ends a probe that is under way; an alarm that is being told is told to its end, unless the disk hangs."""
        self._keeper.close()
        self._overtaken.set()
        self._telling.acquire(timeout=CLOSING_SECONDS)

    def _call(self, sentence: str) -> None:
        _say(f"ALARM: {sentence}")
        ring(self._options.alarm, sentence)

    def _read_back(self) -> None:
        """Begins to read back what is live, if that is not what was looked at last: whoever published it."""
        release = release_instead_of(self._looked_at, self._target) if self._options.probe else None
        if release is None:
            return
        # The old probe ends by itself. Nothing waits for it: it may hang on a server that does not answer.
        self._overtaken.set()
        overtaken = threading.Event()
        self._overtaken, self._looked_at = overtaken, release.name
        threading.Thread(target=self._probed, args=(release, self._live, overtaken), daemon=True).start()

    def _probed(self, release: Release, publication: Publication | None, overtaken: threading.Event) -> None:
        from site_src.publish.probe import probe

        def is_over() -> bool:
            return overtaken.is_set() or is_overtaken(release, self._target)

        address, expected = self._options.probe, demanded(release, publication)
        wrong = probe(address, release.manifest, expected, self._options.probe_for, is_over)
        with self._telling:
            # When another release is live by now, it is as it should be that this one is not shown.
            if overtaken.is_set() or (wrong and is_over()):
                return
            self._shown = (release.name, not wrong)
            if wrong:
                alarm(release, address, self._target, wrong, who(self._options))
                ring(self._options.alarm, f"{address} does not show release {release.name}.")
            else:
                _say(f"{address} shows release {release.name}.")


def _say(line: str, end: str = "\n") -> None:
    now = utc_text(datetime.now(UTC), "seconds")
    with ignore_output_errors():
        print(f"{now} {line}", end=end, file=sys.stderr, flush=True)
