"""A web server that follows a bucket: what it refuses, when it hides the link, and what it does if the store fails."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from site_src.bucket import follower, roots, signing
from site_src.bucket.pointer import TIMESTAMP, Pointer
from tests.support.commands import command
from tests.support.object_store import BucketSite, Server, as_key
from tests.support.residents import wait_until

pytestmark = pytest.mark.store


def pointer_bytes(site: BucketSite) -> bytes:
    """Returns timestamp.json as it is in the bucket."""
    found = site.store.get(TIMESTAMP)
    assert found
    return found.data


def close_korea(site: BucketSite) -> None:
    """Closes South Korea and publishes."""
    done = command(site.project, "quota", "close", "south-korea")
    assert done.returncode == 0, done.stderr


def lease_end(server: Server) -> float:
    """Returns the moment at which the web server's lease ends."""
    return (server.folder / "lease").stat().st_mtime


def change_pointer(site: BucketSite, folder: Path, alter: Callable[[Pointer], Pointer]) -> None:
    """Writes a changed pointer to the bucket, signed with the publisher's key."""
    bucket = site.open(folder, writes=True)
    there = bucket.pointers.read()
    assert there
    bucket.pointers.write(alter(there.pointer), there)


@pytest.fixture
def followed(site: BucketSite, server: Server) -> Server:
    """A web server that has fetched the first release, which shows South Korea's link."""
    site.published()
    server.step()
    assert server.target.shows_link("south-korea")
    assert server.shows_link
    return server


@pytest.mark.parametrize("restarted", [False, True], ids=["running", "after a restart"])
def test_an_older_pointer_is_refused(site: BucketSite, followed: Server, restarted: bool) -> None:
    """If somebody restores the pointer of the open release, the closing stays, even for a restarted follower."""
    before = pointer_bytes(site)
    close_korea(site)
    followed.step()
    if restarted:
        followed.restart()
    site.store.put(TIMESTAMP, before)
    for _ in range(2):
        followed.step()

    assert not followed.target.shows_link("south-korea")
    assert "is not trusted" in followed.calls[-1]


def test_a_pointer_of_another_key_is_refused(site: BucketSite, followed: Server, tmp_path: Path) -> None:
    """A pointer signed with a key that the root does not name changes nothing and raises an alarm."""
    other = roots.make_keys(tmp_path / "root.pem", tmp_path / "online.pem", 10)
    key = signing.load_online_key(tmp_path / "online.pem", other)
    bucket = site.open(tmp_path / "attacker", writes=True)
    (tmp_path / "attacker").mkdir()
    there = bucket.pointers.read()
    assert there
    site.store.put(TIMESTAMP, key.sign_pointer(replace(there.pointer, version=there.pointer.version + 1)))
    followed.step()

    assert followed.target.number == 1
    assert len(followed.calls) == 1
    assert "is not trusted" in followed.calls[0]


def test_a_changed_blob_is_refused(site: BucketSite, followed: Server) -> None:
    """If a page of the new release was changed in the bucket, a follower does not serve that release.

    The old release stays, and the lease is not renewed.
    """
    site.project.replace("content/en/japan.md", "title: ", "title: New ")
    site.published()
    about = site.working.manifest.files["en/japan/index.html"]
    site.store.put(f"blobs/{about.sha256}", b"<p>Forged.</p>")
    before = lease_end(followed)
    followed.step()

    assert followed.target.number == 1
    assert lease_end(followed) == before
    assert "was changed in the bucket, and is not used" in followed.calls[0]

    site.store.put(
        f"blobs/{about.sha256}", (site.working.folder / "current/site/en/japan/index.html").read_bytes()
    )
    followed.step()
    assert followed.target.number == 2


