"""`LeaseKeeper`: renews the lease of a target while the live release has the right states, and ends it when the log hides a link.

It runs in its own thread and checks ten times a second, so a long publish does not end the lease and does not delay a
closing. It raises an alarm if visitors do not see the link of the live release for five seconds (ALARM_SECONDS).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from site_src.publish.heartbeat import notify
from site_src.publish.lease import (
    ENDED,
    FAR_FUTURE,
    HAND_OVER_SECONDS,
    expire_lease,
    make_lease,
    read_lease,
    renew_lease,
)
from site_src.publish.manifest import ManifestBroken
from site_src.publish.releases import Release, live_name, live_release
from site_src.publish.vouch import Vouch
from site_src.quota.log import Log, state_at
from site_src.read.tree import STATE_FILE
from site_src.states import State, hides_link, shown_links

# The pause between two checks of the log, the lease and the link `current`. Each check is three system calls.
LOOK_SECONDS = 0.1
# A text editor may save a file in several steps. A log with mistakes counts as broken after this long.
_RESTLESS_SECONDS = 0.5
# How long visitors may not see the link before the alarm is raised. A restart or a closing takes less time.
ALARM_SECONDS = 5.0
_NOTIFY_SECONDS, _HANGS_SECONDS = 5.0, 300.0
ReadLogs = Callable[[], Mapping[str, Log]]


class LeaseKeeper:
    """From `start` to `close`, renews the lease of `target` for `seconds` at a time, or ends it. If `seconds` is None, there is no lease.

    `read_logs` reads only the quota log, and raises an error if it has mistakes. `call` gets one message if visitors do not see
    the link of the live release, and `say` gets one when they see it again.
    """

    def __init__(
        self,
        root: Path,
        target: Path,
        seconds: float | None,
        read_logs: ReadLogs,
        call: Callable[[str], None],
        say: Callable[[str], None],
    ) -> None:
        self._root, self._target, self._seconds = root, target, seconds or 0.0
        self._read_logs, self._call, self._say = read_logs, call, say
        self._vouch: Vouch | None = None
        self._outdated: bytes | None = None
        self._live: Release | None = None
        self._known_logs: tuple[bytes, Mapping[str, Log] | None] = (b"", None)
        self._unreadable_since: float | None = None
        self._hidden_since: float | None = None
        self._called = False
        self._fault, self._beaten, self._notified = "", 0.0, 0.0
        self._woken, self._stopped = threading.Event(), False
        self._on_hide: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    @property
    def trouble(self) -> str:
        """Returns why visitors do not see the link of the live release; "" while they see it."""
        return self._reason() if self._called else ""

    def on_hide(self, hide: Callable[[], None]) -> None:
        """Sets the function to call after this keeper has ended the lease because the log hides a link. `hide` must return at once."""
        self._on_hide = hide

    def start(self) -> None:
        """Starts the thread. The target need not exist yet."""
        self._thread.start()

    def beat(self) -> None:
        """Records that the main thread is alive. If it does not call this for minutes, systemd restarts the process."""
        if not self._beaten:
            notify("READY=1")
        self._beaten = time.monotonic()

    def vouch(self, vouch: Vouch | None, outdated: bytes | None = None) -> None:
        """Stores the states that the last attempt to publish confirms, and wakes the thread.

        `vouch` is None if the attempt confirms nothing. A log with the bytes `outdated` was refused, so it hides no link.
        """
        self._vouch, self._outdated = vouch, outdated
        self.look()

    def look(self) -> None:
        """Wakes the thread to read the log now, because it may have changed."""
        self._woken.set()

    def close(self) -> None:
        """Stops the thread. If a link is shown, renews the lease for ten minutes, so that the next publisher can take over."""
        self._stopped = True
        self.look()
        # Only a disk that hangs can delay the thread. In that case the lease may end.
        if self._thread.is_alive():
            self._thread.join(self._seconds)
        with suppress(OSError):
            lease, vouch = read_lease(self._target), self._vouch
            if self._seconds and lease and vouch and self._shows_link() and not lease.is_held:
                until = min(time.time() + HAND_OVER_SECONDS, vouch.hides)
                renew_lease(self._target, until, self._is_true)

    def _keep(self) -> None:
        while not self._stopped:
            if self._seconds:
                try:
                    self._look()
                    self._fault = ""
                except OSError as error:
                    self._fault = f"{error.filename or self._target}: {error.strerror or error}."
                self._judge(time.time())
            self._notify()
            self._woken.wait(LOOK_SECONDS)
            self._woken.clear()

    def _look(self) -> None:
        self._read_live()
        if self._live is None:
            return  # before the first publish the folder may belong to something else
        make_lease(self._target)
        lease, now = read_lease(self._target), time.time()
        if lease is None:
            return
        if not self._shows_link():
            if lease.until < FAR_FUTURE:
                renew_lease(self._target, FAR_FUTURE, self._is_live)
            return
        log, vouch = self._read_log(), self._vouch
        vouches = vouch is not None and vouch.holds(log, now)
        states = vouch.states if vouch and vouches else self._read_states(log, now)
        if lease.is_valid(now) and states is not None and hides_link(self._live.manifest.states, states):
            expire_lease(self._target, ENDED)
            self._on_hide()
        if vouch is None or not vouches or not lease.lets_renew(self._saved()):
            return
        until = min(now + self._seconds, vouch.hides)
        if lease.until > until or until - lease.until >= self._seconds / 3:
            renew_lease(self._target, until, self._is_true)

    def _notify(self) -> None:
        """Reports to systemd that the process is alive, unless the main thread has not called `beat` for minutes."""
        now = time.monotonic()
        if now - self._notified >= _NOTIFY_SECONDS and now - self._beaten < _HANGS_SECONDS:
            notify("WATCHDOG=1")
            self._notified = now

    def _read_live(self) -> None:
        name = live_name(self._target)
        if self._live is None or self._live.name != name:
            try:
                self._live = live_release(self._target)
            except ManifestBroken:
                self._live = None

    def _read_log(self) -> bytes:
        try:
            return (self._root / STATE_FILE).read_bytes()
        except OSError:
            return b""

    def _shows_link(self) -> bool:
        return self._live is not None and bool(shown_links(self._live.manifest.states))

    def _is_live(self) -> bool:
        return self._live is not None and live_name(self._target) == self._live.name

    def _is_true(self) -> bool:
        """Returns True if the live release has the states that this publisher would publish."""
        vouch, live = self._vouch, self._live
        return (
            vouch is not None
            and live is not None
            and vouch.holds(self._read_log(), time.time())
            and vouch.covers(live)
            and self._is_live()
        )

    def _read_states(self, log: bytes, now: float) -> Mapping[str, State] | None:
        """Returns the states according to the log. Returns {}, which hides every link, if the log has mistakes.

        Returns None if the log may be only partly saved, or if it is the log that `vouch` named as outdated.
        """
        if log == self._outdated:
            return None
        if self._known_logs[0] != log or self._known_logs[1] is None:
            try:
                self._known_logs, self._unreadable_since = (log, self._read_logs()), None
            except Exception:  # noqa: BLE001 -- whatever reading raises, the log is not understood; the publish that follows reports it
                self._known_logs = (log, None)
                self._unreadable_since = self._unreadable_since or time.monotonic()
                if time.monotonic() - self._unreadable_since < _RESTLESS_SECONDS:
                    return None
        logs, instant = self._known_logs[1] or {}, datetime.fromtimestamp(now, UTC)
        return {id: state_at(log, instant) for id, log in logs.items()}

    def _saved(self) -> float:
        """Returns when the log was saved, in seconds since 1970. Raises OSError."""
        return os.stat(self._root / STATE_FILE).st_ctime

    def _judge(self, now: float) -> None:
        """Raises the alarm if visitors do not see the link of the live release, and reports when they see it again."""
        hidden = False
        with suppress(OSError):
            lease = read_lease(self._target)
            hidden = self._shows_link() and not (lease and lease.is_valid(now))
        if not hidden:
            if self._called:
                self._say("The lease is renewed. Visitors see what the live release shows.")
            self._hidden_since, self._called = None, False
            return
        self._hidden_since = self._hidden_since or time.monotonic()
        if not self._called and time.monotonic() - self._hidden_since >= ALARM_SECONDS:
            self._called = True
            self._call(f"Visitors do not see the link that the live release shows. {self._reason()}")

    def _reason(self) -> str:
        if self._fault:
            return self._fault
        with suppress(OSError):
            lease = read_lease(self._target)
            if lease and lease.is_held:
                return f"A command has hidden it and has published nothing since. Add what is true to the log (python build.py quota), then publish: python build.py publish {self._target}"
        vouch = self._vouch
        if vouch is None or not vouch.holds(self._read_log(), time.time()):
            return f"The present {STATE_FILE} could not be published. Correct the problems that are reported above."
        return "The live release is not the one that this publisher would publish. To check: python build.py releases"
