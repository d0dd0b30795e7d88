"""The lease with a real nginx, and with a real resident publisher that dies, hangs, restarts or closes."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_src.commands import hide_first
from site_src.publish.lease import ENDED, Hold, expire_lease, make_lease, read_lease, renew_lease
from site_src.render.headers import headers_of
from tests.deploy.test_nginx import expected, own_headers
from tests.support.commands import command
from tests.support.project import tree
from tests.support.published import LINK, Target
from tests.support.residents import resident, wait_until
from tests.support.visiting import visiting
from tests.support.web_server import BY_MODE, LEASED, NGINX, NJS, WebServer, configured, free_port, running

pytestmark = [
    pytest.mark.nginx,
    pytest.mark.skipif(not NGINX, reason="nginx is not installed: apt-get install nginx-light"),
    pytest.mark.skipif(NJS is None, reason="njs is not installed: apt-get install libnginx-mod-http-js"),
]
LEASE = 3
CLOSINGS = 8


@pytest.fixture
def opened(target: Target) -> Target:
    """A published site that shows its two links, without a lease."""
    for programme in ("japan", "south-korea"):
        target.project.set_log(programme, "open 2026-04-01 00:00")
    target.published()
    return target


@pytest.fixture
def server(opened: Target, tmp_path: Path) -> Iterator[WebServer]:
    """An nginx that is configured for the target's lease."""
    port = free_port()
    with running(
        configured(tmp_path / "etc", LEASED.format(port=port, target=opened.folder)), port
    ) as started:
        yield started


def shows_link(server: WebServer) -> bool:
    """Returns whether a visitor sees Japan's link."""
    answer = server.get("/en/japan/")
    assert answer.status == 200
    return LINK.encode() in answer.body


def test_each_tree_has_its_bytes_and_the_headers(opened: Target, server: WebServer) -> None:
    """With a valid lease nginx sends the bytes of `site`, and without one those of `hidden`.

    The status is always 200 and the headers are the same. No 304 keeps a link.
    """
    make_lease(opened.folder)
    site, hidden = (tree(opened.folder / "current" / name) for name in ("site", "hidden"))
    tags: dict[str, str] = {}
    for until, files in ((time.time() + 600, site), (ENDED, hidden)):
        renew_lease(opened.folder, until)
        for path in files:
            if path.startswith("_") or path.endswith((".gz", "404.html")):
                continue
            place = "/" + path.removesuffix("index.html")
            answer = server.get(place)
            assert (answer.status, answer.headers["Content-Type"]) == (200, headers_of(path)["Content-Type"])
            assert (answer.body, own_headers(answer)) == (files[path], expected(path)), path
            if path in tags:
                known = server.get(place, {"If-None-Match": tags[path]}).status == 304
                assert known == (site[path] == hidden[path]), path
            tags[path] = answer.headers["ETag"]
        missing = server.get("/nl/nothing/")
        assert (missing.status, missing.body) == (404, files["nl/404.html"])
        assert server.get("/_headers").status == 404
    assert site["en/japan/index.html"] != hidden["en/japan/index.html"]


@pytest.mark.parametrize("lease", ["missing", "link", "folder", "past"])
def test_in_doubt_the_link_is_hidden(opened: Target, server: WebServer, lease: str) -> None:
    """The link is hidden if there is no lease, if something else is in its place, or if the lease has ended."""
    place = opened.folder / "lease"
    if lease == "link":
        os.utime(opened.folder / "journal.jsonl", (4e9, 4e9))
        place.symlink_to("journal.jsonl")
    elif lease == "folder":
        place.mkdir()
        os.utime(place, (4e9, 4e9))
    elif lease == "past":
        make_lease(opened.folder)

    assert not shows_link(server)


def test_without_njs_a_command_hides_and_time_does_not(opened: Target, tmp_path: Path) -> None:
    """The variant without njs looks only at the mode of the lease file.

    It hides the link if there is no lease or a command has hidden it, but still shows the link after the
    lease has ended.
    """
    port = free_port()
    with running(
        configured(tmp_path / "mode", BY_MODE.format(port=port, target=opened.folder)), port
    ) as server:
        assert not shows_link(server)
        make_lease(opened.folder)
        assert not shows_link(server)
        renew_lease(opened.folder, time.time() + 0.05)
        time.sleep(0.1)
        assert shows_link(server)
        hold = Hold(opened.folder)
        assert not shows_link(server)
        assert server.get("/nl/nothing").body == (opened.folder / "current/hidden/nl/404.html").read_bytes()
        hold.close()


