"""The lease is a file whose modification time decides whether visitors get the link. A keeper renews it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from site_src.commands.quota_inputs import read_quota_inputs
from site_src.problems import InputRefused
from site_src.publish import lease_keeper as keeping
from site_src.publish.lease import (
    ENDED,
    FAR_FUTURE,
    HELD,
    LEASE_FILE,
    NOTED,
    Hold,
    expire_lease,
    make_lease,
    read_lease,
    renew_lease,
    switching,
)
from site_src.publish.lease_keeper import LeaseKeeper
from site_src.publish.publisher import Publisher
from site_src.quota.log import Log
from site_src.read.project import Project
from tests.support.commands import command
from tests.support.published import Target

SECONDS = 30.0
OPEN_LONG_AGO = "open 2026-04-01 00:00"


def until(folder: Path) -> float:
    """Returns the moment at which the lease of the folder ends."""
    lease = read_lease(folder)
    assert lease
    return lease.until


def renewed(folder: Path, seconds: float = SECONDS) -> bool:
    """Returns whether the lease was renewed within the last five seconds, for this number of seconds."""
    return 0 < until(folder) - time.time() <= seconds and until(folder) - time.time() > seconds - 5


@pytest.fixture
def leased(tmp_path: Path) -> Path:
    """A folder with a lease of half a minute."""
    make_lease(tmp_path)
    assert renew_lease(tmp_path, time.time() + SECONDS)
    return tmp_path


def test_only_the_standard_library_is_needed_to_hide() -> None:
    """Importing the module `lease` loads only the standard library, and no other module of site_src."""
    code = "import sys; import site_src.publish.lease; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '.'); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())

    assert {name for name in loaded if name.startswith("site_src")} == {
        "site_src", "site_src.publish", "site_src.publish.lease",
    }  # fmt: skip
    assert {name.partition(".")[0] for name in loaded} <= {*sys.stdlib_module_names, "site_src", "__main__"}


def test_expiring_creates_nothing_and_follows_no_link(tmp_path: Path) -> None:
    """If there is no lease, ending it changes nothing.

    A symbolic link in its place is not a lease, and the link's destination stays unchanged.
    """
    assert not expire_lease(tmp_path)
    assert not expire_lease(tmp_path / "missing")
    assert not list(tmp_path.iterdir())
    other = tmp_path / "other"
    other.touch()
    before = other.stat().st_mtime
    (tmp_path / LEASE_FILE).symlink_to(other)

    expire_lease(tmp_path)

    assert other.stat().st_mtime == before
    assert read_lease(tmp_path) is None
    with pytest.raises(OSError, match="plain file"):
        make_lease(tmp_path)
    with pytest.raises(OSError, match="symbolic"):
        renew_lease(tmp_path, time.time() + 1)


def test_a_new_lease_has_ended_and_only_its_owner_can_open_it(tmp_path: Path) -> None:
    """A new lease has already ended, and only its owner can open or lock it. An existing lease stays unchanged."""
    make_lease(tmp_path)
    assert until(tmp_path) == ENDED
    assert os.stat(tmp_path / LEASE_FILE).st_mode & 0o777 == 0o600
    renew_lease(tmp_path, time.time() + 9)
    make_lease(tmp_path)

    assert until(tmp_path) > time.time()


def test_the_file_is_executable_while_the_link_may_be_shown(leased: Path) -> None:
    """The executable bit shows a web server that cannot compare times whether a command has hidden the link."""

    def mode() -> int:
        return os.stat(leased / LEASE_FILE).st_mode & 0o777

    assert mode() == 0o700
    hold = Hold(leased)
    assert mode() == 0o600
    hold.release()
    hold.close()
    assert mode() == 0o600
    renew_lease(leased, FAR_FUTURE)
    assert mode() == 0o700
    with switching(leased, shows_link=True):
        assert mode() == 0o600


def test_what_is_not_vouched_for_is_not_renewed(leased: Path) -> None:
    """The lease is not renewed if nobody vouches for the state.

    If the vouch is withdrawn during a renewal, the lease ends.
    """
    expire_lease(leased, ENDED)
    assert not renew_lease(leased, time.time() + 9, lambda: False)
    assert until(leased) == ENDED
    answers = iter((True, False))
    assert not renew_lease(leased, time.time() + 9, lambda: next(answers))
    assert until(leased) == ENDED


def test_nobody_renews_while_a_command_hides(leased: Path) -> None:
    """A command that hides the link ends the lease at once.

    Nobody renews the lease during the command. After the command, only a released lease is renewed.
    """
    hold = Hold(leased)
    assert hold.hides
    assert until(leased) == HELD
    assert not renew_lease(leased, time.time() + 9)
    other = Hold(leased)
    hold.release()
    hold.close()
    assert not renew_lease(leased, time.time() + 9), "the other command is still at work"
    other.fail()
    other.close()

    assert until(leased) == HELD


def test_a_renewal_under_way_does_not_bring_the_link_back(leased: Path) -> None:
    """If a renewal begins before a command hides the link, and is written after that, the renewal is undone."""
    with open(leased / LEASE_FILE) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        child = os.fork()
        if not child:
            hold = Hold(leased)
            os._exit(0 if hold.hides and until(leased) == HELD else 1)
        while until(leased) != HELD:
            time.sleep(0.001)
        os.utime(file.fileno(), (time.time() + 9, time.time() + 9))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    assert until(leased) == HELD


def test_hiding_waits_for_no_lock(leased: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closing hides the link before it tries to lock the lease, and goes on while a stopped renewal holds the lock."""
    lock, seen = fcntl.flock, list[float]()

    def flock(file: int, kind: int) -> None:
        seen.append(until(leased))
        lock(file, kind)

    with open(leased / LEASE_FILE) as file:
        lock(file, fcntl.LOCK_EX)
        monkeypatch.setattr(fcntl, "flock", flock)
        hold = Hold(leased)

        assert until(leased) == HELD
        assert set(seen) == {HELD}
        hold.close()


