"""Findings of `quota due` about the system's clock."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

from site_src.commands.due_output import DueFinding

# systemd-timesyncd makes this file after it has set the clock.
_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
_TIME_ERROR = 5
_TIMEX_BYTES = 1024  # larger than any `struct timex`


def find_clock_fault() -> Iterator[DueFinding]:
    """Yields a finding if the system's clock is not synchronised, or if nothing reports whether it is."""
    is_synchronised = is_clock_synchronised()
    if is_synchronised is False:
        message = "The system's clock is not synchronised, so a scheduled change may take effect at the wrong time. To check: timedatectl"
        yield DueFinding("warning", "clock", message)
    elif is_synchronised is None:
        message = "It is not known whether the system's clock is synchronised. To check: timedatectl"
        yield DueFinding("info", "clock-unknown", message)


def is_clock_synchronised() -> bool | None:
    """Returns True if systemd-timesyncd reports that the clock is synchronised. Otherwise returns what the kernel reports
    (adjtimex(2)).

    Returns None if neither reports anything.
    """
    if _SYNCHRONISED.exists():
        return True
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR
