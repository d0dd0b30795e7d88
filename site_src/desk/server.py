"""Listens on a Unix socket or on 127.0.0.1, and serves the desk."""

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
from site_src.exit_codes import WrongUse

HOST = "127.0.0.1"
# Longer than a page waits for its command.
_STOP_SECONDS = 270
_CONNECTIONS = 100


def serve(options: DeskOptions, listener: socket.socket) -> None:
    """Serves until SIGTERM or Ctrl-C, and finishes a running change before it stops. Raises KeyboardInterrupt after Ctrl-C."""
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
    """Returns a listener on 127.0.0.1. Raises WrongUse."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "is not a port"
        raise WrongUse(f"--port: {port}: {reason}. Name a different port.") from None
    return listener


def listen_on_socket(path: Path, group: str | None) -> socket.socket:
    """Returns a listener on a Unix socket. Only its owner may connect and, if `group` is named, the members of that group.

    Replaces the socket that an earlier desk has left. Raises WrongUse, including if another desk uses the socket, and if the
    path is a different kind of file.
    """
    try:
        owner = grp.getgrnam(group).gr_gid if group else -1
    except KeyError:
        raise WrongUse(f"local.yaml: desk.group: there is no group {group} on this machine.") from None
    listener = socket.socket(socket.AF_UNIX)
    try:
        _refuse_taken(path)
        _bind(listener, path, owner)
    except OSError as error:
        listener.close()
        raise WrongUse(f"{path}: {error.strerror or error}. {_cure(error, group)}") from None
    except WrongUse:
        listener.close()
        raise
    return listener


def _bind(listener: socket.socket, path: Path, owner: int) -> None:
    """Listens on the socket `path`. `owner` is the id of the group that may connect too, or -1. Raises OSError."""
    # Made under a temporary name first, so that other users cannot connect before the mode is set.
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
        raise WrongUse(f"{path} exists and is not a socket. Name a different path with --socket.")
    with socket.socket(socket.AF_UNIX) as other:
        if other.connect_ex(str(path)) == 0:
            raise WrongUse(f"{path}: another desk is using this socket. Stop that desk first.")


def _cure(error: OSError, group: str | None) -> str:
    if error.errno == errno.ENOENT:
        return "Make the folder, or name a different path with --socket."
    if error.errno == errno.EPERM and group:
        return f"Make the desk's user a member of the group {group} (SupplementaryGroups= in the unit)."
    return "Use --socket to name a path that this user may write to."
