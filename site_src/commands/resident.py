"""`publish --watch`: runs the resident publisher until it is stopped. Only one publishes to a target; others wait until it ends."""

from __future__ import annotations

import argparse
import os
import signal
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from site_src.commands.alarm import ring_aloud
from site_src.commands.log_lines import log_lines
from site_src.commands.output import say
from site_src.commands.resident_publishing import ResidentPublishing
from site_src.commands.target import checked_target, name_holder, name_target, take_bucket
from site_src.exit_codes import DONE, WrongUse
from site_src.file_lock import SHORT_WAIT, LockHeld, Wait
from site_src.publish.heartbeat import notify
from site_src.publish.releases import resident_lock, target_lock
from site_src.publish.resident import Resident
from site_src.read.local import Local
from site_src.read.project import Project

STAND_BY_SECONDS = 0.5


def run(options: argparse.Namespace, project: Project) -> int:
    """Publishes each change and each scheduled event until SIGTERM or Ctrl-C, then returns 0. Raises InputRefused and WrongUse."""
    take_bucket(options, project)
    _fill_in(options, project.require_local())
    target = checked_target(options, project.root)
    publishing = ResidentPublishing(options, project, target)
    if options.bucket:
        _use_bucket(publishing, options)
    resident = Resident(project.root, publishing, lambda: datetime.now(UTC), options.poll)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, resident.stop)
    with log_lines(options.log_format):
        say("Watching content/, quota_state.yaml and the templates. To stop: Ctrl-C, or SIGTERM.")
        with ExitStack() as lock:
            if _take_over(lock, target, resident):
                publishing.start()
                resident.stay()
                notify("STOPPING=1")
        publishing.close()
        say("Stopped. The live release stays.")
    return DONE


def _use_bucket(publishing: ResidentPublishing, options: argparse.Namespace) -> None:
    """Makes `publishing` publish to the bucket. Raises WrongUse if the store ignores conditional writes.

    If the store does not answer, prints why. Later attempts try again.
    """
    from site_src.bucket.canary import ConditionsIgnored
    from site_src.bucket.pointer_keeper import PointerKeeper
    from site_src.bucket.store_failure import StoreFailed

    target: Path = options.bucket.folder
    holder = name_holder(options)
    bucket, switch = options.bucket.open_switch(options, holder, SHORT_WAIT, is_resident=True)
    try:
        with target_lock(target, Wait(SHORT_WAIT)):
            switch.prepare(target)
    except ConditionsIgnored as error:
        raise WrongUse(f"{error.filename}: {error.strerror}.") from None
    except StoreFailed as error:
        say(f"{error.filename}: {error.strerror}.")
    except OSError as error:
        say(f"{error.filename or target}: {error.strerror}.")
    call = partial(ring_aloud, options.alarm)
    publishing.use(switch, PointerKeeper(bucket.pointers, target, options.lease, holder, call, say))


def _take_over(lock: ExitStack, target: Path, resident: Resident) -> bool:
    """Waits until no other resident publisher has locked the target, then locks it. Returns False if this publisher was stopped first.

    Raises WrongUse.
    """
    is_reported = False
    while not resident.is_stopped:
        try:
            lock.enter_context(resident_lock(target))
        except LockHeld as error:
            if not is_reported:
                say(
                    f"Another resident publisher is at work on {target} ({error.holder}). This one waits, and takes over when the other ends."
                )
                # The service is as ready as it can be. systemd must not end it while it waits.
                notify("READY=1")
            is_reported = True
            notify("WATCHDOG=1")
            resident.rest(STAND_BY_SECONDS)
            continue
        except OSError as error:
            say(
                f"{error.filename}: {error.strerror}. Continuing without this lock: a second resident publisher would not be noticed."
            )
        if is_reported:
            say("The other resident publisher has ended. This one takes over.")
        return True
    return False


def _fill_in(options: argparse.Namespace, local: Local | None) -> None:
    """Fills in missing options from local.yaml, if local.yaml names this target."""
    options.alarm = options.local = None
    if local and name_target(options, os.path.abspath(options.target)) == local.target.rstrip("/"):
        options.probe, options.lease = options.probe or local.probe, options.lease or local.lease
        options.who, options.alarm, options.local = local.who, local.alarm, local
