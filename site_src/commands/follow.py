"""`follow`: keeps the target of a web server up to date with the live release of a bucket."""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from site_src.bucket.follower import Follower
from site_src.commands.alarm import ring_aloud
from site_src.commands.bucket_target import BucketTarget
from site_src.commands.log_lines import log_lines
from site_src.commands.output import say
from site_src.exit_codes import DONE, WrongUse
from site_src.file_lock import LockHeld
from site_src.instants import utc_text
from site_src.publish.heartbeat import HEARTBEAT, notify
from site_src.publish.releases import live_name, refuse_foreign, resident_lock
from site_src.publish.store import keep_file
from site_src.read.project import Project

_BEAT_SECONDS = 2.0
# A look at the bucket must end soon; otherwise the next look could hide a link too late. The lease is longer than a look.
_PATIENCE_SECONDS = 2.0


def run(options: argparse.Namespace, project: Project) -> int:
    """Follows the bucket until SIGTERM or Ctrl-C, then returns 0. Raises InputRefused and WrongUse."""
    target = Path(os.path.abspath(options.target))
    bucket = BucketTarget(options.source, project, target)
    try:
        refuse_foreign(target)
        with resident_lock(target), log_lines(options.log_format):
            local, _ = project.read_local()
            return _follow(bucket, options, local.alarm if local else None)
    except LockHeld as error:
        raise WrongUse(f"{target}: another process already writes to it ({error.holder}).") from None


def _follow(target: BucketTarget, options: argparse.Namespace, alarm: str | None) -> int:
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    bucket, folder = target.open(_PATIENCE_SECONDS), target.folder
    call = partial(ring_aloud, alarm)
    follower = Follower(bucket.pointers.store, bucket.new_trust, folder, options.keep, call, say)
    follower.start()
    say(f"Following {target} in {folder}. To stop: Ctrl-C, or SIGTERM.")
    beaten, seconds, since = False, 0.0, _BEAT_SECONDS
    while not stopped.wait(seconds):
        since += seconds
        seconds = follower.look()
        if since >= _BEAT_SECONDS:
            since = 0.0
            if not beaten:
                notify("READY=1")
            beaten = True
            notify("WATCHDOG=1")
            _beat(follower, folder)
    notify("STOPPING=1")
    follower.stop()
    say("Stopped. The live release stays, but its lease ends unless `follow` is started again.")
    return DONE


def _beat(follower: Follower, target: Path) -> None:
    """Writes the heartbeat file if the follower is ready. If it is not, a monitor notices that the file is old."""
    if follower.is_ready:
        beat = {
            "time": utc_text(datetime.now(UTC), "seconds"),
            "pid": os.getpid(),
            "release": live_name(target),
            "trouble": follower.trouble or None,
        }
        keep_file(target / HEARTBEAT, (json.dumps(beat, ensure_ascii=False) + "\n").encode())
