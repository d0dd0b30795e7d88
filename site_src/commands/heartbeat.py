"""The file by which a monitor knows that the resident publisher lives; `quota due --published` reads it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

HEARTBEAT = "heartbeat.json"
SILENT_SECONDS = 60.0


def last_beat(target: Path) -> float:
    """When the resident publisher was last heard of, in seconds since 1970; 0 where it never was."""
    with suppress(OSError):
        return (target / HEARTBEAT).stat().st_mtime
    return 0.0
