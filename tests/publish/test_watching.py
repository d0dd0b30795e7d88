"""Waiting for changes of real files, saved as editors save them, with inotify and without it."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog.observers.inotify import InotifyObserver

from site_src.publish import watcher as watching
from site_src.publish.watcher import Watcher, is_change

WATCHED = ("content", "state.yaml")
LONG, SHORT = 5.0, 0.1


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a page and a state file."""
    (tmp_path / "content/en").mkdir(parents=True)
    (tmp_path / "content/en/page.md").write_text("text")
    (tmp_path / "state.yaml").write_text("open")
    return tmp_path


@pytest.fixture(params=[False, True], ids=["events", "polling"])
def watcher(request: pytest.FixtureRequest, root: Path) -> Iterator[Watcher]:
    """A watcher of the page and the state file, in each of its two modes."""
    made = Watcher(root, WATCHED, poll=request.param)
    assert (made.polling is not None) == request.param
    yield made
    made.close()


def save_aside(file: Path, text: str) -> None:
    """Saves as many editors do: writes a new file under another name and renames it over the old one."""
    aside = file.with_name(f".{file.name}.swp")
    aside.write_text(text)
    os.replace(aside, file)


@pytest.mark.parametrize(
    ("kind", "places", "expected"),
    [
        ("modified", ["content/en/page.md"], True),
        ("closed", ["content/en/page.md"], True),
        ("created", ["content/en"], True),
        ("deleted", ["content"], True),
        ("attrib", ["state.yaml"], True),
        ("moved", [".state.yaml.new", "state.yaml"], True),
        ("moved", ["content/en/page.md", "content/en/page.md~"], True),
        ("moved", ["elsewhere.md", "content/en/new.md"], True),
        ("opened", ["content/en/page.md"], False),
        ("closed_no_write", ["content/en/page.md"], False),
        ("a-kind-of-tomorrow", ["content/en/page.md"], False),
        ("modified", ["content/en/.page.md.swp"], False),
        ("modified", ["content/.git/index"], False),
        ("modified", ["content/en/page.md~"], False),
        ("modified", ["content/en/#page.md#"], False),
        ("modified", ["contents/en/page.md"], False),
        ("modified", [".state.yaml.lock"], False),
        ("modified", ["state.yaml.bak"], False),
        ("modified", ["dist/index.html"], False),
        ("modified", [], False),
    ],
)
def test_which_events_may_be_changes(kind: str, places: list[str], expected: bool) -> None:
    """An event counts only if it can have changed a watched file. Reading a file does not count."""
    assert is_change(kind, places, WATCHED) is expected


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        (lambda root: (root / "content/en/page.md").write_text("new"), {"content/en/page.md"}),
        (lambda root: save_aside(root / "content/en/page.md", "new"), {"content/en/page.md"}),
        (lambda root: save_aside(root / "state.yaml", "closed"), {"state.yaml"}),
        (lambda root: (root / "state.yaml").unlink(), {"state.yaml"}),
        (
            lambda root: (root / "content/en/page.md").rename(root / "content/en/b.md"),
            {"content/en/page.md", "content/en/b.md"},
        ),
        (lambda root: (root / "content/en/link").symlink_to("page.md"), {"content/en/link"}),
        (lambda root: os.mkfifo(root / "content/en/pipe"), {"content/en/pipe"}),
        (lambda root: shutil.rmtree(root / "content"), {"content/en/page.md"}),
    ],
    ids=["written", "page-aside", "state-aside", "deleted", "renamed", "link", "pipe", "all-gone"],
)
def test_a_change_is_seen(
    watcher: Watcher, root: Path, change: Callable[[Path], object], paths: set[str]
) -> None:
    """In whatever way a file was changed, the next wait names the file, and the wait after that names nothing."""
    change(root)

    assert watcher.wait(LONG) == paths
    assert watcher.wait(SHORT) == frozenset()


