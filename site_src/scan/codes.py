"""Reads QR codes and bar codes in pictures with the program `zbarimg`, where it is installed (the package zbar-tools).

A code is another notation of a text, so the gate scans it like all other text of the file.
"""

from __future__ import annotations

from functools import cache

from site_src.cache import Memo, digest

PROGRAM = "zbarimg"
# The published formats that the program reads; each WebP file has one of these beside it, with the same pixels.
_KINDS = ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"))
_SECONDS = 5
_FOUND = 0  # the exit code of zbarimg when there is a code


@cache
def find_program() -> str | None:
    """The path of the program; None if it is not installed."""
    import shutil

    return shutil.which(PROGRAM)


class CodeReader:
    """Reads the codes in pictures. The memo keeps what was read in the same bytes before."""

    def __init__(self, memo: Memo) -> None:
        self._memo = memo

    def read(self, data: bytes) -> str:
        """The texts of all codes in a PNG or JPEG file, a line for each; "" for other files and without the program."""
        kind = next((kind for begin, kind in _KINDS if data.startswith(begin)), None)
        program = find_program() if kind else None
        if kind is None or program is None:
            return ""
        return str(self._memo.get(digest("codes", program, data), lambda: _run(program, kind, data)))


def _run(program: str, kind: str, data: bytes) -> str:
    import subprocess

    # A closing must not wait: a picture that takes longer counts as one without a code. `check` asks a person to look.
    command = [program, "--quiet", "--raw", f"{kind}:-"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.decode("utf-8", errors="replace") if done.returncode == _FOUND else ""
