"""`--log-format`: prints the log lines of the resident publisher with the time, with a priority for journald, or as JSON Lines."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from typing import TextIO

from site_src.instants import utc_text

# The priority of a line by its first words, as in syslog (RFC 5424, 6.2.1). Any other line is informational.
_PRIORITIES = (("ALARM: ", 1), ("NOT PUBLISHED", 3), ("Refused: ", 3), ("The link is hidden", 4))
_INFORMATIONAL = 6
_LEVELS = {1: "alert", 3: "error", 4: "warning", 6: "info"}


class LogLines(io.TextIOBase):
    """A stream that writes each line to an underlying stream in the given format. Lines of different threads do not mix."""

    def __init__(self, stream: TextIO, form: str) -> None:
        self._stream, self._form = stream, form
        self._unfinished = threading.local()

    def write(self, text: str) -> int:
        """Writes each complete line, and keeps an incomplete line until the rest of it arrives."""
        *lines, self._unfinished.text = (getattr(self._unfinished, "text", "") + text).split("\n")
        for line in filter(None, lines):
            self._stream.write(format_line(line, self._form, datetime.now(UTC)) + "\n")
        return len(text)

    def flush(self) -> None:
        """Flushes the underlying stream."""
        self._stream.flush()

    def fileno(self) -> int:
        """Returns the file descriptor of the underlying stream."""
        return self._stream.fileno()


def format_line(line: str, form: str, now: datetime) -> str:
    """Returns the line with its time (UTC), with its priority as `<N>` for journald (sd-daemon(3)), or as a JSON object."""
    priority = next((number for words, number in _PRIORITIES if line.startswith(words)), _INFORMATIONAL)
    if form == "journal":
        return f"<{priority}>{line}"
    time = utc_text(now, "seconds")
    if form == "json":
        return json.dumps({"time": time, "level": _LEVELS[priority], "message": line}, ensure_ascii=False)
    return f"{time} {line}"


@contextmanager
def log_lines(form: str | None) -> Iterator[None]:
    """Inside the block, prints each line of standard output and standard error in this format.

    If `form` is None, a stream that is connected to journald gets the format of journald, and any other stream gets lines with the
    time.
    """
    with ExitStack() as redirected:
        for stream, redirect in ((sys.stdout, redirect_stdout), (sys.stderr, redirect_stderr)):
            if stream is not None:  # None if the stream is closed, as with `2>&-`
                chosen = form or ("journal" if _is_journal(stream) else "text")
                redirected.enter_context(redirect(LogLines(stream, chosen)))
        yield


def _is_journal(stream: TextIO) -> bool:
    """Returns True if systemd connected the stream to journald: JOURNAL_STREAM has its device and inode (systemd.exec(5))."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
