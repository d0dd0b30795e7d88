"""Tells systemd how the service is: sd_notify(3), one datagram to the socket that it names."""

from __future__ import annotations

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """Sends `READY=1`, `WATCHDOG=1` or `STOPPING=1`; nothing where no service manager listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    # systemd restarts a service that it does not hear; that is all that can be done about a socket that fails.
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        sender.send(state.encode())