def test_a_noted_event_lets_those_renew_who_have_read_it(leased: Path) -> None:
    """If a publish fails after its event is written, the mark stays.

    Only a publisher that has read the log since the event was written may renew the lease.
    """
    hold = Hold(leased)
    hold.note()
    hold.fail()
    hold.close()
    lease = read_lease(leased)

    assert lease
    assert lease.until == NOTED
    assert not lease.lets_renew(lease.changed - 1)
    assert lease.lets_renew(lease.changed + 1)


def test_a_command_that_hides_nothing_after_all_leaves_what_others_hid(leased: Path) -> None:
    """After a command is withdrawn, a publisher may renew the lease, unless an earlier command has failed."""
    hold = Hold(leased)
    hold.withdraw()
    hold.close()
    assert until(leased) == ENDED
    expire_lease(leased)
    hold = Hold(leased)
    hold.withdraw()
    hold.close()

    assert until(leased) == HELD


def test_a_lease_far_in_the_future_never_covers_a_link(leased: Path) -> None:
    """A lease far in the future ends before the switch to a release with a link.

    After the switch to a release without a link, the lease is set far in the future, and not before.
    """
    with switching(leased, shows_link=True):
        assert until(leased) > time.time()
    with switching(leased, shows_link=False):
        assert until(leased) < FAR_FUTURE
        assert not renew_lease(leased, time.time() + 9)
    assert until(leased) == FAR_FUTURE
    with switching(leased, shows_link=True):
        assert until(leased) == ENDED

    assert until(leased) == ENDED


