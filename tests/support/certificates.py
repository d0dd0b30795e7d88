"""Certificates for servers on this machine, from an authority of the tests."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def certify(folder: Path) -> None:
    """Makes `ca.pem` of an authority.

    Makes `cert.pem` and `key.pem` of a server `localhost`, certified by that authority.
    """
    for words in (
        ("req", "-x509", *_NEW_KEY, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Agency", "-addext", "basicConstraints=critical,CA:TRUE"),
        ("req", *_NEW_KEY, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=server", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
        ("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-copy_extensions", "copy", "-out", "cert.pem"),
    ):  # fmt: skip
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def as_server(folder: Path) -> ssl.SSLContext:
    """Returns the TLS context of a server with the certificate that `certify` made in the folder."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def as_client(folder: Path) -> ssl.SSLContext:
    """Returns the TLS context of a visitor who trusts only the authority in the folder."""
    return ssl.create_default_context(cafile=str(folder / "ca.pem"))
