"""Reads QR codes and bar codes in pictures with the program `zbarimg` (package zbar-tools), if it is installed.

The gate scans the text in a code like any other text of the file.
"""

from __future__ import annotations

import os
import time
from functools import cache

from site_src.cache import Memo, digest

PROGRAM = "zbarimg"
# The published formats that the program reads. Each WebP file has a twin in one of them, with the same pixels.
_KINDS = ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"))
# Seconds for one picture. After a failure, no picture is read for a while, because a closing must not wait.
_SECONDS = 2
_PAUSE_SECONDS = 60
# The exit codes of zbarimg if it found a code, and if it found none.
_FOUND, _NONE = 0, 4


@cache
def find_program() -> str | None:
    """Returns the path of the program, or None if it is not installed."""
    import shutil

    return shutil.which(PROGRAM)


class CodeReader:
    """Reads the codes in pictures. The memo keeps the result under a digest of the picture's bytes.

    If the program fails, logs this once, and reads no other picture for a minute, so that a closing does not wait for the
    program. Keeps no result, so the next run tries again. In any case, `check` asks a person to look at each picture.
    """

    def __init__(self, memo: Memo) -> None:
        self._memo = memo
        self._pause_until = 0.0

    def read(self, data: bytes) -> str:
        """Returns the texts of all codes in a PNG or JPEG file, one on each line.

        The result is "" for other files, or if the codes cannot be read.
        """
        kind = next((kind for begin, kind in _KINDS if data.startswith(begin)), None)
        program = find_program() if kind else None
        if kind is None or program is None or time.monotonic() < self._pause_until:
            return ""
        import subprocess  # only if there are pictures and the program

        try:
            key = digest("codes", program, str(os.stat(program).st_mtime_ns), data)
            return str(self._memo.get(key, lambda: _run(program, kind, data)))
        except (OSError, subprocess.SubprocessError) as error:
            self._pause_until = time.monotonic() + _PAUSE_SECONDS
            import logging  # most runs log nothing

            logging.getLogger(__name__).warning(
                "%s: codes in pictures are not read now (%s).", PROGRAM, error
            )
            return ""


def _run(program: str, kind: str, data: bytes) -> str:
    """Runs the program on the picture and returns its output. Raises OSError or SubprocessError if it fails."""
    import subprocess

    command = [program, "--quiet", "--raw", f"{kind}:-"]
    done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
    if done.returncode not in (_FOUND, _NONE):
        raise subprocess.SubprocessError(f"it ended with exit code {done.returncode}")
    return done.stdout.decode("utf-8", errors="replace") if done.returncode == _FOUND else ""
