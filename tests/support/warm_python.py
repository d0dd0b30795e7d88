"""Runs commands as real processes without the cost of their imports: an interpreter with the imports forks for each
command.

    python -m tests.support.warm_python SOCKET [PACKAGE]

The child gets the streams, folder, environment and umask of the client, and runs its build.py as the main program.
Tests of starting or limiting a process use `sys.executable` instead. running.py starts a command that stays.
"""

from __future__ import annotations

import gc
import importlib
import marshal
import os
import pkgutil
import runpy
import selectors
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

LIBRARIES = "babel.dates babel.numbers icalendar jinja2 markdown nh3 pydantic sqlite3 yaml".split()
# Closed at the end of the test run, so that its processor time counts for the run.
RUNNING = ExitStack()
# Slow imports of only some commands.
_RARE = ("site_src.bucket", "site_src.desk")
_CLIENT = Path(__file__).with_name("warm_client.py")


@cache
def warm_python(package: str = "site_src") -> str:
    """Returns the path of an interpreter for `build.py` only.

    It has imported `site_src` without the packages that few commands need, or with one of them; or, for "", nothing of
    ours, so that a project may have its own code.
    """
    folder = Path(mkdtemp(prefix="warm-"))
    client = folder / "python"
    root = Path(__file__).resolve().parents[2]
    script = _CLIENT.read_text(encoding="utf-8").replace("@ROOT@", str(root))
    client.write_text(f"#!{sys.executable} -IS\n{script}", encoding="utf-8")
    client.chmod(0o755)
    words = [sys.executable, "-m", "tests.support.warm_python", str(folder / "socket"), package]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONUTF8": "1"}
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=root, env=environment
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"

    def stop() -> None:
        process.communicate()
        shutil.rmtree(folder, ignore_errors=True)

    RUNNING.callback(stop)
    return str(client)


def _load(package: str) -> None:
    for name in LIBRARIES:
        importlib.import_module(name)
    if package:
        rare = tuple(name for name in _RARE if name != package)
        site_src = importlib.import_module("site_src")
        for module in pkgutil.walk_packages(site_src.__path__, "site_src."):
            if not module.name.startswith(rare):
                importlib.import_module(module.name)


def _serve(listener: socket.socket) -> list[str]:
    """Forks for each request until standard input ends. Returns only in the children, with the arguments of the command."""
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    clients: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as selector:
        for file in (0, wake, listener.fileno()):
            selector.register(file, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fd == 0:
                    sys.exit()
                elif key.fd == wake:
                    os.read(wake, 512)
                    _report(clients, selector)
                elif key.data in clients:
                    _hand_on_signal(key.data, clients[key.data], selector)
                elif key.fd == listener.fileno():
                    client, _ = listener.accept()
                    header, streams, *_ = socket.recv_fds(client, 4, 3)
                    request = client.recv(int.from_bytes(header, "big"), socket.MSG_WAITALL)
                    if not (process := os.fork()):
                        _close(
                            wake, waker, *(other.detach() for other in (client, listener, *clients.values()))
                        )
                        return _become(streams, *marshal.loads(request))  # noqa: S302 -- it comes from this test run
                    _close(*streams)
                    with suppress(OSError):  # a client that is gone: the process is killed below
                        client.sendall(process.to_bytes(4, "big"))
                    clients[process] = client
                    selector.register(client, selectors.EVENT_READ, process)


def _close(*files: int) -> None:
    for file in files:
        os.close(file)


def _hand_on_signal(process: int, client: socket.socket, selector: selectors.BaseSelector) -> None:
    sent = client.recv(1)
    if not sent:  # the client itself was killed
        selector.unregister(client)
    os.kill(process, sent[0] if sent else signal.SIGKILL)


def _report(clients: dict[int, socket.socket], selector: selectors.BaseSelector) -> None:
    """Sends each client the status of its process, if the process has ended."""
    while clients:
        process, status = os.waitpid(-1, os.WNOHANG)
        if not process:
            return
        with clients.pop(process) as client:
            if client.fileno() in selector.get_map():
                selector.unregister(client)
                client.sendall(status.to_bytes(4, "big"))


def _become(
    streams: list[int], python: str, words: list[str], folder: str, environment: dict[str, str], mask: int
) -> list[str]:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    lines = 1 if "PYTHONUNBUFFERED" in environment else -1
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", buffering=lines, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.umask(mask)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.executable = python
    sys.path[0] = str(Path(words[0]).resolve().parent)
    return words


if __name__ == "__main__":
    address, package = sys.argv[1:]
    _load(package)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen(16)
        print("ready", flush=True)
        sys.argv = _serve(server)
    runpy.run_path(sys.argv[0], run_name="__main__")
