"""Shows a monitor and systemd that a resident process is alive: its heartbeat file, and sd_notify(3)."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

HEARTBEAT = "heartbeat.json"
SILENT_SECONDS = 60.0


def notify(state: str) -> None:
    """Sends `READY=1`, `WATCHDOG=1` or `STOPPING=1`; does nothing without a service manager, and ignores errors of the socket."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    # When the socket fails, systemd gets no datagram and restarts the service; nothing more can be done here.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        sender.send(state.encode())


def last_beat(target: Path) -> float:
    """When the heartbeat was last written, in seconds since 1970; 0 if never, or if that cannot be read."""
    with suppress(OSError):
        return (target / HEARTBEAT).stat().st_mtime
    return 0.0
