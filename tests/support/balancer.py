"""HAProxy with deploy/bucket/haproxy.cfg, on ports of this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.project import REPOSITORY
from tests.support.residents import wait_until
from tests.support.web_server import WebServer, free_port

HAPROXY = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin")
_DEPLOYED = REPOSITORY / "deploy/bucket/haproxy.cfg"


@contextmanager
def balanced(folder: Path, ports: Sequence[int], certificate: Path | None = None) -> Iterator[WebServer]:
    """HAProxy before servers on these ports, from when it answers.

    With a certificate, it is the port with TLS; without one, that port has none, and nothing redirects to it.
    """
    assert HAPROXY
    text, port = _DEPLOYED.read_text(encoding="utf-8"), free_port()
    if certificate:
        text = text.replace("bind :80", f"bind 127.0.0.1:{free_port()}")
        text = text.replace(
            "bind :443 ssl crt /etc/haproxy/working-holiday.pem",
            f"bind 127.0.0.1:{port} ssl crt {certificate}",
        )
    else:
        text = re.sub(r"    bind :80\n|    http-request redirect .*\n", "", text)
        text = re.sub(r"bind :443 .*", f"bind 127.0.0.1:{port}", text)
    own = "".join(f"    server web{number} 127.0.0.1:{port}\n" for number, port in enumerate(ports, start=1))
    text = re.sub(r"(    server web\d .*\n)+", own, text)
    (folder / "haproxy.cfg").write_text(text)
    process = subprocess.Popen([HAPROXY, "-db", "-q", "-f", str(folder / "haproxy.cfg")])
    try:
        server = WebServer(port)
        wait_until(lambda: certificate or answers(server))
        yield server
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(server: WebServer) -> bool:
    """True when the site is served."""
    try:
        return server.get("/release.json").status == 200
    except OSError:
        return False
