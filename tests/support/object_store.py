"""A real SeaweedFS, small servers with deliberate faults, and a project that is published to a bucket of one of them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from site_src.bucket.address import Address, parse_address
from site_src.bucket.follower import Follower
from site_src.bucket.object_store import ObjectStore
from site_src.bucket.opening import Bucket, open_bucket
from site_src.read.local import StoreSettings
from tests.support.commands import Done, command
from tests.support.project import Project
from tests.support.published import Target

WEED = shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
BUCKET = "site"
_ACTIONS = {"publisher": ("Read", "Write", "List"), "follower": ("Read",)}


@dataclass(frozen=True)
class StoreServer:
    """A running store with the access keys `publisher` and `follower`.

    The secret of each is `secret-` and its name.
    """

    endpoint: str
    process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Makes the store hang until the block ends: it accepts connections but does not respond."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


@contextmanager
def seaweed(folder: Path) -> Iterator[StoreServer]:
    """Runs SeaweedFS with one bucket, in which a publisher may put, get, list and delete, and a follower may get."""
    assert WEED
    ports = _free_ports(5)
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [
        {
            "name": name,
            "credentials": [{"accessKey": name, "secretKey": f"secret-{name}"}],
            "actions": [f"{action}:{BUCKET}" for action in actions],
        }
        for name, actions in _ACTIONS.items()
    ]}))  # fmt: skip
    names = ("master", "volume", "filer", "s3", "admin")
    with open(folder / "weed.log", "wb") as log:
        process = subprocess.Popen(
            [
                WEED, "-logtostderr=true", "mini", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}",
                *(f"-{name}.port={port}" for name, port in zip(names, ports, strict=True)),
                f"-s3.config={config}", "-webdav=false", f"-bucket={BUCKET}",
            ],
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    server = StoreServer(f"http://127.0.0.1:{ports[3]}", process)
    try:
        _wait_for(server, folder / "weed.log")
        yield server
    finally:
        process.kill()
        process.wait()


def _wait_for(server: StoreServer, log: Path) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            as_key("publisher")
            open_store(server, "ready", 1.0).put("object", b"ready")
            return
        except OSError:
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    """Returns free ports. For each one, the port 10,000 above it is free too."""
    found: list[int] = []
    for port in range(21000 + os.getpid() % 5000, 40000):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 10000))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            break
    return found


def as_key(name: str) -> None:
    """Gives this process, and its children, the access key with this name."""
    os.environ.update({"AWS_ACCESS_KEY_ID": name, "AWS_SECRET_ACCESS_KEY": f"secret-{name}"})


def settings_of(server: StoreServer, key: Path | None = None) -> StoreSettings:
    """Returns the settings of a host that uses this store."""
    return StoreSettings(endpoint=server.endpoint, region="us-east-1", signing_key=str(key) if key else None)


def open_store(server: StoreServer, prefix: str, patience: float = 5.0) -> ObjectStore:
    """Returns the objects below the prefix."""
    return ObjectStore(Address(BUCKET, prefix), settings_of(server), patience)


@dataclass(frozen=True)
class BucketSite:
    """A project with its keys, published to its own prefix in the bucket."""

    project: Project
    server: StoreServer
    prefix: str
    keys: Path

    @property
    def address(self) -> str:
        """The address of the bucket and prefix that commands get."""
        return f"s3://{BUCKET}/{self.prefix}"

    @property
    def store(self) -> ObjectStore:
        """The objects of the site."""
        return open_store(self.server, self.prefix)

    @property
    def working(self) -> Target:
        """The working target of this project's publisher."""
        return Target(self.project, parse_address(self.address).working_target(self.project.root))

    def command(self, word: str, *more: str) -> Done:
        """Runs a command in this process, with the bucket as its target."""
        return command(self.project, word, self.address, *more)

    def published(self, *more: str, code: int = 0) -> str:
        """Publishes, and checks the exit code. Returns the name of the live release."""
        done = self.command("publish", *more)
        assert done.returncode == code, done.stdout + done.stderr
        return self.working.name

    def open(self, folder: Path, writes: bool = False) -> Bucket:
        """Opens the bucket as a machine with this folder sees it."""
        address, settings = parse_address(self.address), settings_of(self.server, self.keys / "online.pem")
        return open_bucket(address, self.project.root, folder, settings, 2.0, writes)

    def write_local(self, *more: str) -> None:
        """Writes local.yaml with the host's settings."""
        lines = (
            f"target: {self.address}", "store:", f"  endpoint: {self.server.endpoint}", "  region: us-east-1",
            f"  signing_key: {self.keys / 'online.pem'}", *more,
        )  # fmt: skip
        self.project.write("local.yaml", "\n".join(lines) + "\n")


