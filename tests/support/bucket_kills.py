"""Runs a command in a process that is killed (kill -9) at one step: `bucket_kills.py STEP WHEN ROOT WORD…`.

STEP is `module:function`, or `module:Class.method`; WHEN is `before`, `after` or `second` (before the second call).
"""

from __future__ import annotations

import os
import signal
import sys
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any

from site_src.cli import main


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(step: str, when: str) -> None:
    name, _, path = step.partition(":")
    *parents, last = path.split(".")
    place: Any = reduce(getattr, parents, import_module(name))
    work, calls = getattr(place, last), [0]

    def deadly(*arguments: Any, **named: Any) -> Any:
        calls[0] += 1
        if when == "before" or (when == "second" and calls[0] == 2):
            _die()
        result = work(*arguments, **named)
        if when == "after":
            _die()
        return result

    setattr(place, last, deadly)


if __name__ == "__main__":
    _arm(sys.argv[1], sys.argv[2])
    root = Path(sys.argv[3])
    os.chdir(root)
    sys.exit(main(sys.argv[4:], root))
