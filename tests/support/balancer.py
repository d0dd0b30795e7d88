"""HAProxy and its web servers, with the files of deploy/, on ports of this machine."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.project import REPOSITORY
from tests.support.residents import wait_until
from tests.support.web_server import WebServer, configured, free_port, running

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin")
_DEPLOYED = REPOSITORY / "deploy/bucket/haproxy.cfg"


@contextmanager
def web_server(folder: Path, target: Path) -> Iterator[WebServer]:
    """Runs nginx with deploy/nginx/behind-balancer.conf for the target. Makes `folder` for nginx."""
    port = free_port()
    folder.mkdir()
    main = configured(folder, "include quotabord/behind-balancer.conf;")
    file = folder / "quotabord/behind-balancer.conf"
    text = file.read_text(encoding="utf-8").replace("    listen [::]:80 default_server;\n", "")
    text = text.replace("listen 80 default_server", f"listen 127.0.0.1:{port} default_server")
    file.write_text(text.replace("/srv/www/working-holiday;", f"{target};", 1), encoding="utf-8")
    with running(main, port) as server:
        yield server


@dataclass(frozen=True)
class Balancer:
    """A running HAProxy. Visitors reach it at `public`, which has TLS if there is a certificate.

    `plain` is the port that redirects visitors to TLS, or 0.
    """

    public: WebServer
    plain: int


@contextmanager
def balanced(folder: Path, ports: Sequence[int], certificate: Path | None = None) -> Iterator[Balancer]:
    """Runs HAProxy in front of the servers on these ports.

    Without a certificate, it has no TLS, and no port that redirects to TLS.
    """
    assert HAPROXY
    text, port, plain = _DEPLOYED.read_text(encoding="utf-8"), free_port(), 0
    secure = "bind :443 ssl crt /etc/haproxy/working-holiday.pem"
    if certificate:
        plain = free_port()
        text = text.replace("bind :80", f"bind 127.0.0.1:{plain}")
        text = text.replace(secure, f"bind 127.0.0.1:{port} ssl crt {certificate}")
    else:
        text = re.sub(r"    bind :80\n|    http-request redirect .*\n", "", text)
        text = re.sub(rf"{secure}.*", f"bind 127.0.0.1:{port}", text)
    own = "".join(f"    server web{number} 127.0.0.1:{port}\n" for number, port in enumerate(ports, start=1))
    text = re.sub(r"(    server web\d .*\n)+", own, text)
    (folder / "haproxy.cfg").write_text(text)
    process = subprocess.Popen([HAPROXY, "-db", "-q", "-f", str(folder / "haproxy.cfg")])
    try:
        wait_until(lambda: _is_open(port))
        yield Balancer(WebServer(port), plain)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
