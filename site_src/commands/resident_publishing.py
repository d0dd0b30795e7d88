"""The resident publisher's work at each attempt and beat: publish, report, write the heartbeat, renew the lease, repeat the probe."""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from site_src.commands.alarm import call_after_switch, ring
from site_src.commands.metrics import METRICS, Metrics
from site_src.commands.output import ignore_output_errors, say
from site_src.commands.publish import REFUSALS
from site_src.commands.publish_report import report, report_refusal, warn_of_lease
from site_src.commands.quota_inputs import read_quota_inputs
from site_src.commands.quota_save import LogSaver
from site_src.commands.read_back import alarm, demanded, is_overtaken, release_instead_of
from site_src.commands.resident_archive import ResidentArchive
from site_src.commands.resident_lease import LeaseNotes
from site_src.commands.target import name_target, who
from site_src.file_lock import SHORT_WAIT, Wait
from site_src.gate.expectation import Expectation
from site_src.instants import utc_text
from site_src.publish.heartbeat import HEARTBEAT
from site_src.publish.lease_keeper import LeaseKeeper
from site_src.publish.live_release import LiveFiles
from site_src.publish.probe import choose_sample, probe
from site_src.publish.publication import Publication, in_a_line
from site_src.publish.publisher import Publisher
from site_src.publish.releases import CURRENT, Release, live_name
from site_src.publish.store import OutputRefused, keep_file
from site_src.read.project import Project

if TYPE_CHECKING:
    from site_src.bucket.pointer_keeper import PointerKeeper
    from site_src.publish.switch import Switch

# How long `close` waits for an alarm that is being reported.
CLOSING_SECONDS = 5.0
# How long a web server may take to restart before a repeated probe raises the alarm.
REPEATED_PROBE_SECONDS = 10.0


