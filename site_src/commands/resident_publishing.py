"""What a resident publisher does at each attempt and each beat: publish, report, keep the lease, read the public address back."""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import sys
import threading
import time
from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from site_src.commands.alarm import ring
from site_src.commands.heartbeat import HEARTBEAT
from site_src.commands.publish import REFUSALS, report, report_refusal, tell_of_lease, who
from site_src.commands.quota_inputs import read_quota_inputs
from site_src.commands.read_back import alarm, demanded, is_overtaken, release_instead_of
from site_src.commands.report import ignore_output_errors
from site_src.file_lock import SHORT_WAIT, Wait
from site_src.gate.expectation import Expectation
from site_src.instants import utc_text
from site_src.publish.keeper import LeaseKeeper
from site_src.publish.live import LiveFiles
from site_src.publish.probe import choose_sample, probe
from site_src.publish.publication import Publication, in_a_line
from site_src.publish.publisher import Publisher
from site_src.publish.releases import CURRENT, Release, live_name
from site_src.publish.store import OutputRefused, keep_file

# For an alarm that is being told when the process is told to stop.
CLOSING_SECONDS = 5.0
# How long a web server may be restarting before a probe that repeats is an alarm.
REPEATED_PROBE_SECONDS = 10.0


class ResidentPublishing:
    """Publishes, reports, beats; reads the public address back beside that, so that nothing waits for it."""

    def __init__(self, options: argparse.Namespace, root: Path, target: Path) -> None:
        self._options, self._target = options, target
        self._publisher = Publisher(root, target, who(options), options.keep, Wait(SHORT_WAIT))
        self._publisher.stay()
        self._live: Publication | None = None
        self._files = LiveFiles(target)
        # Everything that is wrong, and its first line.
        self._trouble, self._reason = "", ""
        # The release that is being read back, or was last; and the last one of which it is known whether it is shown.
        self._looked_at = ""
        self._shown: tuple[str, bool | None] = ("", None)
        self._round, self._next_round = 0, math.inf
        self._overtaken, self._telling = threading.Event(), threading.Lock()
        self._keeper = LeaseKeeper(
            root, target, options.lease, lambda: read_quota_inputs(root).logs, self._call, say
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
        except BaseException as error:
            self._reason = f"the publisher failed ({error!r}); see its log"
            raise
        finally:
            self._files.remember()
            self._keeper.vouch(self._publisher.vouch, self._publisher.outdated)
        # Other commands end before a collection of cycles would pay; this one stays for weeks, and collects when nobody waits.
        gc.collect()
        return done

    def _attempt(self) -> bool:
        try:
            publication = self._publisher.publish()
        except (*REFUSALS, OutputRefused) as error:
            if str(error) != self._trouble:
                if self._live and live_name(self._target) is None:
                    self._call(
                        f"visitors get nothing: {self._target / CURRENT} is not the link to a release."
                    )
                say("", end="")
                with ignore_output_errors():
                    report_refusal(error, self._options, self._target)
            self._trouble, self._reason = str(error), in_a_line(error)
            return not isinstance(error, OSError | OutputRefused)
        pending = str(publication.pending or "")
        if publication.switched or pending != self._trouble or self._live is None:
            say("", end="")
            report(publication, self._options, self._target)
            for note in publication.notes:
                if note.startswith("ALARM: "):
                    ring(self._options.alarm, note.removeprefix("ALARM: "))
        self._trouble, self._live = pending, publication
        self._reason = in_a_line(publication.pending) if publication.pending else ""
        return True

    def next_change(self, after: datetime) -> datetime:
        """As the publisher's."""
        return self._publisher.next_change(after)

    def is_intact(self) -> bool:
        """True while the disk has what the last attempt left there."""
        changed = self._files.find_change()
        if changed:
            say(f"{self._target / changed} was changed. Publishing again.")
        return changed is None

    def say(self, line: str) -> None:
        """Writes a line to the log."""
        say(line)

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
        say(f"ALARM: {sentence}")
        ring(self._options.alarm, sentence)

    def _read_back(self) -> None:
        """Begins to read back what is live: whole after each publish, whoever did it, and in samples again and again."""
        if not self._options.probe:
            return
        release = release_instead_of(self._looked_at, self._target)
        if release:
            # The old probe ends by itself. Nothing waits for it: it may hang on a server that does not answer.
            self._overtaken.set()
            self._overtaken, self._looked_at = threading.Event(), release.name
            self._start_probe(release, self._options.probe_for)
        elif time.monotonic() >= self._next_round and (live := release_instead_of("", self._target)):
            self._start_probe(live, min(self._options.probe_for, REPEATED_PROBE_SECONDS))

    def _start_probe(self, release: Release, seconds: float) -> None:
        # Until it is known that everything is shown, every file is read back.
        is_whole = self._shown != (release.name, True)
        self._next_round, self._round = math.inf, self._round + 1
        expected = demanded(release, self._live)
        sample = None if is_whole else choose_sample(release.manifest, expected, self._round)
        work = partial(self._probe, release, expected, seconds, sample, self._overtaken)
        try:
            threading.Thread(target=work, daemon=True).start()
        except RuntimeError as error:
            self._looked_at = ""
            say(f"{self._options.probe} could not be read back ({error}); it is tried again.")

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
            # When another release is live by now, it is as it should be that this one is not shown.
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


def say(line: str, end: str = "\n") -> None:
    """Writes the present time (UTC, whole seconds) and the line to standard error; ignores errors of the output."""
    now = utc_text(datetime.now(UTC), "seconds")
    with ignore_output_errors():
        print(f"{now} {line}", end=end, file=sys.stderr, flush=True)
