"""`Follower`: keeps a web server up to date with a bucket.

One thread (`look`) reads the pointer, checks the clock and hides links. It does nothing else, so nothing delays a closing. The
other (`catch_up`) fetches releases and renews the lease. A failure changes nothing: a shown link stays until the lease ends.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from site_src.bucket.clocks import find_clock_fault
from site_src.bucket.object_store import ObjectStore
from site_src.bucket.pointer import TIMESTAMP, Pointer, PointerRefused
from site_src.bucket.releases import fetch_manifest, switch_to_fetched
from site_src.bucket.trust import Trust
from site_src.file_lock import SHORT_WAIT, Wait
from site_src.publish import journal
from site_src.publish.lease import ENDED, FAR_FUTURE, expire_lease, make_lease, read_lease, renew_lease
from site_src.publish.live_release import LiveFiles, note_unlogged
from site_src.publish.pruning import prune
from site_src.publish.releases import Release, live_name, live_or_newest, sweep_leftovers, target_lock
from site_src.publish.store import OutputRefused
from site_src.states import State, hides_link

LOOK_SHOWN_SECONDS, LOOK_HIDDEN_SECONDS = 0.2, 1.0
# How long a link is shown after the last response of the store, if no resident publisher renews a lease.
CONTACT_SECONDS = 30.0
_WORK_SECONDS, _RETRY_SECONDS = 0.5, 2.0
# Without contact for this long, the server is not ready.
_SILENT_SECONDS = 10.0


class Follower:
    """Keeps `target` up to date with the pointer in `store`.

    `call` gets a message about each new problem. `say` gets one about each switch, and about each problem that has ended.
    """

    def __init__(
        self,
        store: ObjectStore,
        trusts: Callable[[], Trust],
        target: Path,
        keep: int,
        call: Callable[[str], None],
        say: Callable[[str], None],
    ) -> None:
        self._store, self._target, self._keep = store, target, keep
        # One for each thread. Both save the trusted metadata in the target.
        self._trust, self._own_trust = trusts(), trusts()
        self._call, self._say = call, say
        self._etag = ""
        self._contact, self._clock_fault = 0.0, ""
        self._done = 0
        self._troubles: dict[str, str] = {}
        self._woken, self._stopped = threading.Event(), False
        self._files = LiveFiles(target)
        self._files.remember()
        self._pointer: Pointer | None = None
        # The name and states of the live release. They are kept, because reading a large manifest would delay a closing.
        self._live: tuple[str, Mapping[str, State]] = ("", {})

    @property
    def trouble(self) -> str:
        """Returns a message about a current problem; "" if there is none."""
        return self._clock_fault or next(iter(self._troubles.values()), "")

    @property
    def is_ready(self) -> bool:
        """Returns True if a trusted pointer was read in the last ten seconds and this machine's clock is right."""
        return time.time() - self._contact < _SILENT_SECONDS and not self._clock_fault

    def start(self) -> None:
        """Starts the thread that fetches and switches."""
        threading.Thread(target=self._work, name="fetch", daemon=True).start()

    def stop(self) -> None:
        """Stops the thread after its current step. Leaves the lease unchanged."""
        self._stopped = True
        self._woken.set()

    def look(self) -> float:
        """Reads the pointer once, and hides the links at once if the pointer requires it.

        Returns the number of seconds to wait before the next call.
        """
        asked = time.time()
        try:
            found = self._store.get_changed(TIMESTAMP, self._etag)
            if found:
                pointer = self._trust.accept(found.data)
                self._judge_clock(pointer, asked)
                self._etag, self._pointer = found.etag, pointer
                self._hide(pointer)
                self._woken.set()
            self._contact = time.time()
            self._clear("pointer")
        except (PointerRefused, OSError) as error:
            # A refused pointer does not confirm the live release, so `_contact` stays.
            self._report("pointer", error)
        shown = self._pointer is None or self._pointer.shows_link
        return LOOK_SHOWN_SECONDS if shown else LOOK_HIDDEN_SECONDS

    def _hide(self, pointer: Pointer) -> None:
        """Ends the lease if the pointer hides a link, if the pointer's lease has ended, or if the clock is wrong."""
        has_ended = pointer.shows_link and pointer.is_expired(datetime.now(UTC))
        if has_ended or self._clock_fault or self._is_hidden_by(pointer):
            expire_lease(self._target, ENDED)

    def _is_hidden_by(self, pointer: Pointer) -> bool:
        """Returns True if the pointer hides a link of the live release, or if the live release is not certain."""
        if self._live[0] != live_name(self._target):
            live, doubt = live_or_newest(self._target)
            if live is None or doubt:
                return bool(doubt)
            self._live = live.name, live.manifest.states
        return hides_link(self._live[1], pointer.states)

    def _judge_clock(self, pointer: Pointer, asked: float) -> None:
        # A pointer that was not there at the last look was signed after that look.
        signed_after = self._contact if asked - self._contact < _SILENT_SECONDS else 0.0
        fault = find_clock_fault(pointer.signed.timestamp(), time.time(), signed_after)
        if fault and not self._clock_fault:
            self._call(fault)
        self._clock_fault = fault

    def _work(self) -> None:
        while not self._stopped:
            self._woken.wait(self.catch_up())
            self._woken.clear()

    def catch_up(self) -> float:
        """Switches to the release that the accepted pointer names, and renews the lease.

        Returns the number of seconds to wait before the next call.
        """
        pointer = self._pointer
        if pointer is None:
            return _WORK_SECONDS
        try:
            if pointer.version != self._done:
                self._own_trust.update_root()
                self._fetch(pointer)
                self._done = pointer.version
            self._renew(pointer)
            self._look_at_files()
            self._clear("release")
        except (PointerRefused, OSError, OutputRefused) as error:
            self._report("release", error)
            return _RETRY_SECONDS
        return _WORK_SECONDS

    def _fetch(self, pointer: Pointer) -> None:
        """Makes the pointer's release live on this server, unless it is live already.

        Raises OSError, OutputRefused and PointerRefused.
        """
        if live_name(self._target) == pointer.live:
            if self._done == 0:
                self._note_unlogged()
            return
        known = self._own_trust.known()
        if known is None or known.live != pointer.live:
            return  # a newer pointer was accepted in between
        listing = self._own_trust.list_releases()
        if pointer.live not in listing.releases:
            raise PointerRefused(f"release {pointer.live} is not in the bucket's list of releases.")
        with target_lock(self._target, Wait(SHORT_WAIT)):
            live = self._note_unlogged()
            sweep_leftovers(self._target, live, journal.manifests_in(self._target))
            manifest = fetch_manifest(self._store, listing, pointer.live)
            before = live.manifest.states if live else {}
            release = switch_to_fetched(self._target, self._store, manifest, live, before)
            self._live = release.name, manifest.states
            prune(self._target, release, self._keep)
        self._files.remember()
        self._say(f"{self._target}: release {release.name} is live.")

    def _note_unlogged(self) -> Release | None:
        """Returns the live release. If a follower was killed after the switch and before it added the journal line, adds the line."""
        live, _ = live_or_newest(self._target)
        note_unlogged(self._target, live, journal.manifests_in(self._target))
        return live

    def _renew(self, pointer: Pointer) -> None:
        """Renews the lease if the pointer names the live release and the store has answered recently. Raises OSError."""
        if live_name(self._target) != pointer.live or self._clock_fault:
            return
        make_lease(self._target)
        if pointer.shows_link:
            seconds = pointer.lease or CONTACT_SECONDS
            until = min(pointer.expires.timestamp(), self._contact + seconds)
        else:
            seconds, until = CONTACT_SECONDS, FAR_FUTURE
        lease = read_lease(self._target)
        if lease and until > time.time() and (lease.until > until or until - lease.until >= seconds / 3):

            def is_true() -> bool:
                there = self._pointer
                return (
                    there is not None
                    and there.version == pointer.version
                    and live_name(self._target) == pointer.live
                    and not self._clock_fault
                )

            renew_lease(self._target, until, is_true)

    def _look_at_files(self) -> None:
        changed = self._files.find_change()
        if changed:
            self._files.remember()
            self._call(
                f"{self._target / changed} was changed on this server. Find out who did that, and fetch the site again: docs/scaling.md."
            )

    def _report(self, what: str, error: Exception) -> None:
        """Passes the error to `call`, unless it is the same as the last error of `what`."""
        trouble = str(error)
        if isinstance(error, PointerRefused):
            trouble = f"{self._store.address}: {error}"
        elif isinstance(error, OSError):
            trouble = f"{error.filename or self._target}: {error.strerror or error}."
        if self._troubles.get(what) != trouble:
            self._troubles[what] = trouble
            self._call(trouble)

    def _clear(self, what: str) -> None:
        if self._troubles.pop(what, None):
            self._say("The last reported problem is solved.")
