"""Waiting for files to change: told by the system where it can, else by looking again and again.

An event only says "look now"; what changed is found by comparing contents. So an event that is lost, doubled or about
nothing does no harm: every few seconds there is a look without one.
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

# Reading raises `opened` and `closed_no_write`: who acts on these is at work for ever.
CHANGING_EVENTS = frozenset({"created", "modified", "attrib", "closed", "moved", "deleted"})
POLL_SECONDS, SAFETY_SECONDS = 0.5, 2.0
# An editor saves in several steps: they are over when it has been quiet for so long, or at the latest after so long.
QUIET_SECONDS, RESTLESS_SECONDS = 0.015, 0.3

_Seen = tuple[tuple[int, ...], str]


def is_change(kind: str, places: Collection[str], watched: Collection[str]) -> bool:
    """True for an event of that kind which may have changed a watched file.

    `places` are the paths that the event names, relative to the root; `watched` are files, or folders with all below them.
    """
    return kind in CHANGING_EVENTS and any(
        (place == path or place.startswith(f"{path}/") or path.startswith(f"{place}/"))
        and not any(is_ignored(name) for name in place.removeprefix(path).split("/"))
        for place in places
        for path in watched
    )


class Watcher:
    """Waits for changes of files below `root`: `paths` are files, or folders with all below them; none needs to be there.

    `polling` is None while the system tells of changes; else a sentence's end that says why it is not used. Hidden files and
    editors' copies are passed over. A file of `hurried` that is replaced in one step is whole then, so nothing more is waited for.
    To be used from one thread; only `wake` may come from others, or from a signal.
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
        # Watched before the first look, so that nothing falls between the two.
        self._observe()
        self._seen = self._look({})

    def wait(self, timeout: float) -> frozenset[str]:
        """The watched files, relative to the root, whose content or presence changed since the last call.

        Returns as soon as there is one and it has become quiet; empty after `timeout` seconds, or after `wake`.
        """
        end = time.monotonic() + timeout
        while True:
            pause = POLL_SECONDS if self.polling else SAFETY_SECONDS
            told = self._told(min(pause, max(0.0, end - time.monotonic())))
            latest = time.monotonic() + RESTLESS_SECONDS
            while told == b"e" and time.monotonic() < latest:
                told = self._told(QUIET_SECONDS) or b"q"
            self._observe()
            before, self._seen = self._seen, self._look(self._seen)
            changed = {
                path
                for path in before.keys() | self._seen.keys()
                if before.get(path, ((), ""))[1] != self._seen.get(path, ((), ""))[1]
            }
            if changed or told == b"w" or time.monotonic() >= end:
                return frozenset(changed)

    def wake(self) -> None:
        """Ends the present or the next `wait`."""
        self._tell(b"w")

    def close(self) -> None:
        """Stops watching; the watcher cannot be used any more."""
        self._unobserve()
        self._reader.close()
        self._writer.close()

    def _tell(self, what: bytes) -> None:
        # Full means that enough was told already; closed, that nobody listens.
        with suppress(OSError):
            self._writer.send(what)

    def _told(self, timeout: float) -> bytes:
        """`w` when somebody called `wake`, `h` for a hurried file, `e` for other events, nothing when none came in time."""
        if not select.select([self._reader], [], [], timeout)[0]:
            return b""
        told = self._reader.recv(65536)
        return next((kind for kind in (b"w", b"h") if kind in told), b"e")

    def _observe(self) -> None:
        """Begins to watch anew when the folders are not those watched: one that was made anew would tell nothing."""
        if self.polling:
            return
        folders = frozenset(self._folders())
        if self._observer and not all(
            thread.is_alive() for thread in (self._observer, *self._observer.emitters)
        ):
            self._poll("the system stopped to report changes")
        elif not self._observer or folders != self._observed:
            self._observe_folders(folders)

    def _observe_folders(self, folders: frozenset[tuple[str, int]]) -> None:
        self._unobserve()
        self._observed = folders
        try:
            self._observer = Observer()
            handler = _Handler(self._root, self._paths, self._hurried, self._tell)
            for path, _ in folders:
                self._observer.schedule(handler, path, recursive=Path(path) != self._root)
            self._observer.start()
        # No inotify instance or watch left, a kernel without it, no new thread (RuntimeError), no memory: all the same here.
        except (OSError, RuntimeError, MemoryError) as error:
            # A folder that went away this moment is a change like any other.
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
        # An observer that was started halfway has threads that cannot be joined; they are daemons, and end by themselves.
        with suppress(OSError, RuntimeError, MemoryError):
            observer.unschedule_all()
        with suppress(OSError, RuntimeError, MemoryError):
            if observer.is_alive():
                observer.stop()
                observer.join()

    def _folders(self) -> Iterator[tuple[str, int]]:
        """The folders to watch, each with its inode: the root for single files, and every watched folder."""
        for path in (self._root, *(self._root / path for path in self._paths)):
            with suppress(OSError):
                status = path.stat()
                if stat.S_ISDIR(status.st_mode):
                    yield str(path), status.st_ino

    def _look(self, before: Mapping[str, _Seen]) -> dict[str, _Seen]:
        """Each watched file with the digest of its content, read again only where its status is another."""
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
                # A link to a folder is no folder of ours; that it is there can be a mistake, so it is seen.
                links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
                yield from ((here / name).as_posix() for name in (*files, *links) if not is_ignored(name))


class _Handler(FileSystemEventHandler):
    """Tells the watcher of events that may matter; runs in the observer's thread, and does nothing that can fail."""

    def __init__(
        self,
        root: Path,
        watched: Collection[str],
        hurried: Collection[str],
        tell: Callable[[bytes], None],
    ) -> None:
        self._root, self._watched, self._hurried, self._tell = f"{root.as_posix()}/", watched, hurried, tell

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called for each event in a watched folder."""
        named = [os.fsdecode(place) for place in (event.src_path, event.dest_path) if place]
        places = [Path(place).as_posix().removeprefix(self._root) for place in named]
        if is_change(event.event_type, places, self._watched):
            self._tell(b"h" if event.event_type == "moved" and places[-1] in self._hurried else b"e")


def _digest(file: Path, status: os.stat_result) -> str:
    """What stands in the file; where it cannot be read, what it is: the mode says why."""
    if stat.S_ISLNK(status.st_mode):
        with suppress(OSError):
            return f"link to {os.readlink(file)}"
    if stat.S_ISREG(status.st_mode):
        with suppress(OSError), open(file, "rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    return oct(status.st_mode)
