"""Listens on a Unix socket or on 127.0.0.1, and serves the page until it is stopped."""

from __future__ import annotations

import errno
import grp
import os
import socket
import stat
from pathlib import Path

import uvicorn

from site_src.desk.app import DeskApp
from site_src.desk.roles import DeskOptions

HOST = "127.0.0.1"
# Longer than the page waits for the longest command.
_STOP_SECONDS = 270
_CONNECTIONS = 100


class NoListener(Exception):
    """Raised if the desk cannot listen on the socket or port. The message says why."""


def serve(options: DeskOptions, listener: socket.socket) -> None:
    """Serves until SIGTERM or Ctrl-C. A change that runs then is finished first. Raises KeyboardInterrupt for Ctrl-C."""
    config = uvicorn.Config(
        DeskApp(options).make(),
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=_CONNECTIONS,
        timeout_graceful_shutdown=_STOP_SECONDS,
        h11_max_incomplete_event_size=16 * 1024,
    )
    uvicorn.Server(config).run(sockets=[listener])


def listen_on_port(port: int) -> socket.socket:
    """Returns a listener on 127.0.0.1. Raises NoListener."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "is not a port"
        raise NoListener(f"--port: {port}: {reason}. Name another one.") from None
    return listener


def listen_on_socket(path: Path, group: str | None) -> socket.socket:
    """Returns a listener on a Unix socket that its owner, and the group if one is named, may connect to. Raises NoListener.

    Replaces a socket that an earlier desk left. Refuses a socket that answers, and any other file.
    """
    try:
        owner = grp.getgrnam(group).gr_gid if group else -1
    except KeyError:
        raise NoListener(f"local.yaml: desk.group: there is no group {group} on this machine.") from None
    listener = socket.socket(socket.AF_UNIX)
    try:
        _refuse_taken(path)
        _bind(listener, path, owner)
    except OSError as error:
        listener.close()
        raise NoListener(f"{path}: {error.strerror or error}. {_cure(error, group)}") from None
    except NoListener:
        listener.close()
        raise
    return listener


def _bind(listener: socket.socket, path: Path, owner: int) -> None:
    """Listens under the path, for the group `owner` too unless `owner` is -1. Raises OSError."""
    # Made under another name first, so that other users can never connect.
    new = path.with_name(f".{path.name}.{os.getpid()}")
    mask = os.umask(0o177)
    try:
        new.unlink(missing_ok=True)
        listener.bind(str(new))
    finally:
        os.umask(mask)
    try:
        if owner != -1:
            os.chown(new, -1, owner)
            new.chmod(0o660)
        listener.listen()
        new.rename(path)
    except OSError:
        new.unlink()
        raise


def _refuse_taken(path: Path) -> None:
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise NoListener(f"{path} is there and is not a socket. Name another path with --socket.")
    with socket.socket(socket.AF_UNIX) as other:
        if other.connect_ex(str(path)) == 0:
            raise NoListener(f"{path}: another desk answers there. Stop that one first.")


def _cure(error: OSError, group: str | None) -> str:
    if error.errno == errno.ENOENT:
        return "Make its folder, or name another path with --socket."
    if error.errno == errno.EPERM and group:
        return f"Make the desk's user a member of the group {group} (SupplementaryGroups= in the unit)."
    return "Name a path with --socket that this user may write."