class ResidentPublishing:
    """Publishes, reports and writes the heartbeat. Reads the public address back in a background thread."""

    def __init__(self, options: argparse.Namespace, project: Project, target: Path) -> None:
        self._options, self._project, self._target = options, project, target
        self._publisher = Publisher(project.root, target, who(options), options.keep, Wait(SHORT_WAIT))
        self._publisher.stay()
        self._pointer_keeper: PointerKeeper | None = None
        self._live: Publication | None = None
        self._files = LiveFiles(target)
        # The text of the last error, and the same on one line.
        self._trouble, self._reason = "", ""
        # The release whose probe started last. Then the release whose probe ended last, and its result.
        self._looked_at = ""
        self._shown: tuple[str, bool | None] = ("", None)
        self._round, self._next_round = 0, math.inf
        self._overtaken, self._telling = threading.Event(), threading.Lock()
        self._saver = LogSaver(project, options.local, self._call)
        self._metrics = Metrics(target)
        self._keeper = LeaseKeeper(
            project.root, target, options.lease, lambda: read_quota_inputs(project).logs, self._call, say
        )
        self._lease_notes = LeaseNotes(target, who(options))
        self._archive = ResidentArchive(project.root, target, options, self._call, say)

    def use(self, switch: Switch, keeper: PointerKeeper) -> None:
        """Makes the publisher publish to a bucket with `switch`. `keeper` renews the lease in the bucket's pointer."""
        self._publisher.use(switch)
        self._pointer_keeper = keeper
        self._keeper.on_hide(keeper.hide)

    def start(self) -> None:
        """Starts to renew the lease, and to report to systemd that this process is alive."""
        if self._options.lease:
            with suppress(OSError):
                self._lease_notes.begin()
        self._keeper.start()
        if self._pointer_keeper:
            self._pointer_keeper.start()
        if not self._options.lease:
            with ignore_output_errors():
                warn_of_lease(self._target, self._options)

    def attempt(self) -> bool:
        """Publishes the present inputs. Returns False if the caller should try again soon.

        If the inputs have errors, reports them once, and leaves the live release unchanged.
        """
        self._keeper.look()
        try:
            done = self._attempt()
        except BaseException as error:
            self._reason = f"the publisher failed ({error!r}); see its log"
            raise
        finally:
            self._files.remember()
            self._keeper.vouch(self._publisher.vouch, self._publisher.outdated)
        # Other commands end before garbage collection saves anything. This process runs for weeks, and collects when nothing waits.
        gc.collect()
        return done

    def _attempt(self) -> bool:
        try:
            publication = self._publisher.publish()
        except (*REFUSALS, OutputRefused) as error:
            if str(error) != self._trouble:
                if self._live and live_name(self._target) is None:
                    self._call(f"visitors get nothing: {self._target / CURRENT} is not a link to a release.")
                with ignore_output_errors():
                    report_refusal(error, self._options, self._target)
            self._trouble, self._reason = str(error), in_a_line(error)
            return not isinstance(error, OSError | OutputRefused)
        pending = str(publication.pending or "")
        if publication.switched or pending != self._trouble or self._live is None:
            report(publication, self._options, self._target)
            if publication.switched:
                self._start_after_switch(publication.release.name)
            for note in publication.notes:
                if note.startswith("ALARM: "):
                    ring(self._options.alarm, note.removeprefix("ALARM: "))
        self._trouble, self._live = pending, publication
        self._reason = in_a_line(publication.pending) if publication.pending else ""
        return True

    def next_change(self, after: datetime) -> datetime:
        """Returns the same as `Publisher.next_change`."""
        return self._publisher.next_change(after)

    def is_intact(self) -> bool:
        """Returns True while the published files are as the last attempt left them. Logs the first change."""
        # No web server serves this host's copy of a bucket, and the releases of other publishers change the copy.
        changed = None if self._pointer_keeper else self._files.find_change()
        if changed:
            say(f"{self._target / changed} was changed. Publishing again.")
        return changed is None

    def say(self, line: str) -> None:
        """Writes a line to the log."""
        say(line)

    def beat(self, next_change: datetime) -> None:
        """Replaces the heartbeat file, and starts to read back a release that this process has not read back yet."""
        self._keeper.beat()
        self._saver.beat()
        self._read_back()
        self._archive.look()
        if self._options.lease:
            self._lease_notes.look(bool(self._keeper.trouble))
        name, (of, shown) = live_name(self._target), self._shown
        beat = {
            "time": utc_text(datetime.now(UTC), "seconds"),
            "pid": os.getpid(),
            "release": name,
            "nextChange": utc_text(next_change, "seconds"),
            "trouble": self._keeper.trouble or self._pointer_trouble or self._reason or None,
            "shown": shown if name == of else None,
        }
        keep_file(self._target / HEARTBEAT, (json.dumps(beat, ensure_ascii=False) + "\n").encode())
        keep_file(self._target / METRICS, self._metrics.describe(beat).encode())

    @property
    def _pointer_trouble(self) -> str:
        return self._pointer_keeper.trouble if self._pointer_keeper else ""

    def close(self) -> None:
        """Stops the current probe. Waits at most CLOSING_SECONDS for an alarm that is being reported."""
        self._keeper.close()
        if self._pointer_keeper:
            self._pointer_keeper.close()
        self._overtaken.set()
        self._archive.close()
        self._telling.acquire(timeout=CLOSING_SECONDS)

    def _start_after_switch(self, release: str) -> None:
        try:
            threading.Thread(target=self._call_after_switch, args=(release,), daemon=True).start()
        except RuntimeError as error:
            self._call(f"No program was called after the switch to release {release}: {error}.")

    def _call_after_switch(self, release: str) -> None:
        failure = call_after_switch(self._project, name_target(self._options, self._target), release)
        if failure:
            self._call(failure)

    def _call(self, sentence: str) -> None:
        say(f"ALARM: {sentence}")
        ring(self._options.alarm, sentence)

    def _read_back(self) -> None:
        """Starts to read back the live release: all its files after each publish by any process, and regularly a sample of them."""
        if not self._options.probe:
            return
        release = release_instead_of(self._looked_at, self._target)
        if release:
            # The old probe ends by itself. Nothing waits for it, because it may hang on a server that does not answer.
            self._overtaken.set()
            self._overtaken, self._looked_at = threading.Event(), release.name
            self._start_probe(release, self._options.probe_for)
        elif time.monotonic() >= self._next_round and (live := release_instead_of("", self._target)):
            self._start_probe(live, min(self._options.probe_for, REPEATED_PROBE_SECONDS))

    def _start_probe(self, release: Release, seconds: float) -> None:
        # Every file is read back until one probe has found no fault.
        is_whole = self._shown != (release.name, True)
        self._next_round, self._round = math.inf, self._round + 1
        expected = demanded(release, self._live)
        sample = None if is_whole else choose_sample(release.manifest, expected, self._round)
        work = partial(self._probe, release, expected, seconds, sample, self._overtaken)
        try:
            threading.Thread(target=work, daemon=True).start()
        except RuntimeError as error:
            self._looked_at = ""
            say(f"{self._options.probe} could not be read back ({error}); the publisher tries again.")

    def _probe(
        self,
        release: Release,
        expected: Expectation | None,
        seconds: float,
        sample: Collection[str] | None,
        overtaken: threading.Event,
    ) -> None:
        def is_over() -> bool:
            return overtaken.is_set() or is_overtaken(release, self._target)

        address = self._options.probe
        wrong = probe(address, release.manifest, expected, seconds, is_over, sample)
        with self._telling:
            # If a different release is live now, the address need not show this one.
            if overtaken.is_set() or (wrong and is_over()):
                return
            before, self._shown = self._shown, (release.name, not wrong)
            self._next_round = time.monotonic() + self._options.probe_every
            if before == self._shown:
                return
            if wrong:
                alarm(release, address, self._target, wrong, who(self._options))
                ring(self._options.alarm, f"{address} does not show release {release.name}.")
            else:
                say(f"{address} shows release {release.name}.")
                self._archive.add(release)
