"""Writes that are killed, or that fail, at each file operation in turn, in a separate process.

    python -m tests.support.fault_runs FOLDER

Python reports each file operation just before it is done (sys.addaudithook). For each number n a child is forked that
replaces the present version by another one, and is killed or gets an error at its n-th operation, until one ends
without reaching n. After each child this process reports what readers find, and writes the version again. It prints one
line of JSON for each n.

`dist` and `releases` are driven with two made-up trees, and every operation is tried. `build` and `publish` are the
whole commands with a real site. They are tried at their first operation, at one in the middle and at the last one, and
at each line of code that has an operation and is not reached with the trees.
"""

from __future__ import annotations

import gc
import io
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import Any, Protocol

from site_src.cli import main as run_command
from site_src.exit_codes import CONTENT_PENDING, DONE, PROBLEMS
from site_src.publish.audit import find_tampering
from site_src.publish.releases import live_release
from tests.support.faults import NUMBERED, Fault, Limited
from tests.support.made_up_sites import SITES, Dist, Releases
from tests.support.project import make_tiny_project
from tests.support.published import JAPAN_PAGE, LINK

# Two moments of the same real site.
MOMENTS = ("2026-03-01 12:00", "2026-11-22 12:00")
# File-size limits in bytes. Each is too small for at least one file of the second made-up site.
SIZES = sorted({0, 1, *(len(data) - 1 for data in SITES["second"].values())})
START = datetime(2020, 1, 1, tzinfo=UTC)
_BEYOND = 10**6
_sync = os.fsync


class Subject(Protocol):
    """A writer that replaces one version by another version, completely or not at all."""

    root: Path

    def write(self, version: str) -> tuple[bool, str]:
        """Writes that version. Returns whether it succeeded, and the message if it did not."""

    def prepare(self, version: str) -> None:
        """Changes the inputs to those of the version, if it has any."""

    def seen(self) -> str:
        """Returns the version that readers find, "nothing", or a description of the fault."""

    def left(self) -> list[str]:
        """Returns the other files that are there."""


def _run(root: Path, *words: str) -> tuple[bool, str]:
    """Returns whether the command succeeded, and its standard error.

    A publish over kept content (exit code 4) counts as a success, because the states are right.
    """
    said = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(said):
        code = run_command(words, root)
    if code not in (DONE, PROBLEMS, CONTENT_PENDING):
        raise AssertionError(said.getvalue())
    return code != PROBLEMS, said.getvalue()


class Build:
    """The command `build` on the tiny site. A version is a moment."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._project = make_tiny_project(root)
        self._sites = {moment: dict(self._project.built(moment).files) for moment in MOMENTS}

    def prepare(self, version: str) -> None:
        """Does nothing."""

    def write(self, version: str) -> tuple[bool, str]:
        """Runs the build."""
        return _run(self.root, "build", "--at", version)

    def seen(self) -> str:
        """Returns the moment whose site is in `dist`."""
        files = self._project.published()
        return next((moment for moment in MOMENTS if files == self._sites[moment]), "a mixture")

    def left(self) -> list[str]:
        """Returns the kept builds, without their numbers, and the files beside them."""
        return Dist(self.root).left()


class Publish:
    """The command `publish` on the tiny site. A version is a state of Japan."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._project, self._log = make_tiny_project(root), [""]
        self._target = root / "www"

    def prepare(self, version: str) -> None:
        """Adds the state to the log."""
        moment = START + timedelta(minutes=len(self._log))
        self._log.append(f"  - state: {version}\n    from: {moment:%Y-%m-%d %H:%M+00:00}\n")
        self._project.write("quota_state.yaml", "japan:\n" + "".join(self._log))

    def write(self, version: str) -> tuple[bool, str]:  # noqa: ARG002 -- the log has it
        """Runs the publish."""
        return _run(self.root, "publish", str(self._target), "--keep", "2")

    def seen(self) -> str:
        """Returns the live release's state if the release is whole and true; otherwise the fault.

        True means that its page has that state, and shows the link when the state is open, and otherwise not.
        """
        live = live_release(self._target)
        if live is None:
            return "nothing"
        site, state = self._target / "current/site", str(live.manifest.states["japan"])
        page = (site / JAPAN_PAGE).read_text(encoding="utf-8")
        if not all(about.fits(site / path) for path, about in live.manifest.files.items()):
            return "a mixture"
        true = f'data-state="{state}"' in page and (LINK in page) == (state == "open")
        return state if true else "another page"

    def left(self) -> list[str]:
        """Returns the findings of --verify, the releases without their names, and the files beside them."""
        return [*find_tampering(self._target), *Releases(self.root).left()]


