"""A preview as an editor runs it: `serve` as a real process, with what it printed and the ways to ask it."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse

from tests.support.project import Project, tree

PATIENCE = 30.0  # seconds that a busy machine may take; nothing here is judged by its speed


@dataclass
class Preview:
    """A running preview of `project`; `printed` are its lines so far, of both streams."""

    project: Project
    process: subprocess.Popen[str]
    printed: list[str]

    @property
    def origin(self) -> str:
        """Where it serves, as it printed: http://127.0.0.1:8000."""
        self.wait_for(lambda: any(line.startswith("Preview: ") for line in self.printed))
        (origin,) = re.findall(r"^Preview: (http://\S+?)/ ", "".join(self.printed), re.MULTILINE)
        return str(origin)

    @property
    def port(self) -> int:
        """The port at which it serves."""
        return int(self.origin.rpartition(":")[2])

    def ask(self, path: str, method: str = "GET", host: str | None = None) -> tuple[HTTPResponse, bytes]:
        """The answer to one request, and its body; the path goes out as it is."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host or f"127.0.0.1:{self.port}")
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def text(self, path: str) -> str:
        """The body of the answer, as text."""
        return self.ask(path)[1].decode()

    def shows(self, path: str, words: str) -> None:
        """Returns as soon as the page has these words; fails if it never has."""
        self.wait_for(lambda: words in self.text(path))

    def says(self, words: str) -> None:
        """Returns as soon as a line with these words has been printed."""
        self.wait_for(lambda: any(words in line for line in list(self.printed)))

    def wait_for(self, true: Callable[[], bool]) -> None:
        """Returns as soon as it is true; fails, with what was printed, if it does not become so."""
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, "".join(self.printed)
            assert self.process.poll() is None, "".join(self.printed)
            time.sleep(0.02)


def put_back(running: Preview, files: Mapping[str, bytes]) -> None:
    """Gives the project these files and no others, so that one preview can serve one test after the other."""
    root = running.project.root
    for path, data in files.items():
        if not (root / path).is_file() or (root / path).read_bytes() != data:
            running.project.write(path, data)
    for path in tree(root).keys() - files.keys():
        (root / path).unlink()


@contextmanager
def preview(project: Project, *options: str, env: Mapping[str, str] | None = None) -> Iterator[Preview]:
    """`build.py serve` on a free port, until the end of the block; then it is interrupted, as by Ctrl-C."""
    with subprocess.Popen(
        [project.python, "build.py", "serve", "--port", "0", *options],
        cwd=project.root,
        env=project.environment({"PYTHONUNBUFFERED": "1", **(env or {})}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    ) as process:
        running = Preview(project, process, [])
        reader = threading.Thread(target=lambda: running.printed.extend(process.stdout or ()), daemon=True)
        reader.start()
        try:
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            reader.join(PATIENCE)
