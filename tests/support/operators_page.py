"""The desk as operators reach it: the command on its socket, nginx with a login in front of it, and the public site."""

from __future__ import annotations

import base64
import hashlib
import html
import http.client
import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from tests.support.project import Project
from tests.support.published import Target
from tests.support.residents import wait_until
from tests.support.web_server import LEASED, PLAIN, Answer, configured, free_port, running

ADA, BEN, EVE = "ada", "ben", "eve"
PASSWORD = "tea at four"  # noqa: S105 -- of these tests alone
LOG = """\
japan:
  - state: open
    from: 2020-04-01 00:00
south-korea:
  - state: open
    from: 2020-01-01 00:00
"""
LOCAL = """\
target: {target}
probe: {public}
desk:
  address: {address}
  may_close: [ada, ben]
  may_open: [ada]
"""
_DESK_SERVER = "server {{ listen 127.0.0.1:{port}; include quotabord/desk-login.conf; }}"


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("desk", timeout=60)
        self._path = path

    def connect(self) -> None:
        """Connects to the Unix socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(str(self._path))


@dataclass
class OperatorsPage:
    """A running desk. `address` is nginx's address, `public` is the public site's, and `process` is the command."""

    target: Target
    socket: Path
    address: str
    public: str
    process: subprocess.Popen[bytes]
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, headers: Mapping[str, str | bytes], body: str | None = None
    ) -> Answer:
        """Sends exactly these headers to the desk's socket. Returns the response."""
        connection = _SocketConnection(self.socket)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(body.encode() if body is not None else None)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def headers(self, user: str, **more: str) -> dict[str, str | bytes]:
        """Returns the headers that nginx sends for a user. Underscores in the names become hyphens."""
        host = self.address.partition("//")[2]
        given = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Host": host, "X-Remote-User": user, **given}

    def get(self, path: str, user: str = ADA) -> Answer:
        """Returns a page as the user gets it, and keeps the cookie."""
        answer = self.ask("GET", path, self.headers(user))
        if cookie := answer.headers.get("Set-Cookie"):
            self.cookies[user] = cookie.partition(";")[0]
        return answer

    def fields(self, path: str, user: str = ADA) -> dict[str, str]:
        """Returns the hidden fields of the form on a page."""
        page = self.get(path, user).body.decode()
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
        return {name: html.unescape(value) for name, value in found}

    def post(
        self, path: str, fields: Mapping[str, str], user: str = ADA, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Returns the response to a form that the user's browser sends.

        `headers` replace headers with the same name.
        """
        body = urlencode(fields)
        given = self.headers(
            user,
            Origin=self.address,
            Cookie=self.cookies.get(user, ""),
            Content_Type="application/x-www-form-urlencoded",
            Content_Length=str(len(body)),
        )
        return self.ask("POST", path, {**given, **(headers or {})}, body)

    def do(self, word: str, query: str = "", user: str = ADA, **fields: str) -> Answer:
        """Opens the confirmation of an action for Japan, taps the country and confirms."""
        path = f"/en/japan/{word}"
        hidden = self.fields(f"{path}{query}", user)
        return self.post(path, {**hidden, "programme": "japan", **fields}, user)

    def states(self) -> list[str]:
        """Returns the states of Japan's log, in order."""
        text = (self.target.project.root / "quota_state.yaml").read_text(encoding="utf-8")
        return re.findall(r"state: (\w+)", text.partition("south-korea:")[0])

    def reset(self) -> None:
        """Restores the original log and publishes it."""
        self.target.project.write("quota_state.yaml", LOG)
        for name in ("current", "lease"):
            (self.target.folder / name).unlink(missing_ok=True)
        subprocess.run(["rm", "-rf", str(self.target.folder)], check=True)
        self.target.published()


def result(answer: Answer) -> str:
    """Returns the key of the text on the result page."""
    found = re.search(r'data-result="(\w+)"', answer.body.decode())
    assert found, answer.body.decode()
    return found[1]


@contextmanager
def operators_page(project: Project, folder: Path, leased: bool = False) -> Iterator[OperatorsPage]:
    """Runs the project's desk behind nginx. The site is published to `folder`/www, and is served too."""
    target = Target(project, folder / "www")
    public, port = free_port(), free_port()
    project.write("quota_state.yaml", LOG)
    address, site = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{public}"
    project.write("local.yaml", LOCAL.format(target=target.folder, public=site, address=address))
    target.published()
    path = folder / "desk.sock"
    served = (LEASED if leased else PLAIN).format(
        port=public, target=target.folder, root=target.folder / "current/site"
    )
    main = configured(folder / "nginx", f"{served}\n{_DESK_SERVER.format(port=port)}")
    login = main.parent / "quotabord/desk-login.conf"
    login.write_text(login.read_text().replace("/run/quotabord-desk/desk.sock", str(path)))
    digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()  # noqa: S324 -- what nginx reads
    users = "".join(f"{user}:{{SHA}}{digest}\n" for user in (ADA, BEN, EVE))
    (main.parent / "quotabord/desk-users").write_text(users)
    with ExitStack() as stack:
        stack.enter_context(running(main, port))
        process = stack.enter_context(started(project, path))
        yield OperatorsPage(target, path, address, site, process)


@contextmanager
def started(project: Project, path: Path, renewed: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """Runs the command `desk`. Yields when it listens on the socket, and stops it at the end.

    `renewed` is true if there is an old socket.
    """
    old = path.stat().st_ino if renewed else 0
    process = subprocess.Popen(
        [project.python, "build.py", "desk", f"--socket={path}"], cwd=project.root, env=project.environment()
    )
    try:
        wait_until(lambda: (path.is_socket() and path.stat().st_ino != old) or process.poll() is not None)
        assert process.poll() is None
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