def test_a_change_ends_a_wait_that_has_begun(
    watcher: Watcher, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save ends a wait that has begun. With inotify, the events end it, not the regular check of the files."""
    monkeypatch.setattr(watching, "SAFETY_SECONDS", 10 * LONG)
    begun = time.monotonic()
    threading.Timer(0.2, save_aside, (root / "state.yaml", "closed")).start()

    assert watcher.wait(5 * LONG) == {"state.yaml"}
    assert time.monotonic() - begun >= 0.2


def test_saving_the_same_text_is_no_change(watcher: Watcher, root: Path) -> None:
    """Content is compared, so a file that is touched, read, or saved unchanged is not reported."""
    (root / "state.yaml").write_text("open")
    (root / "content/en/page.md").read_text()
    os.utime(root / "content/en/page.md")
    (root / "content/en/.page.md.swp").write_text("editor's own")

    assert watcher.wait(2.5) == frozenset()


def test_the_same_size_and_time_do_not_hide_a_change(watcher: Watcher, root: Path) -> None:
    """A changed file of the same size is reported, even if its modification time was set back."""
    file = root / "content/en/page.md"
    before = file.stat()
    file.write_text("TEXT")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert watcher.wait(LONG) == {"content/en/page.md"}


def test_a_folder_that_is_removed_and_made_again_is_watched_again(watcher: Watcher, root: Path) -> None:
    """If a watched folder is replaced by a new folder of the same name, changes in it are still seen."""
    shutil.rmtree(root / "content")
    assert watcher.wait(LONG)
    (root / "content/en").mkdir(parents=True)
    (root / "content/en/page.md").write_text("text")
    assert watcher.wait(LONG)

    save_aside(root / "content/en/page.md", "new")

    assert watcher.wait(LONG) == {"content/en/page.md"}


def test_a_hurried_file_is_not_waited_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state file that is replaced in one step is reported at once.

    A page is reported when its file has stopped changing.
    """
    for name in ("QUIET_SECONDS", "RESTLESS_SECONDS", "SAFETY_SECONDS"):
        monkeypatch.setattr(watching, name, LONG)
    watcher = Watcher(root, WATCHED, hurried=["state.yaml"])
    for name, hurried in (("state.yaml", True), ("content/en/page.md", False)):
        begun = time.monotonic()
        save_aside(root / name, "new")
        assert watcher.wait(4 * LONG) == {name}
        assert (time.monotonic() - begun < LONG) == hurried
    watcher.close()


def test_waking_ends_a_wait_at_once(watcher: Watcher) -> None:
    """`wake` ends a wait from another thread. If no thread waits, it ends the next wait."""
    threading.Timer(0.1, watcher.wake).start()
    begun = time.monotonic()
    assert watcher.wait(10 * LONG) == frozenset()
    watcher.wake()
    assert watcher.wait(10 * LONG) == frozenset()

    assert time.monotonic() - begun < 10 * LONG


def test_waking_from_a_signal(watcher: Watcher) -> None:
    """A signal handler may call `wake` in the thread that it interrupts."""
    old = signal.signal(signal.SIGUSR1, lambda *_: watcher.wake())
    try:
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        begun = time.monotonic()
        assert watcher.wait(10 * LONG) == frozenset()
        assert time.monotonic() - begun < 10 * LONG
    finally:
        signal.signal(signal.SIGUSR1, old)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        *((OSError(number, os.strerror(number)), os.strerror(number)) for number in (1, 12, 24, 28, 38)),
        (RuntimeError("can't start new thread"), "can't start new thread"),
        (MemoryError(), "MemoryError"),
    ],
    ids=["EPERM", "ENOMEM", "EMFILE", "ENOSPC", "ENOSYS", "threads", "memory"],
)
@pytest.mark.parametrize(
    "place", [(InotifyObserver, "schedule"), (InotifyObserver, "start"), (threading.Thread, "start")]
)
def test_a_system_that_refuses_to_watch_is_polled(
    root: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str, place: tuple[type, str]
) -> None:
    """If the system has run out of a resource, the watcher polls, reports why, and still sees changes."""

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(*place, refuse)
    watcher = Watcher(root, WATCHED)
    assert watcher.polling == f"the system refuses to watch ({reason})"
    save_aside(root / "state.yaml", "closed")

    assert watcher.wait(LONG) == {"state.yaml"}
    watcher.close()


def test_events_that_stop_later_are_replaced_by_polling(root: Path) -> None:
    """If the thread for the system's events ends, the watcher reports it and polls."""
    watcher = Watcher(root, WATCHED)
    assert watcher.polling is None
    assert watcher._observer
    for emitter in watcher._observer.emitters:
        emitter.stop()
        emitter.join()
    save_aside(root / "state.yaml", "closed")

    assert watcher.wait(LONG) == {"state.yaml"}
    assert watcher.polling == "the system stopped reporting changes"
    save_aside(root / "state.yaml", "open")
    assert watcher.wait(LONG) == {"state.yaml"}
    watcher.close()
