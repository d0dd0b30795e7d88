"""A preview as an editor runs it: a real `serve` process, its output, and ways to send requests."""

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

PATIENCE = 30.0  # Seconds that a busy machine may take. No test here measures speed.


@dataclass
class Preview:
    """A running preview of `project`. `printed` has the lines of both its streams so far."""

    project: Project
    process: subprocess.Popen[str]
    printed: list[str]

    @property
    def origin(self) -> str:
        """The address that the preview printed: http://127.0.0.1:8000."""
        self.wait_for(lambda: any(line.startswith("Preview: ") for line in self.printed))
        (origin,) = re.findall(r"^Preview: (http://\S+?)/ ", "".join(self.printed), re.MULTILINE)
        return str(origin)

    @property
    def port(self) -> int:
        """The port on which it serves."""
        return int(self.origin.rpartition(":")[2])

    def ask(self, path: str, method: str = "GET", host: str | None = None) -> tuple[HTTPResponse, bytes]:
        """Returns the response to a request, and its body. The path is sent unchanged."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.putrequest(method, path, skip_host=True)
        connection.putheader("Host", host or f"127.0.0.1:{self.port}")
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def text(self, path: str) -> str:
        """Returns the response's body as text."""
        return self.ask(path)[1].decode()

    def shows(self, path: str, words: str) -> None:
        """Returns as soon as the page has these words. Fails if the page never has them."""
        self.wait_for(lambda: words in self.text(path))

    def says(self, words: str) -> None:
        """Returns as soon as the preview has printed a line with these words."""
        self.wait_for(lambda: any(words in line for line in list(self.printed)))

    def wait_for(self, true: Callable[[], bool]) -> None:
        """Returns as soon as the condition holds. If it never does, fails and shows the output."""
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, "".join(self.printed)
            assert self.process.poll() is None, "".join(self.printed)
            time.sleep(0.02)


def put_back(running: Preview, files: Mapping[str, bytes]) -> None:
    """Gives the project exactly these files, so that several tests can use one preview."""
    root = running.project.root
    for path, data in files.items():
        if not (root / path).is_file() or (root / path).read_bytes() != data:
            running.project.write(path, data)
    for path in tree(root).keys() - files.keys():
        (root / path).unlink()


@contextmanager
def preview(project: Project, *options: str, env: Mapping[str, str] | None = None) -> Iterator[Preview]:
    """Runs `build.py serve` on a free port. At the end of the block, interrupts it as Ctrl-C does."""
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
