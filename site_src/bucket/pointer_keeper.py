"""`PointerKeeper`: renews or ends the lease in a bucket's pointer while a resident publisher runs.

The pointer's lease ends when the lease of the working target ends, or at once when the publisher's log hides a link. The
keeper also fetches each release that another publisher makes live. It runs in its own thread. It never publishes: the
publisher does so when its own inputs change. Two publishers therefore never publish in response to each other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from site_src.bucket.catching_up import catch_up
from site_src.bucket.pointer import Pointer
from site_src.bucket.pointer_store import PointerStore
from site_src.file_lock import LockHeld, Wait
from site_src.publish.lease import read_lease
from site_src.publish.releases import live_name, target_lock
from site_src.publish.store import OutputRefused

LOOK_SECONDS = 0.5
ALARM_SECONDS = 5.0


class PointerKeeper:
    """From `start` to `close`, renews or ends the lease in the pointer, and fetches the releases of other publishers.

    `lease` is the length of the lease in seconds, or None for no lease. `holder` names this process. `call` gets one
    message if this work has failed for five seconds, and `say` gets one when it works again.
    """

    def __init__(
        self,
        pointers: PointerStore,
        target: Path,
        lease: int | None,
        holder: str,
        call: Callable[[str], None],
        say: Callable[[str], None],
    ) -> None:
        self._pointers, self._target, self._lease, self._holder = pointers, target, lease, holder
        self._call, self._say = call, say
        self._hides, self._stopped, self._woken = False, False, threading.Event()
        self._fault, self._since, self._called = "", 0.0, False
        self._thread = threading.Thread(target=self._keep, name="pointer", daemon=True)

    @property
    def trouble(self) -> str:
        """Returns the failure that was reported with `call`; "" once it has ended."""
        return self._fault if self._called else ""

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def hide(self) -> None:
        """Ends the lease on all web servers as soon as possible. They hide the links until something is published."""
        self._hides = True
        self._woken.set()
        # The keeper's thread may be busy with a large release. If the new thread cannot start or fails, the keeper's thread
        # ends the lease.
        with suppress(RuntimeError):
            threading.Thread(target=self._hide_now, name="hide", daemon=True).start()

    def _hide_now(self) -> None:
        with suppress(OSError):
            self._pointers.hold(self._holder)

    def close(self) -> None:
        """Stops the thread. Copies the last lease of the working target, which `LeaseKeeper.close` has set, to the pointer."""
        self._stopped = True
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(self._pointers.store.patience)
            self._try(self._look)

    def _keep(self) -> None:
        while not self._stopped:
            self._try(self._look)
            self._woken.wait(LOOK_SECONDS)
            self._woken.clear()

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except LockHeld:
            return  # A command on this host is publishing. Its release is read at the next look.
        except (OSError, OutputRefused) as error:
            self._fault = f"{error.filename}: {error.strerror}." if isinstance(error, OSError) else str(error)
            self._since = self._since or time.monotonic()
            if not self._called and time.monotonic() - self._since >= ALARM_SECONDS:
                self._called = True
                self._call(f"The web servers hide every link when their lease ends. {self._fault}")
            return
        if self._called:
            self._say("The store responds again.")
        self._fault, self._since, self._called = "", 0.0, False

    def _look(self) -> None:
        if self._hides:
            self._pointers.hold(self._holder)
            self._hides = False
        at = self._pointers.read()
        if at is None:
            return
        if at.pointer.live != live_name(self._target):
            with target_lock(self._target, Wait(0)):
                catch_up(self._pointers, self._target)
            return
        if self._next(at.pointer):
            self._pointers.change(self._next)

    def _next(self, pointer: Pointer) -> Pointer | None:
        """Returns the pointer with the working target's lease in place of its own. Returns None if no link is shown, if no
        renewal is due, or if this publisher may not renew the lease.
        """
        lease = read_lease(self._target)
        now = time.time()
        vouches = lease is not None and lease.is_valid(now) and pointer.live == live_name(self._target)
        if not (self._lease and pointer.shows_link and lease and vouches) or self._hides:
            return None
        if pointer.held not in ("", self._holder):
            return None
        ends = datetime.fromtimestamp(int(lease.until), UTC)
        is_due = (ends - pointer.expires).total_seconds() >= self._lease / 3 or pointer.held
        return replace(pointer, expires=ends, held="", lease=self._lease) if is_due else None