def test_an_expired_root_is_refused(
    site: BucketSite, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the root has expired, a follower accepts nothing and prints a message. `keys rotate` fixes it."""
    # Enough for a publish on a busy machine.
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=8)
    monkeypatch.setattr(roots, "_expiry", lambda _: expires)
    rotate = ("keys", "rotate", "--root-key", str(site.keys / "root.pem"))
    assert command(site.project, *rotate).returncode == 0
    site.published()
    wait_until(lambda: datetime.now(UTC) > expires)

    server.step()
    assert not server.folder.joinpath("current").exists()
    assert "root expired on" in server.calls[0]
    assert command(site.project, "keys", "check").returncode == 1

    monkeypatch.undo()
    as_key("publisher")
    assert command(site.project, *rotate).returncode == 0
    site.published()
    server.step()
    assert server.shows_link


def test_the_root_is_followed_through_rotations(site: BucketSite, followed: Server, tmp_path: Path) -> None:
    """A running follower accepts new keys that the offline root key signed. After that, it rejects the old key."""
    old = site.open(tmp_path / "thief", writes=True)
    (tmp_path / "thief").mkdir()
    stolen, there = (
        signing.load_online_key(site.keys / "online.pem", roots.newest_root(site.project.root / "keys")),
        old.pointers.read(),
    )
    done = command(
        site.project, "keys", "rotate", "--root-key", str(site.keys / "root.pem"),
        "--new-root-key", str(site.keys / "root2.pem"), "--new-online-key", str(site.keys / "online2.pem"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "is not the online key" in site.command("publish").stderr
    text = (site.project.root / "local.yaml").read_text().replace("online.pem", "online2.pem")
    site.project.write("local.yaml", text)

    assert site.command("publish").returncode == 0
    followed.step()
    assert followed.calls == []
    close_korea(site)
    followed.step()
    assert not followed.target.shows_link("south-korea")

    assert there
    site.store.put(TIMESTAMP, stolen.sign_pointer(replace(there.pointer, version=1000)))
    followed.step()
    assert not followed.target.shows_link("south-korea")
    assert "is not trusted" in followed.calls[-1]


def test_a_fast_forward_ends_with_a_rotation(site: BucketSite, followed: Server, tmp_path: Path) -> None:
    """If a thief of the online key signs a huge version, followers accept the publisher's pointer again after a rotation."""
    (tmp_path / "thief").mkdir()
    change_pointer(site, tmp_path / "thief", lambda pointer: replace(pointer, version=2**31))
    followed.step()
    done = command(
        site.project,
        "keys",
        "rotate",
        "--root-key",
        str(site.keys / "root.pem"),
        "--new-online-key",
        str(site.keys / "new.pem"),
    )
    assert done.returncode == 0, done.stderr
    text = (site.project.root / "local.yaml").read_text().replace("online.pem", "new.pem")
    site.project.write("local.yaml", text)

    close_korea(site)
    followed.step()

    assert not followed.target.shows_link("south-korea")


def test_a_closing_whose_blobs_are_missing_hides_first(site: BucketSite, followed: Server) -> None:
    """If a follower cannot fetch the closing's release, its lease still ends when it first sees the closing."""
    close_korea(site)
    site.store.delete(f"blobs/{site.working.manifest.files['en/south-korea/index.html'].sha256}")

    followed.follower.look()

    assert not followed.shows_link
    followed.follower.catch_up()
    assert followed.target.number == 1
    assert not followed.shows_link
    assert "is missing" in followed.calls[0]


def test_a_hold_hides_everywhere_until_something_is_published(site: BucketSite, followed: Server) -> None:
    """If a closing cannot be written to the log, the link is still hidden on every server.

    The next publish shows the true state.
    """
    log = site.project.root / "quota_state.yaml"
    text = log.read_text()
    log.write_text(text + "\t- broken")

    done = command(site.project, "quota", "close", "south-korea")
    followed.step()

    assert done.returncode == 1
    assert "The link is hidden. The new notice is not published yet" in done.stderr
    assert not followed.shows_link
    log.write_text(text)
    assert site.command("publish").returncode == 0
    followed.step()
    assert followed.shows_link


def test_the_store_hangs(site: BucketSite, followed: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the store hangs, the lease is not renewed, and the server soon reports that it is not ready.

    Both recover without help.
    """
    monkeypatch.setattr(follower, "CONTACT_SECONDS", 2.0)
    monkeypatch.setattr(follower, "_SILENT_SECONDS", 2.0)
    time.sleep(1)
    followed.step()
    with site.server.stopped():
        followed.step()
        followed.step()
        assert not followed.follower.is_ready
        os.utime(followed.folder / "lease", (1, 1))
        followed.restart()
        followed.step()
        assert not followed.shows_link
        assert not followed.follower.is_ready
        assert followed.target.number == 1
    followed.step()
    assert followed.shows_link
    assert followed.follower.is_ready


def test_a_clock_that_is_behind_hides(site: BucketSite, followed: Server, tmp_path: Path) -> None:
    """If this server's clock is earlier than the time at which the pointer was signed, the lease ends.

    An alarm gives the reason, and the server is not ready.
    """
    (tmp_path / "clock").mkdir()
    change_pointer(
        site,
        tmp_path / "clock",
        lambda pointer: replace(
            pointer, version=pointer.version + 1, signed=datetime.now(UTC) + timedelta(seconds=30)
        ),
    )
    followed.step()

    assert not followed.shows_link
    assert not followed.follower.is_ready
    assert "The clocks of this server and of the publisher differ by 30 seconds" in followed.calls[0]


def test_a_lease_that_ended_hides_without_the_store(
    site: BucketSite, followed: Server, tmp_path: Path
) -> None:
    """A follower's lease ends at the second in a resident publisher's pointer.

    After that second the link is hidden, even if the store cannot be reached.
    """
    (tmp_path / "resident").mkdir()
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    change_pointer(
        site,
        tmp_path / "resident",
        lambda pointer: replace(
            pointer, version=pointer.version + 1, expires=ends, lease=3, signed=datetime.now(UTC)
        ),
    )
    followed.step()
    assert lease_end(followed) == ends.timestamp()


def test_the_journal_and_files_of_a_follower_verify(site: BucketSite, followed: Server) -> None:
    """On a web server, `releases TARGET --verify` finds nothing wrong, and `publish TARGET` can go on from the folder."""
    close_korea(site)
    followed.step()
    done = followed.target.command("releases", "--verify")
    assert done.returncode == 0, done.stderr

    back = followed.target.publish()
    assert back.returncode == 0, back.stderr
    assert followed.target.number == 2
