"""A resident publisher as a process, for tests that stop and kill it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.support.published import Target
from tests.support.running import Running

PATIENCE = 60.0


def wait_until(condition: Callable[[], object]) -> None:
    """Returns as soon as the condition holds. Fails if that takes far too long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def start_resident(target: Target, *more: str, **environment: str) -> Running:
    """Starts the process. Its output is appended to the file `log` beside the target."""
    with open(target.folder.with_name("log"), "ab") as log:
        words = ("publish", str(target.folder), "--watch", *more)
        return target.project.start(*words, out=log, env=environment)


@contextmanager
def resident(target: Target, *more: str, **environment: str) -> Iterator[Running]:
    """Runs the process, and kills it at the end if it still runs."""
    (target.folder / "heartbeat.json").unlink(missing_ok=True)
    process = start_resident(target, *more, **environment)
    try:
        wait_until((target.folder / "heartbeat.json").exists)
        yield process
    finally:
        process.kill()
        process.wait()
