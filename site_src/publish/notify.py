"""Reports the state of the service to systemd: sd_notify(3), one datagram to the socket in NOTIFY_SOCKET."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """Sends `READY=1`, `WATCHDOG=1` or `STOPPING=1`; does nothing without a service manager, and ignores errors of the socket."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    # When the socket fails, systemd gets no datagram and restarts the service; nothing more can be done here.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        sender.send(state.encode())
