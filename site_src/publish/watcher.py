"""Waits until a file changes, with the change events of the system (watchdog, inotify) if possible, else by polling.

An event only causes the watcher to check the files: it compares their contents. It also checks them every two seconds without
an event. Therefore, missing, repeated and unnecessary events do no harm.
"""

from __future__ import annotations

import hashlib
import os
import select
import socket
import stat
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from site_src.read.tree import is_ignored

# Reading a file causes the events `opened` and `closed_no_write`. A watcher that reacted to these would never stop reading.
CHANGING_EVENTS = frozenset({"created", "modified", "attrib", "closed", "moved", "deleted"})
POLL_SECONDS, SAFETY_SECONDS = 0.5, 2.0
# A text editor saves a file in several steps. They count as finished after QUIET_SECONDS without an event, or after
# RESTLESS_SECONDS.
QUIET_SECONDS, RESTLESS_SECONDS = 0.015, 0.3

_Seen = tuple[tuple[int, ...], str]


def is_change(kind: str, places: Collection[str], watched: Collection[str]) -> bool:
    """Returns True if an event of this kind may mean that a watched file was changed.

    `places` contains the paths in the event, relative to the root. `watched` contains paths of files and folders; a folder
    includes everything below it.
    """
    return kind in CHANGING_EVENTS and any(
        (place == path or place.startswith(f"{path}/") or path.startswith(f"{place}/"))
        and not any(is_ignored(name) for name in place.removeprefix(path).split("/"))
        for place in places
        for path in watched
    )


