"""The heartbeat file, which shows a monitor that the resident publisher is alive; `quota due --published` reads it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

HEARTBEAT = "heartbeat.json"
SILENT_SECONDS = 60.0


def last_beat(target: Path) -> float:
    """When the heartbeat was last written, in seconds since 1970; 0 if never, or if that cannot be read."""
    with suppress(OSError):
        return (target / HEARTBEAT).stat().st_mtime
    return 0.0