def test_ready_and_health(opened: Target, server: WebServer) -> None:
    """nginx is ready if there is a release, a recent heartbeat, and a lease that is valid or that a closing ended.

    Otherwise it answers 503.
    """
    assert (server.get("/-/ready").status, server.get("/-/ready").body) == (503, b"not ready\n")
    make_lease(opened.folder)
    renew_lease(opened.folder, time.time() + 100)
    assert server.get("/-/ready").status == 503
    (opened.folder / "heartbeat.json").write_text("{}")
    answer = server.get("/-/ready")
    assert (answer.status, answer.body, answer.headers["Cache-Control"]) == (200, b"ready\n", "no-store")
    health = json.loads(server.get("/-/health").body)
    assert health["ready"]
    assert 90 < health["leaseSeconds"] <= 100
    expire_lease(opened.folder, ENDED)
    assert server.get("/-/ready").status == 200
    os.utime(opened.folder / "lease", (time.time() - 1,) * 2)
    assert server.get("/-/ready").status == 503
    renew_lease(opened.folder, time.time() + 100)
    os.utime(opened.folder / "heartbeat.json", (0, 0))
    assert server.get("/-/health").status == 503
    (opened.folder / "heartbeat.json").touch()
    (opened.folder / "current").unlink()
    assert server.get("/-/ready").status == 503


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["kill", "stop"])
def test_a_publisher_that_dies_hides_the_link(opened: Target, server: WebServer, how: signal.Signals) -> None:
    """Visitors see the link until the lease of the dead publisher ends, and not after that.

    Every answer is complete. When the publisher runs again, the link returns.
    """
    with resident(opened, "--lease", str(LEASE)) as process:
        wait_until(lambda: shows_link(server))
        with visiting(server.port) as visitors:
            time.sleep(0.5)
            process.send_signal(how)
            time.sleep(0.2)
            beat = read_lease(opened.folder)
            assert beat
            end = time.monotonic() - (time.time() - beat.until)
            wait_until(lambda: not shows_link(server))
            time.sleep(1)
            if how is signal.SIGSTOP:
                assert not shows_link(server)
        assert {one.status for one in visitors.seen} == {200}
        # The two clocks are not read at the same moment.
        assert all(one.link for one in visitors.seen if one.answered < end - 0.1)
        assert not any(one.link for one in visitors.seen if one.asked > end + 0.1)
        assert beat.until <= beat.changed + LEASE + 0.1
        process.send_signal(signal.SIGCONT)
        if how is signal.SIGSTOP:
            wait_until(lambda: shows_link(server))
    with resident(opened, "--lease", str(LEASE)):
        wait_until(lambda: shows_link(server))


def test_a_closed_site_never_flips(opened: Target, server: WebServer) -> None:
    """If the publisher of a site without links dies, visitors get the notice of the state, and never the unconfirmed one."""
    with resident(opened, "--lease", str(LEASE)) as process:
        for programme in ("japan", "south-korea"):
            assert (
                command(
                    opened.project, "quota", "close", programme, "--publish", str(opened.folder)
                ).returncode
                == 0
            )
        process.kill()
    page = (opened.folder / "current/site/en/japan/index.html").read_bytes()
    with visiting(server.port) as visitors:
        time.sleep(LEASE + 1)
        assert server.get("/en/japan/").body == page
    assert {(one.status, one.link) for one in visitors.seen} == {(200, False)}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["upgrade", "crash"])
def test_a_restart_ends_no_lease(opened: Target, server: WebServer, how: signal.Signals) -> None:
    """If a publisher is stopped or dies and is started again a second later, every visitor gets the link."""
    with resident(opened, "--lease", "30") as process:
        wait_until(lambda: shows_link(server))
        with visiting(server.port, number=1) as visitors:
            process.send_signal(how)
            process.wait(60)
            time.sleep(1)
            with resident(opened, "--lease", "30"):
                time.sleep(0.5)
        assert {(one.status, one.link) for one in visitors.seen} == {(200, True)}


def test_closings_under_load(opened: Target, server: WebServer) -> None:
    """During eight closings under load, all answers have status 200.

    Once a closing has ended the lease, no new request gets the link.
    """
    with resident(opened, "--lease", "30"), visiting(server.port) as visitors:
        for _ in range(CLOSINGS):
            wait_until(lambda: shows_link(server))
            hidden = closing(opened)
            assert not opened.shows_link()
            late = [one for one in visitors.seen if one.link and one.asked > hidden]
            assert not late
            assert (
                command(
                    opened.project,
                    "quota",
                    "set",
                    "japan",
                    "places_available",
                    "--yes",
                    "--publish",
                    str(opened.folder),
                ).returncode
                == 0
            )
    assert {one.status for one in visitors.seen} == {200}
    assert sum(one.link for one in visitors.seen) > CLOSINGS
    assert sum(not one.link for one in visitors.seen) > CLOSINGS


def closing(target: Target) -> float:
    """Runs `quota close`, and returns the `time.monotonic` moment at which the lease ended.

    At that moment, nothing has been read or published.
    """
    ended: list[float] = []

    def hold(place: Path) -> Hold:
        made = Hold(place)
        ended.append(time.monotonic())
        return made

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hide_first, "Hold", hold)
        done = command(target.project, "quota", "close", "japan", "--publish", str(target.folder))
    assert done.returncode == 0, done.stderr
    return ended[0]
