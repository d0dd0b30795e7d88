"""Reports that a resident process is alive: to systemd with sd_notify(3), to monitors with the file `heartbeat.json`.

Alarms are in commands/alarm.py.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

HEARTBEAT = "heartbeat.json"
SILENT_SECONDS = 60.0


def notify(state: str) -> None:
    """Sends `state`, such as `READY=1`, `WATCHDOG=1` or `STOPPING=1`, to systemd.

    Does nothing if systemd did not start the process. Ignores errors of the socket.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    # If the socket fails, systemd gets no datagram and restarts the service.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        sender.send(state.encode())


def last_beat(target: Path) -> float:
    """Returns when the heartbeat was last written (seconds since 1970), or 0 if the file is missing or cannot be read."""
    with suppress(OSError):
        return (target / HEARTBEAT).stat().st_mtime
    return 0.0