class Keeping:
    """A target, a keeper that looks when the test calls it, and a publisher that vouches for the state."""

    def __init__(self, target: Target, root: Path | None = None) -> None:
        self.target, self.root = target, (root or target.project.root).resolve()
        self.folder = target.folder
        self.publisher = Publisher(self.root, target.folder, "test", 20)
        self.called: list[str] = []
        self.keeper = LeaseKeeper(
            self.root, target.folder, SECONDS, self.read_logs, self.called.append, self.called.append
        )

    def read_logs(self) -> Mapping[str, Log]:
        """Reads the quota log without the content."""
        return read_quota_inputs(Project(self.root)).logs

    def publish(self) -> None:
        """Tries to publish, and hands on what the publisher vouches for, even if it could not publish."""
        try:
            self.publisher.publish()
        except (InputRefused, OSError):
            pass
        finally:
            self.keeper.vouch(self.publisher.vouch, self.publisher.outdated)

    def look(self) -> float:
        """Makes the keeper look once. Returns the moment at which the lease ends after that."""
        self.keeper._look()
        return until(self.folder)


@pytest.fixture
def kept(target: Target) -> Keeping:
    """A published site that shows Japan's link, with its keeper."""
    target.project.set_log("japan", OPEN_LONG_AGO)
    kept = Keeping(target)
    kept.publish()
    assert target.shows_link()
    return kept


def test_the_keeper_renews_every_third(kept: Keeping) -> None:
    """The keeper creates the lease, and renews it each time a third of its length has passed."""
    kept.look()
    assert renewed(kept.folder)
    for left, again in ((SECONDS * 0.8, False), (SECONDS * 0.6, True), (-60, True), (500, True)):
        renew_lease(kept.folder, time.time() + left)
        before = until(kept.folder)
        assert (kept.look() != before) == again, left
    assert renewed(kept.folder)


def test_the_lease_ends_with_the_next_scheduled_closing(target: Target) -> None:
    """No lease lasts beyond the next scheduled closing, not even the lease for a hand-over."""
    closing = (datetime.now(UTC) + timedelta(seconds=SECONDS / 2)).replace(microsecond=0)
    target.project.set_log("japan", OPEN_LONG_AGO, f"quota_reached {closing:%Y-%m-%d %H:%M:%S}+00:00")
    kept = Keeping(target)
    kept.publish()

    assert kept.look() == closing.timestamp()
    kept.keeper.close()
    assert until(kept.folder) == closing.timestamp()


def test_without_a_link_the_lease_never_ends(kept: Keeping) -> None:
    """While no programme is open, the keeper sets the lease far in the future, even without a vouch."""
    kept.look()
    for programme in ("japan", "south-korea"):
        kept.target.project.set_log(programme, OPEN_LONG_AGO, "quota_reached 2026-04-02 00:00")
    kept.publish()
    assert until(kept.folder) == FAR_FUTURE
    renew_lease(kept.folder, time.time() + 1)

    assert Keeping(kept.target).look() == FAR_FUTURE
    kept.keeper.close()
    assert until(kept.folder) == FAR_FUTURE


def test_a_clean_stop_hands_over_for_ten_minutes(kept: Keeping) -> None:
    """After SIGTERM, the link stays for ten minutes, unless a command has hidden it."""
    kept.look()
    kept.keeper.close()
    assert renewed(kept.folder, 600)
    expire_lease(kept.folder)
    kept.keeper.close()

    assert until(kept.folder) == HELD


def test_a_log_that_hides_ends_the_lease_before_it_is_published(kept: Keeping) -> None:
    """The keeper reads only the log, so a publish that hangs, or broken content, does not delay the end of the lease."""
    kept.look()
    kept.target.project.set_log("japan", OPEN_LONG_AGO, "quota_reached 2026-04-02 00:00")

    assert kept.look() == ENDED
    assert kept.target.shows_link(), "nothing was published"
    kept.publish()
    kept.look()
    assert renewed(kept.folder)


