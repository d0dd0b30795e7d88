"""A command that runs beside the test, in a process forked from a warm interpreter (warm_python.py).

Its `pid` is that of the command itself, so kill -9 and SIGSTOP hit it as they would hit `python build.py`.
"""

from __future__ import annotations

import marshal
import os
import select
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from tests.support.warm_python import warm_python


class Running:
    """A process with the methods of `subprocess.Popen`. Leaving its block waits for its end."""

    def __init__(self, connection: socket.socket) -> None:
        self.pid = int.from_bytes(connection.recv(4, socket.MSG_WAITALL), "big")
        self.returncode: int | None = None
        self._connection = connection

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wait()

    def wait(self, timeout: float | None = None) -> int:
        """Returns the exit code as soon as the process has ended. Raises TimeoutExpired after so many seconds."""
        if self.returncode is None:
            if not select.select([self._connection], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
            status = int.from_bytes(self._connection.recv(4, socket.MSG_WAITALL), "big")
            self.returncode = os.waitstatus_to_exitcode(status)
            self._connection.close()
        return self.returncode

    def poll(self) -> int | None:
        """Returns the exit code, or None while the process runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def send_signal(self, number: int) -> None:
        """Sends the signal, unless the process has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Sends SIGKILL, unless the process has ended."""
        self.send_signal(signal.SIGKILL)


def start(
    words: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    out: IO[bytes],
    package: str = "site_src",
) -> Running:
    """Starts the script `words[0]` in the folder, with both outputs to `out` and no input.

    `package` is the one that the interpreter has imported.
    """
    python = warm_python(package)
    mask = os.umask(0o022)
    os.umask(mask)
    request = marshal.dumps((python, list(words), str(folder), dict(environment), mask))
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(Path(python).with_name("socket")))
    with open(os.devnull, "rb") as nothing:
        socket.send_fds(
            connection,
            [len(request).to_bytes(4, "big")],
            [nothing.fileno(), out.fileno(), out.fileno()],
        )
    connection.sendall(request)
    return Running(connection)