def _write_under(make: Callable[[], Fault], subject: Subject, version: str) -> dict[str, Any]:
    """Writes the version in a child under the fault. Returns how the child ended, and whether it reached the operation."""
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        gc.disable()  # As build.py does.
        try:
            fault = make()
            sys.addaudithook(fault)

            def counted_sync(fd: Any) -> None:
                # Python does not report this operation by itself.
                fault("os.truncate", (fd,))
                _sync(fd)

            os.fsync = counted_sync
            done, said = subject.write(version)
            record = {"end": "done" if done else "failed", "said": said, "reached": fault.reached}
            os.write(writer, json.dumps({**record, "places": fault.places}).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        sent = pipe.read()
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        return {"end": signal.Signals(os.WTERMSIG(status)).name, "said": "", "reached": True, "places": []}
    return dict(json.loads(sent)) if sent else {"end": "traceback", "said": "", "reached": True, "places": []}


@dataclass(frozen=True)
class Run:
    """One kind of fault, for one subject. With `first`, nothing was there before.

    Every operation is tried. If there is `inner`, the subject with which the command writes, only the
    operations that `inner` does not have are tried.
    """

    make: Callable[[Path], Subject]
    versions: tuple[str, str]
    fault: str
    first: bool = False
    inner: Callable[[Path], Subject] | None = None

    def numbers(self, subject: Subject) -> Iterator[int]:
        """Yields the numbers of the operations that are tried. The last number is beyond the last operation."""
        if self.inner is None:
            yield from count(1)
            return
        (folder := subject.root / "inner").mkdir()
        inner = self.inner(folder)
        known = {place for version in (*SITES, *SITES) for place in self.places(inner, version)}
        # The versions are written in turn, and each has its own operations.
        first, second = (self.places(subject, version) for version in self.versions)
        turns = cycle((first, second))
        for place in dict.fromkeys(first):
            if place in second and place not in known:
                yield next(turns).index(place) + 1
        for part in (1, 2, _BEYOND):
            yield max(len(next(turns)) // part, 1)
        yield _BEYOND

    def places(self, subject: Subject, version: str) -> list[str]:
        """Returns the line of code of each operation of a write."""
        subject.prepare(version)
        record = _write_under(lambda: NUMBERED[self.fault](subject.root, _BEYOND), subject, version)
        return list(record["places"])

    def faults(self, subject: Subject) -> Iterator[Callable[[], Fault]]:
        """Yields the fault of each child, in order."""
        if self.fault in NUMBERED:
            yield from (partial(NUMBERED[self.fault], subject.root, n) for n in self.numbers(subject))
        for size in (*(SIZES[:: len(SIZES) - 1] if self.inner else SIZES), None):
            yield partial(Limited, subject.root, size, self.fault == "killed-writing")

    def records(self, folder: Path) -> Iterator[dict[str, Any]]:
        """Yields one record for each fault: how the write ended, and what was there then, and after the next write."""
        subject = self.make(folder)
        for version in () if self.first else (*self.versions, *self.versions):
            # The third write is the first that deletes an old version.
            subject.prepare(version)
            subject.write(version)
        for make, version in zip(self.faults(subject), cycle(self.versions)):
            old = subject.seen()
            subject.prepare(version)
            record = _write_under(make, subject, version)
            record |= {"old": old, "new": version, "stands": subject.seen()}
            record["next"], _ = subject.write(version)
            record["then"], record["left"] = subject.seen(), subject.left()
            yield record
            if not record["reached"]:
                return
            if self.first:
                for entry in folder.iterdir():
                    entry.unlink() if entry.is_symlink() else shutil.rmtree(entry)


def _runs() -> Iterator[tuple[str, Run]]:
    # A tree's writer handles all errors alike, so a full disk is tried only for first writes and with commands.
    for name, make in (("dist", Dist), ("releases", Releases)):
        run = Run(make, ("first", "second"), "")
        for kind in ("killed", "no-permission", "disk-gone", "spoiled", "failed-writing", "killed-writing"):
            yield f"{name} {kind}", replace(run, fault=kind)
        for kind in ("killed", "no-room"):
            yield f"{name} {kind} first", replace(run, fault=kind, first=True)
    whole = Run(Publish, ("open", "quota_reached"), "", inner=Releases)
    for kind in ("killed", "no-room", "disk-gone", "failed-writing", "killed-writing"):
        yield f"publish {kind}", replace(whole, fault=kind)
    yield "build no-room", Run(Build, MOMENTS, "no-room", inner=Dist)


RUNS = dict(_runs())

if __name__ == "__main__":
    gc.freeze()
    for name, run in RUNS.items():
        place = Path(sys.argv[1]) / name
        place.mkdir()
        for line in run.records(place):
            print(json.dumps({"run": name, **line}), flush=True)
