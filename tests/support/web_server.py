"""A real nginx with the files of deploy/nginx/, on a port of this machine."""

from __future__ import annotations

import http.client
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from tests.support.project import REPOSITORY

DEPLOYED = REPOSITORY / "deploy" / "nginx"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
# njs, which chooses the tree by the lease.
NJS = next((file for file in map(Path, (
    "/usr/lib/nginx/modules/ngx_http_js_module.so", "/usr/share/nginx/modules/ngx_http_js_module.so",
)) if file.exists()), None)  # fmt: skip
# One process, not a service. It writes only in the test's folder.
_FRAME = """\
{modules}
daemon off;
master_process off;
pid {folder}/nginx.pid;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {content}
}}
"""
LEASED = (
    "include quotabord/http.conf; include quotabord/lease.conf; server {{ listen 127.0.0.1:{port}; "
    "set $quotabord_target {target}; root $quotabord_target/current/$quotabord_tree; "
    "include quotabord/ready.conf; include quotabord/server.conf; }}"
)
BY_MODE = (
    "include quotabord/http.conf; server {{ listen 127.0.0.1:{port}; set $quotabord_target {target}; "
    "include quotabord/lease-by-mode.conf; root $quotabord_target/current/$quotabord_tree; include quotabord/server.conf; }}"
)
PLAIN = "include quotabord/http.conf; server {{ listen 127.0.0.1:{port}; root {root}; include quotabord/server.conf; }}"


@dataclass(frozen=True)
class Answer:
    """The server's response, unchanged."""

    status: int
    headers: Message
    body: bytes


@dataclass(frozen=True)
class WebServer:
    """A running server. `port` is its port on 127.0.0.1."""

    port: int

    def get(
        self,
        path: str,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        tls: ssl.SSLContext | None = None,
    ) -> Answer:
        """Returns the response to one request. Does not follow redirects."""
        connection = (
            http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=tls)
            if tls
            else http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        )
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()


def run_redirects(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs `python3 deploy/redirects.py …` with a Python that finds neither site_src nor any library."""
    return subprocess.run(
        [sys.executable, "-I", "-S", REPOSITORY / "deploy/redirects.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def made_redirects(site: Path, folder: Path) -> str:
    """Runs deploy/redirects.py for a built site. Returns the text of the file that the script makes."""
    made = folder / "redirects.conf"
    done = run_redirects(site / "_redirects", made)
    assert done.returncode == 0, done.stderr
    return made.read_text(encoding="utf-8")


def free_port() -> int:
    """Returns a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def configured(folder: Path, content: str, redirects: str = "") -> Path:
    """Makes a folder like /etc/nginx, with our files in `quotabord`. Returns its main file."""
    shutil.copytree(DEPLOYED, folder / "quotabord")
    if redirects:
        (folder / "quotabord" / "redirects.conf").write_text(redirects, encoding="utf-8")
    modules = f"load_module {NJS};" if NJS else ""
    main = folder / "nginx.conf"
    main.write_text(_FRAME.format(folder=folder, content=content, modules=modules), encoding="utf-8")
    return main


@contextmanager
def running(main: Path, port: int) -> Iterator[WebServer]:
    """Runs nginx with this main file until the block ends. Yields when nginx answers on the port."""
    assert NGINX
    log = main.with_name("error.log")
    process = subprocess.Popen([NGINX, "-p", str(main.parent), "-c", str(main), "-e", str(log)])
    try:
        deadline = time.monotonic() + 60
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, "nginx does not answer"
            time.sleep(0.02)
        yield WebServer(port)
        assert process.poll() is None, log.read_text(encoding="utf-8")
    finally:
        process.terminate()
        process.wait(timeout=20)
