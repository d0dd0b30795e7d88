"""Builds that are killed, or that fail, at one file operation after the other; a process of its own.

    python -m tests.support.faults PROJECT FAULT {first,again}

Python tells of each file operation just before it is done (sys.addaudithook). For each number n a child is forked that
builds the site, and is killed or gets an error at its n-th operation, until one comes through without reaching n. After
each child this process says which site stands behind `dist`, and builds anew; it prints one line of JSON for each n.
"""

from __future__ import annotations

import errno
import gc
import hashlib
import io
import json
import os
import resource
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import Any

from site_src.cli import main as run_command
from site_src.gate import gate
from site_src.gate.expectation import Expectation
from tests.support.project import Project

# The same site at two moments: nobody may ever see anything but one of the two.
MOMENTS = ("2026-03-01 12:00", "2026-11-22 12:00")
OPERATIONS = frozenset(
    "open os.mkdir os.rename os.symlink os.link os.remove os.rmdir os.truncate os.chmod os.utime os.listdir "
    "os.scandir fcntl.flock shutil.rmtree shutil.move shutil.copyfile".split()
)
Action = Callable[[str], None]


class Fault:
    """An audit hook that counts the operations on the output, and acts at one of them; if `lasting`, at all later ones too."""

    def __init__(self, root: Path, number: int, action: Action, lasting: bool = False) -> None:
        self._root, self._inputs = f"{root}/", (f"{root}/content", f"{root}/quota_state.yaml")
        self._number, self._action, self._lasting = number, action, lasting
        self._count = 0
        # Files are brought to the disk by several threads.
        self._turn = threading.Lock()

    @property
    def reached(self) -> bool:
        """True when there were so many operations."""
        return self._count >= self._number

    def __call__(self, event: str, details: tuple[Any, ...]) -> None:
        """Called by Python before each operation of any kind."""
        if event in OPERATIONS and self._concerns_output(event, details):
            with self._turn:
                self._count += 1
                acts = self._count == self._number or (self._lasting and self.reached)
            if acts:
                self._action(f"{event} {' '.join(map(str, details[:2]))}")

    def _concerns_output(self, event: str, details: tuple[Any, ...]) -> bool:
        if not isinstance(details[0], str | os.PathLike):
            return event != "open"
        path = os.fspath(details[0])
        # Where a folder is being deleted, the names in it are relative.
        return not os.path.isabs(path) or (path.startswith(self._root) and not path.startswith(self._inputs))


class Spoiled(Fault):
    """Counts only the files that are read back before the switch, and takes the last byte of one of them."""

    def __init__(self, root: Path, number: int) -> None:
        super().__init__(root, number, self._spoil)

    def _concerns_output(self, event: str, details: tuple[Any, ...]) -> bool:
        return event == "open" and ".unfinished/" in str(details[0]) and details[1] == "r"

    def _spoil(self, operation: str) -> None:
        path = operation.removeprefix("open ").removesuffix(" r")
        os.truncate(path, os.path.getsize(path) - 1)


class Limited(Fault):
    """A write beyond the limit fails half-way; with the system's signal let through, it kills half-way."""

    def __init__(self, root: Path, size: int, largest: int, deadly: bool) -> None:
        super().__init__(root, 0 if size < largest else 1, killed)
        if deadly:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def __call__(self, event: str, details: tuple[Any, ...]) -> None:
        """Nothing is counted: the system acts by itself."""


def killed(_: str) -> None:
    """The power goes, or someone types kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


def failing(number: int, operation: str) -> None:
    """The system refuses the operation with this error."""
    raise OSError(number, os.strerror(number), operation)


def faults(kind: str, root: Path, sizes: list[int]) -> Iterator[Callable[[], Fault]]:
    """For each n, what a child makes before it builds."""
    numbered: Mapping[str, Callable[[int], Fault]] = {
        "killed": lambda n: Fault(root, n, killed),
        "no-room": lambda n: Fault(root, n, partial(failing, errno.ENOSPC)),
        "no-permission": lambda n: Fault(root, n, partial(failing, errno.EACCES)),
        "disk-gone": lambda n: Fault(root, n, partial(failing, errno.EIO), lasting=True),
        "spoiled": lambda n: Spoiled(root, n),
    }
    if kind in numbered:
        yield from (partial(numbered[kind], n) for n in count(1))
    yield from (partial(Limited, root, size, sizes[-1], kind == "killed-writing") for size in sizes)


def remember_verdicts() -> None:
    """Lets the gate judge the same files once: what is tried here is the disk, and each byte read from it still counts."""
    passed: set[str] = set()

    def verify(_: gate.Gate, files: Mapping[str, bytes], expected: Expectation) -> gate.Verified:
        key = hashlib.sha256(repr(expected).encode())
        for path, data in sorted(files.items()):
            key.update(f"{path} {len(data)}\n".encode() + data)
        if key.hexdigest() not in passed:
            if refusals := gate.find_refusals(files, expected):
                raise gate.GateRefused(refusals)
            passed.add(key.hexdigest())
        return gate.Verified(files)

    vars(gate)["Gate"].verify = verify


def build(root: Path, moment: str) -> tuple[int, str]:
    """The exit code of `build`, and what it said on standard error."""
    said = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(said):
        code = run_command(["build", "--at", moment], root)
    return code, said.getvalue()


def build_under(make: Callable[[], Fault], root: Path, moment: str) -> dict[str, Any]:
    """How a child ended that built under the fault, and whether its operations came so far."""
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        gc.disable()  # as build.py does
        try:
            fault = make()
            sys.addaudithook(fault)
            code, said = build(root, moment)
            os.write(writer, json.dumps({"code": code, "said": said, "reached": fault.reached}).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        return {"code": -os.WTERMSIG(status), "said": "", "reached": True}
    return dict(json.loads(told)) if told else {"code": "traceback", "said": "", "reached": True}


def what_stands(project: Project, expected: Mapping[str, Mapping[str, bytes]]) -> str:
    """The moment of the site behind `dist`, "nothing", or "a mixture"."""
    if not os.path.lexists(project.root / "dist"):
        return "nothing"
    files = project.published()
    return next((moment for moment in expected if files == expected[moment]), "a mixture")


def tried(project: Project, kind: str, state: str) -> Iterator[dict[str, Any]]:
    """One record for each fault: how the build ended, what stood there then, and after the next build."""
    expected = {moment: dict(project.built(moment).files) for moment in MOMENTS}
    if state == "again":
        # The third build is the first that deletes one.
        for moment in (*MOMENTS, *MOMENTS):
            build(project.root, moment)
    sizes = sorted({0, 1, *(len(data) - 1 for files in expected.values() for data in files.values())})
    sizes.append(1 << 20)
    for make, moment in zip(faults(kind, project.root, sizes), cycle(MOMENTS)):
        old = what_stands(project, expected)
        record = build_under(make, project.root, moment)
        record |= {"old": old, "new": moment, "stands": what_stands(project, expected)}
        record["next"] = build(project.root, moment)[0]
        record["then"] = what_stands(project, expected)
        record["left"] = sorted(entry.name for entry in (project.root / ".dist.builds").iterdir())
        yield record
        if not record["reached"]:
            return
        if state == "first":
            (project.root / "dist").unlink()
            shutil.rmtree(project.root / ".dist.builds")


if __name__ == "__main__":
    remember_verdicts()
    gc.freeze()
    for line in tried(Project(Path(sys.argv[1])), sys.argv[2], sys.argv[3]):
        print(json.dumps(line), flush=True)