def test_a_log_that_hides_nothing_lets_the_lease_run(kept: Keeping) -> None:
    """A comment or a scheduled event in the log does not end the lease.

    Once the log is published, the lease is renewed again.
    """
    kept.look()
    renew_lease(kept.folder, before := time.time() + 5)
    kept.target.project.write(
        "quota_state.yaml", (kept.root / "quota_state.yaml").read_text(encoding="utf-8") + "# seen\n"
    )
    assert abs(kept.look() - before) < 0.001
    kept.publish()
    kept.look()

    assert renewed(kept.folder)


def test_a_log_that_crashes_its_reader_hides(kept: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    """If reading the log raises any exception, the keeper hides the link and goes on."""
    kept.look()
    kept.target.project.write("quota_state.yaml", "japan: x\n")

    def crash() -> Mapping[str, Log]:
        raise RecursionError

    monkeypatch.setattr(kept.keeper, "_read_logs", crash)
    monkeypatch.setattr(keeping, "_RESTLESS_SECONDS", 0.0)

    assert kept.look() == ENDED


def test_nothing_is_made_before_the_first_publish(target: Target) -> None:
    """The keeper leaves an empty folder empty, so that the publisher accepts it as a target."""
    target.folder.mkdir()
    kept = Keeping(target)
    kept.keeper._look()
    assert not list(target.folder.iterdir())
    kept.publish()
    kept.look()

    assert renewed(kept.folder)


@pytest.mark.parametrize(
    "log", ["<<<<<<< HEAD\n", "", "japan:\n  - state: open\n"], ids=["conflict", "empty", "cut"]
)
def test_a_log_that_cannot_be_understood_hides(
    kept: Keeping, monkeypatch: pytest.MonkeyPatch, log: str
) -> None:
    """A log that is only half saved does not hide the link.

    A log that stays broken hides the link until it is corrected.
    """
    kept.look()
    whole = (kept.root / "quota_state.yaml").read_text(encoding="utf-8")
    kept.target.project.write("quota_state.yaml", log)
    kept.look()
    assert renewed(kept.folder)
    monkeypatch.setattr(keeping, "_RESTLESS_SECONDS", 0.0)
    assert kept.look() == ENDED
    kept.publish()
    assert not kept.target.shows_link()
    kept.target.project.write("quota_state.yaml", whole)
    kept.publish()
    kept.look()

    assert kept.target.shows_link()
    assert renewed(kept.folder)


def test_a_broken_page_and_a_full_disk_do_not_end_the_lease(
    kept: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease is renewed while content cannot be read or its change cannot be written, because places are left."""
    broken = kept.target.project.write("content/en/broken.md", "no front matter")
    kept.publish()
    kept.look()
    assert renewed(kept.folder)
    broken.unlink()
    kept.target.project.replace("content/en/index.md", "title: ", "title: New ")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("site_src.publish.publisher.staged", full)
    expire_lease(kept.folder, ENDED)
    kept.publish()
    kept.look()
    assert renewed(kept.folder)


def test_an_old_clone_does_not_vouch(kept: Keeping, tmp_path: Path) -> None:
    """A resident publisher does not renew the lease if its log lacks the closing.

    It does not renew it either if another clone has published other content.
    """
    kept.target.project.set_log("south-korea", OPEN_LONG_AGO, "quota_reached 2026-04-02 00:00")
    kept.publish()
    foreign = Keeping(kept.target, clone(kept.root, tmp_path / "old"))
    log = foreign.root / "quota_state.yaml"
    log.write_text(
        log.read_text(encoding="utf-8").replace("  - state: quota_reached\n    from: 2026-04-02 00:00\n", "")
    )
    expire_lease(kept.folder, ENDED)
    kept.look()
    foreign.look()
    assert renewed(kept.folder), "a lease that is valid is not its affair"
    expire_lease(kept.folder, ENDED)
    foreign.publish()
    assert foreign.look() == ENDED

    other = Keeping(kept.target, clone(kept.root, tmp_path / "other"))
    page = other.root / "content/en/index.md"
    page.write_text(page.read_text(encoding="utf-8").replace("title: ", "title: Other "), encoding="utf-8")
    other.keeper._vouch = None
    assert other.look() == ENDED
    kept.keeper._vouch = kept.publisher.vouch
    other.publish()
    kept.keeper._live = None
    assert kept.look() == ENDED, "another clone has published other content"


def test_an_outdated_log_hides_nothing(kept: Keeping, tmp_path: Path) -> None:
    """A publisher whose log lacks the opening is refused, and does not end the lease of another publisher."""
    old = Keeping(kept.target, clone(kept.root, tmp_path / "old"))
    kept.target.project.set_log("japan", OPEN_LONG_AGO, "suspended 2026-04-02 00:00", "open 2026-04-03 00:00")
    kept.publish()
    log = old.root / "quota_state.yaml"
    log.write_text(
        (kept.root / "quota_state.yaml")
        .read_text(encoding="utf-8")
        .removesuffix("  - state: open\n    from: 2026-04-03 00:00\n")
    )
    old.publish()
    kept.look()
    old.look()

    assert renewed(kept.folder)


def clone(root: Path, folder: Path) -> Path:
    """Returns a copy of the project."""
    subprocess.run(["cp", "-r", str(root), str(folder)], check=True)
    return folder


def test_what_a_command_holds_stays_hidden(kept: Keeping) -> None:
    """While a command holds the lease, the keeper does not renew it, whatever it vouches for.

    Once the command's event is in the log and published, the keeper renews the lease.
    """
    kept.look()
    expire_lease(kept.folder)
    assert kept.look() == HELD
    expire_lease(kept.folder, NOTED)
    assert kept.look() == NOTED
    time.sleep(0.02)
    kept.target.project.set_log("japan", OPEN_LONG_AGO, "suspended 2026-04-02 00:00")
    assert kept.look() == NOTED
    kept.publish()
    kept.look()

    assert renewed(kept.folder)


def test_a_state_that_could_not_be_published_stays_hidden(
    kept: Keeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the log hides the link but the disk refuses the release, the lease ends and is not renewed."""
    kept.look()
    kept.target.project.set_log("japan", OPEN_LONG_AGO, "suspended 2026-04-02 00:00")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("site_src.publish.publisher.staged", full)
    kept.publish()

    assert kept.look() == ENDED
    assert kept.look() == ENDED


def test_an_ended_lease_is_an_alarm_once(kept: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the lease ends although places are left, one alarm gives the reason.

    After the recovery, a message reports it.
    """
    assert keeping.ALARM_SECONDS + 2 * keeping.LOOK_SECONDS < 10
    monkeypatch.setattr(keeping, "ALARM_SECONDS", 0.0)
    kept.look()
    kept.keeper._judge(time.time())
    assert not kept.called
    expire_lease(kept.folder)
    for _ in range(3):
        kept.keeper._judge(time.time())
    assert len(kept.called) == 1
    assert "A command has hidden it" in kept.called[0]
    assert kept.keeper.trouble
    expire_lease(kept.folder, ENDED)
    kept.look()
    kept.keeper._judge(time.time())

    assert "renewed" in kept.called[-1]
    assert not kept.keeper.trouble


@contextmanager
def running(kept: Keeping) -> Iterator[None]:
    """Runs the keeper in its thread."""
    kept.keeper.start()
    try:
        yield
    finally:
        kept.keeper.close()


def test_a_publish_that_hangs_ends_no_lease_and_holds_up_no_closing(kept: Keeping) -> None:
    """While a publish hangs in the main thread, the keeper's thread renews the lease.

    When a closing is saved in the log, the thread hides the link within moments.
    """
    kept.look()
    expire_lease(kept.folder, ENDED)
    with running(kept):
        wait_until(lambda: renewed(kept.folder))
        command(kept.target.project, "quota", "set", "japan", "quota_reached", "--yes")
        wait_until(lambda: until(kept.folder) == ENDED)


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns as soon as the condition holds."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