def bucket_site(project: Project, server: StoreServer, prefix: str, keys: Path) -> BucketSite:
    """Returns the project with its own keys, to be published below the prefix."""
    site = BucketSite(project, server, prefix, keys)
    keys.mkdir(exist_ok=True)
    if not (keys / "root.pem").exists():
        done = command(
            project,
            "keys",
            "init",
            "--root-key",
            str(keys / "root.pem"),
            "--online-key",
            str(keys / "online.pem"),
        )
        assert done.returncode == 0, done.stderr
    site.write_local()
    return site


@dataclass
class Server:
    """A web server's folder. It follows the bucket step by step in this process."""

    site: BucketSite
    folder: Path
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.restart()

    @property
    def target(self) -> Target:
        """The folder as visitors see it."""
        return Target(self.site.project, self.folder)

    def restart(self) -> None:
        """Ends the follower and starts a new one."""
        from site_src.file_lock import Wait
        from site_src.publish.releases import target_lock

        with target_lock(self.folder, Wait()):
            pass
        bucket = self.site.open(self.folder)
        self.follower = Follower(
            bucket.pointers.store, bucket.new_trust, self.folder, 20, self.calls.append, lambda _: None
        )

    def step(self) -> None:
        """Makes the follower look once and act on what it sees."""
        self.follower.look()
        self.follower.catch_up()

    @property
    def shows_link(self) -> bool:
        """Whether the web server shows a link: a release is live, and the lease has not ended."""
        lease = self.folder / "lease"
        return lease.exists() and lease.stat().st_mtime > time.time()


class CarelessStore(BaseHTTPRequestHandler):
    """An S3 server in memory that ignores conditions.

    With `bare`, it checks conditions, but accepts only ETags without quotes.
    """

    objects: dict[str, bytes]
    bare = False
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # The response is sent in one packet.

    def log_message(self, format: str, *args: Any) -> None:
        """Prints nothing."""

    def do_PUT(self) -> None:
        """Stores the body."""
        path, body = urlsplit(self.path).path, self.rfile.read(int(self.headers["Content-Length"] or 0))
        there, wanted = self.objects.get(path), self.headers["If-Match"]
        exists = self.headers["If-None-Match"] == "*" and there is not None
        if self.bare and (exists or (wanted and (there is None or wanted != _md5(there)))):
            self._answer(412, b"")
            return
        self.objects[path] = body
        self._answer(200, b"", body)

    def do_GET(self) -> None:
        """Returns one object, or a list."""
        parts = urlsplit(self.path)
        if "list-type" in parts.query:
            prefix = parse_qs(parts.query).get("prefix", [""])[0]
            found = [key.split("/", 2)[2] for key in self.objects if key.split("/", 2)[2].startswith(prefix)]
            entries = "".join(
                f"<Contents><Key>{key}</Key><LastModified>2020-01-01T00:00:00Z</LastModified><ETag>x</ETag><Size>1</Size></Contents>"
                for key in sorted(found)
            )
            text = f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
            self._answer(200, text.encode())
        elif (there := self.objects.get(parts.path)) is None:
            self._answer(404, b"")
        else:
            self._answer(200, there, there)

    def do_DELETE(self) -> None:
        """Deletes an object."""
        self.objects.pop(urlsplit(self.path).path, None)
        self._answer(204, b"")

    def _answer(self, status: int, body: bytes, etag_of: bytes | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if etag_of is not None:
            self.send_header("ETag", f'"{_md5(etag_of)}"')
            self.send_header("Last-Modified", "Wed, 01 Jan 2020 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


class _PatientServer(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


@contextmanager
def careless_store(bare: bool = False) -> Iterator[StoreServer]:
    """Runs a `CarelessStore` on a port of this machine."""
    handler = type("Handler", (CarelessStore,), {"objects": {}, "bare": bare})
    server = _PatientServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield StoreServer(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
