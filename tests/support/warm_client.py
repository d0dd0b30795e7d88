"""The client of warm_python.py: `CLIENT build.py …` behaves as `python build.py …`, and starts in a twentieth of the
time.

It runs without `site` and imports only built-in modules. Arguments that are not a command of a project go to the real
interpreter.
"""

import _socket
import marshal
import os
import signal
import sys

# An environment that changes the interpreter itself needs a new interpreter.
_ROOT = "@ROOT@"
_SAME = {"PYTHONPATH": _ROOT, "PYTHONUTF8": "1"}
_HARMLESS = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")


def run(address: str, words: list[str]) -> int:
    """Returns the exit code of the command, as os.waitpid gives it. Signals are passed on to its process."""
    server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    server.connect(address)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: server.send(bytes([number])))
    mask = os.umask(0o022)
    request = marshal.dumps((sys.argv[0], words, os.getcwd(), dict(os.environ), mask))
    streams = b"".join(stream.to_bytes(4, sys.byteorder) for stream in (0, 1, 2))
    server.sendmsg([len(request).to_bytes(4, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
    server.sendall(request)
    server.recv(4)  # the number of the process
    return int.from_bytes(server.recv(4), "big")


if __name__ == "__main__":
    special = {
        name
        for name, value in os.environ.items()
        if name.startswith("PYTHON") and name not in _HARMLESS and _SAME.get(name) != value
    }
    if special or not sys.argv[1:] or os.path.basename(sys.argv[1]) != "build.py":
        os.execv(sys.executable, [sys.executable, *sys.argv[1:]])  # noqa: S606
    status = run(f"{os.path.dirname(sys.argv[0])}/socket", sys.argv[1:])
    if os.WIFSIGNALED(status):
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))
