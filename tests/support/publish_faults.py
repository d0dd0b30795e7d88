"""Publishes that are killed, or that fail, at one file operation after the other; a process of its own.

    python -m tests.support.publish_faults PROJECT FAULT

As tests/support/faults.py does it for builds: for each number n a child is forked that publishes a change of state, and is killed or
gets an error at its n-th operation. After each child this process says which release visitors get, whether it is whole, and
whether its pages say what its manifest says; then it publishes anew. One line of JSON for each n.
"""

from __future__ import annotations

import errno
import gc
import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from site_src.cli import main as run_command
from site_src.publish.audit import find_tampering
from site_src.publish.releases import live_release
from tests.support.faults import Fault, Limited, failing, killed, remember_verdicts
from tests.support.project import Project
from tests.support.published import JAPAN_PAGE, LINK

SIZES = [0, 1, 300, 2000, 1 << 20]
START = datetime(2020, 1, 1, tzinfo=UTC)
AFRESH = 20
_sync = os.fsync


class Changing(Fault):
    """Counts only what changes the disk: between two such operations a kill finds the same disk wherever it strikes."""

    def _concerns_output(self, event: str, details: tuple[Any, ...]) -> bool:
        reading = event in ("os.listdir", "os.scandir") or (
            event == "open" and (details[1] == "r" or (details[1] is None and not details[2] & os.O_CREAT))
        )
        return not reading and super()._concerns_output(event, details)


def publish_faults(kind: str, root: Path) -> Iterator[Callable[[], Fault]]:
    """For each n, what a child makes before it publishes."""
    numbered: Mapping[str, Callable[[int], Fault]] = {
        "killed": lambda n: Changing(root, n, killed),
        "no-room": lambda n: Changing(root, n, partial(failing, errno.ENOSPC)),
        "no-permission": lambda n: Fault(root, n, partial(failing, errno.EACCES)),
        "disk-gone": lambda n: Fault(root, n, partial(failing, errno.EIO), lasting=True),
    }
    if kind in numbered:
        yield from (partial(numbered[kind], n) for n in count(1))
    yield from (partial(Limited, root, size, SIZES[-1], kind == "killed-writing") for size in SIZES)


def publish(root: Path) -> tuple[int, str]:
    """The exit code of `publish`, and what it said on standard error."""
    said = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(said):
        code = run_command(["publish", str(root / "www"), "--keep", "2"], root)
    return code, said.getvalue()


def publish_under(make: Callable[[], Fault], root: Path) -> dict[str, Any]:
    """How a child ended that published under the fault, and whether its operations came so far."""
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        gc.disable()  # as build.py does
        try:
            fault = make()
            sys.addaudithook(fault)

            def counted_sync(fd: Any) -> None:
                # Python does not tell of this one by itself.
                fault("os.truncate", (fd,))
                _sync(fd)

            os.fsync = counted_sync
            code, said = publish(root)
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


def seen(target: Path) -> dict[str, Any]:
    """What visitors get: the state by the manifest and by the page, and what is wrong with the release."""
    live = live_release(target)
    if live is None:
        return {"state": None, "whole": True, "true": True}
    state = str(live.manifest.states["japan"])
    page = (target / "current/site" / JAPAN_PAGE).read_text(encoding="utf-8")
    whole = all(about.fits(target / "current/site" / path) for path, about in live.manifest.files.items())
    true = f'data-state="{state}"' in page and (LINK in page) == (state == "open")
    return {"state": state, "whole": whole, "true": true}


def tried(project: Project, kind: str) -> Iterator[dict[str, Any]]:
    """One record for each fault: how the publish ended, what visitors got then, and after the next one."""
    target = project.root / "www"
    log: list[str] = []

    def flip() -> str:
        number = len(log) // 2
        state = ("open", "quota_reached")[number % 2]
        moment = (START + timedelta(minutes=number)).strftime("%Y-%m-%d %H:%M+00:00")
        log.extend([f"  - state: {state}", f"    from: {moment}"])
        project.write("quota_state.yaml", "\n".join(["japan:", *log]) + "\n")
        return state

    for number, make in enumerate(publish_faults(kind, project.root)):
        if number % AFRESH == 0:
            # A log of hundreds of events would only take time.
            shutil.rmtree(target, ignore_errors=True)
            log.clear()
            for _ in range(3):
                flip()
                publish(project.root)
        old, new = seen(target)["state"], flip()
        record = publish_under(make, project.root) | {"old": old, "new": new, "stands": seen(target)}
        record["next"], _ = publish(project.root)
        record["then"], record["findings"] = seen(target), find_tampering(target)
        record["left"] = sorted(entry.name for entry in target.iterdir())
        record["releases"] = len(list((target / "releases").iterdir()))
        yield record
        if not record["reached"]:
            return


if __name__ == "__main__":
    remember_verdicts()
    gc.freeze()
    for line in tried(Project(Path(sys.argv[1])), sys.argv[2]):
        print(json.dumps(line), flush=True)
