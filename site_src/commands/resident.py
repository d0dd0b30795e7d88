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

from site_src.commands.heartbeat import HEARTBEAT
from site_src.commands.publish import REFUSALS, alarm, report, report_refusal, who
from site_src.commands.target import checked_target
from site_src.outcomes import DONE, WrongUse
from site_src.publication import Publication
from site_src.publisher import Publisher
from site_src.releases import live_name
from site_src.resident import Resident
from site_src.staging import OutputRefused, keep_file


def run(options: argparse.Namespace, root: Path) -> int:
    """Publishes each change and each scheduled event until SIGTERM or Ctrl-C; then ends with 0."""
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
    resident.stay()
    publishing.close()
    _say("Stopped. What was published stays.")
    return DONE


class _Publishing:
    """Publishes, reports, beats; reads the public address back beside that, so that nothing waits for it."""

    def __init__(self, options: argparse.Namespace, root: Path, target: Path) -> None:
        self._options, self._target = options, target
        self._publisher = Publisher(root, target, who(options), options.keep)
        self._live: Publication | None = None
        self._trouble = ""
        self._probe: threading.Thread | None = None
        self._overtaken = threading.Event()
        self._shown: bool | None = None

    def attempt(self) -> bool:
        """Publishes; a broken edit is reported once, and what is live stays."""
        done = self._attempt()
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
                report_refusal(error, self._options, self._target)
            self._trouble = str(error)
            return not isinstance(error, OSError)
        pending = str(publication.pending or "")
        if publication.switched or pending != self._trouble or self._live is None:
            _say("", end="")
            report(publication, self._options, self._target)
        self._trouble, self._live = pending, publication
        if publication.switched or self._probe is None:
            self._read_back(publication)
        return True

    def next_change(self, after: datetime) -> datetime:
        """As the publisher's."""
        return self._publisher.next_change(after)

    def beat(self, next_change: datetime) -> None:
        """Writes the heartbeat file, whole, in the place of the last one."""
        trouble = self._trouble.partition("\n")[0]
        beat = {
            "time": _utc(datetime.now(UTC)),
            "pid": os.getpid(),
            "release": live_name(self._target),
            "nextChange": _utc(next_change),
            "trouble": trouble or None,
            "shown": self._shown,
        }
        keep_file(self._target / HEARTBEAT, (json.dumps(beat, ensure_ascii=False) + "\n").encode())

    def close(self) -> None:
        """Ends a probe that is under way."""
        self._overtaken.set()
        if self._probe:
            self._probe.join()

    def _read_back(self, publication: Publication) -> None:
        if not self._options.probe:
            return
        self.close()
        self._overtaken, self._shown = threading.Event(), None
        self._probe = threading.Thread(target=self._probed, args=(publication, self._overtaken))
        self._probe.start()

    def _probed(self, publication: Publication, overtaken: threading.Event) -> None:
        from site_src.probe import probe

        address, manifest = self._options.probe, publication.release.manifest
        wrong = probe(address, manifest, publication.expected, self._options.probe_for, overtaken)
        if overtaken.is_set():
            return
        self._shown = not wrong
        if wrong:
            alarm(publication, self._options, self._target, wrong)
        else:
            _say(f"{address} shows release {manifest.name}.")


def _say(line: str, end: str = "\n") -> None:
    print(f"{_utc(datetime.now(UTC))} {line}", end=end, file=sys.stderr, flush=True)


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