class Watcher:
    """Waits for changes to the files in `paths`, below `root`. A folder in `paths` includes everything below it.

    The paths need not exist. Hidden files and backup copies of text editors are ignored. If a file in `hurried` is replaced in one
    step, `wait` returns at once, because the file is complete. `polling` is None while the system reports changes, otherwise the
    reason for polling. Use the watcher from one thread; only `wake` may be called from any thread or signal handler.
    """

    def __init__(
        self, root: Path, paths: Collection[str], poll: bool = False, hurried: Collection[str] = ()
    ) -> None:
        self.polling: str | None = "as asked" if poll else None
        self._root, self._paths, self._hurried = root.resolve(), tuple(paths), frozenset(hurried)
        # Sockets, because Windows cannot wait for a pipe.
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._observer: BaseObserver | None = None
        self._observed: frozenset[tuple[str, int]] = frozenset()
        # Watch before the first check, so that a change between the two is noticed.
        self._observe()
        self._seen = self._look({})

    def wait(self, timeout: float) -> frozenset[str]:
        """Waits for a change. Returns the paths of the files that were changed, added or deleted since the last call.

        The paths are relative to the root. Returns as soon as there is a change and no event has followed for a moment. Returns an
        empty set after `timeout` seconds or after `wake`.
        """
        end = time.monotonic() + timeout
        while True:
            pause = POLL_SECONDS if self.polling else SAFETY_SECONDS
            received = self._receive(min(pause, max(0.0, end - time.monotonic())))
            latest = time.monotonic() + RESTLESS_SECONDS
            while received == b"e" and time.monotonic() < latest:
                received = self._receive(QUIET_SECONDS) or b"q"
            self._observe()
            before, self._seen = self._seen, self._look(self._seen)
            changed = {
                path
                for path in before.keys() | self._seen.keys()
                if before.get(path, ((), ""))[1] != self._seen.get(path, ((), ""))[1]
            }
            if changed or received == b"w" or time.monotonic() >= end:
                return frozenset(changed)

    def wake(self) -> None:
        """Ends the current or the next `wait`."""
        self._send(b"w")

    def close(self) -> None:
        """Stops watching. The watcher cannot be used after this."""
        self._unobserve()
        self._reader.close()
        self._writer.close()

    def _send(self, what: bytes) -> None:
        # A full socket already contains an event, and a closed socket has no reader.
        with suppress(OSError):
            self._writer.send(what)

    def _receive(self, timeout: float) -> bytes:
        """Returns b"w" after `wake`, b"h" for a hurried file, b"e" for any other event, or b"" after `timeout` seconds."""
        if not select.select([self._reader], [], [], timeout)[0]:
            return b""
        received = self._reader.recv(65536)
        return next((kind for kind in (b"w", b"h") if kind in received), b"e")

    def _observe(self) -> None:
        """Starts watching again if a watched folder was made, deleted or replaced, because a new folder is not watched yet."""
        if self.polling:
            return
        folders = frozenset(self._folders())
        if self._observer and not all(
            thread.is_alive() for thread in (self._observer, *self._observer.emitters)
        ):
            self._poll("the system stopped reporting changes")
        elif not self._observer or folders != self._observed:
            self._observe_folders(folders)

    def _observe_folders(self, folders: frozenset[tuple[str, int]]) -> None:
        self._unobserve()
        self._observed = folders
        try:
            self._observer = Observer()
            handler = _Handler(self._root, self._paths, self._hurried, self._send)
            for path, _ in folders:
                self._observer.schedule(handler, path, recursive=Path(path) != self._root)
            self._observer.start()
        # Poll instead if there are no inotify instances or watches left, no inotify, no more threads (RuntimeError) or no memory.
        except (OSError, RuntimeError, MemoryError) as error:
            # The folder was deleted in the meantime. The next check finds that change.
            if isinstance(error, FileNotFoundError | NotADirectoryError):
                self._unobserve()
            else:
                reason = error.strerror if isinstance(error, OSError) else str(error)
                self._poll(f"the system refuses to watch ({reason or type(error).__name__})")

    def _poll(self, reason: str) -> None:
        self.polling = reason
        self._unobserve()

    def _unobserve(self) -> None:
        observer, self._observer = self._observer, None
        if not observer:
            return
        # A partly started observer has threads that cannot be joined. They are daemon threads, so they end with the process.
        with suppress(OSError, RuntimeError, MemoryError):
            observer.unschedule_all()
        with suppress(OSError, RuntimeError, MemoryError):
            if observer.is_alive():
                observer.stop()
                observer.join()

    def _folders(self) -> Iterator[tuple[str, int]]:
        """Yields the folders to watch with their inode numbers: the root (for single files), and every folder in `paths`."""
        for path in (self._root, *(self._root / path for path in self._paths)):
            with suppress(OSError):
                status = path.stat()
                if stat.S_ISDIR(status.st_mode):
                    yield str(path), status.st_ino

    def _look(self, before: Mapping[str, _Seen]) -> dict[str, _Seen]:
        """Maps the path of each watched file to its status and the digest of its content.

        Reads a file only if its status differs from that in `before`.
        """
        seen = {}
        for path in self._files():
            try:
                status = os.lstat(self._root / path)
            except OSError:
                continue
            mark = (
                status.st_mode,
                status.st_ino,
                status.st_size,
                status.st_mtime_ns,
                status.st_ctime_ns,
                status.st_uid,
            )
            known = before.get(path)
            seen[path] = known if known and known[0] == mark else (mark, _digest(self._root / path, status))
        return seen

    def _files(self) -> Iterator[str]:
        for path in self._paths:
            top = self._root / path
            if not top.is_dir():
                yield path
            for parent, folders, files in os.walk(top):
                folders[:] = [name for name in folders if not is_ignored(name)]
                here = Path(parent).relative_to(self._root)
                # A link to a folder is probably a mistake, so it counts as a file and is not followed.
                links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
                yield from ((here / name).as_posix() for name in (*files, *links) if not is_ignored(name))


class _Handler(FileSystemEventHandler):
    """Reports the events that may change a watched file. Runs in the observer's thread, and never raises an error."""

    def __init__(
        self,
        root: Path,
        watched: Collection[str],
        hurried: Collection[str],
        send: Callable[[bytes], None],
    ) -> None:
        self._root, self._watched, self._hurried, self._send = f"{root.as_posix()}/", watched, hurried, send

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Reports the event if it may mean that a watched file was changed. watchdog calls this for each event."""
        named = [os.fsdecode(place) for place in (event.src_path, event.dest_path) if place]
        places = [Path(place).as_posix().removeprefix(self._root) for place in named]
        if is_change(event.event_type, places, self._watched):
            self._send(b"h" if event.event_type == "moved" and places[-1] in self._hurried else b"e")


def _digest(file: Path, status: os.stat_result) -> str:
    """Returns a text that differs after a change: the digest of the file, or the target of a link.

    If the file cannot be read, returns its mode.
    """
    if stat.S_ISLNK(status.st_mode):
        with suppress(OSError):
            return f"link to {os.readlink(file)}"
    if stat.S_ISREG(status.st_mode):
        with suppress(OSError), open(file, "rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    return oct(status.st_mode)
