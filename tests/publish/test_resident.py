"""`publish --watch` is a process that stays and publishes changed inputs and scheduled changes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from site_src.publish import resident
from site_src.publish.resident import Resident
from site_src.states import State
from tests.support.commands import command
from tests.support.origin import Origin, hanging, serving
from tests.support.published import Target
from tests.support.running import Running

PATIENCE = 30.0


def until(condition: Callable[[], object]) -> None:
    """Returns as soon as the condition holds. Fails if that takes far too long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def read_heartbeat(target: Target) -> dict[str, Any]:
    """Returns the content of the heartbeat."""
    return dict(json.loads((target.folder / "heartbeat.json").read_text()))


@contextmanager
def watching(target: Target, *more: str) -> Iterator[tuple[Running, Path]]:
    """Runs the process, stopped at the end. Yields it with the file of its log."""
    log = target.project.root.parent / "log"
    with open(log, "wb") as out:
        process = target.project.start("publish", str(target.folder), "--watch", *more, out=out)
    try:
        until((target.folder / "heartbeat.json").exists)
        yield process, log
        assert process.poll() is None, log.read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert "Stopped. The live release stays." in log.read_text()
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("more", [(), ("--poll",)], ids=["events", "polling"])
def test_changes_become_live(target: Target, more: tuple[str, ...]) -> None:
    """When a page, an opening or a closing is saved, it is published.

    With --poll, the log says that the files are checked regularly. SIGTERM ends the process with exit code
    0.
    """
    with watching(target, *more) as (_, log):
        assert ("Checking the files twice a second (as asked)" in log.read_text()) == bool(more)
        target.project.replace("content/en/index.md", "title: ", "title: Saved ")
        until(lambda: "Saved" in target.page("en/index.html"))
        command(target.project, "quota", "set", "japan", "open", "--yes")
        until(target.shows_link)
        command(target.project, "quota", "set", "japan", "quota_reached", "--yes")
        until(lambda: not target.shows_link())

    assert [line["result"] for line in target.journal()][-1] == "published"
    assert target.command("releases", "--verify").returncode == 0


def test_a_broken_edit_is_reported_and_the_live_site_stays(target: Target) -> None:
    """The log reports a broken edit once, and the live site stays.

    A closing is still published. After a correction, the problem is no longer reported.
    """
    command(target.project, "quota", "set", "japan", "open", "--yes")
    with watching(target) as (_, log):
        until(target.shows_link)
        name = target.name
        broken = target.project.write("content/en/broken.md", "no front matter")
        until(lambda: "NOT PUBLISHED" in log.read_text())
        assert target.name == name
        assert log.read_text().count("content/en/broken.md:1:") == 1
        command(target.project, "quota", "set", "japan", "quota_reached", "--yes")
        until(lambda: not target.shows_link())
        until(lambda: "content/ was left out" in log.read_text())
        broken.unlink()
        target.project.replace("content/en/index.md", "title: ", "title: Mended ")
        until(lambda: "Mended" in target.page("en/index.html"))

    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("broken", [False, True], ids=["good-content", "broken-content"])
def test_a_scheduled_opening_is_live_on_its_second_and_not_before(target: Target, broken: bool) -> None:
    """The link appears at its scheduled second and never before, even if a page is broken."""
    target.published()
    opening = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=7)
    command(
        target.project,
        "quota",
        "set",
        "japan",
        "open",
        "--yes",
        "--from",
        f"{opening:%Y-%m-%d %H:%M:%S+00:00}",
    )
    if broken:
        target.project.write("content/en/broken.md", "no front matter")
    with watching(target):
        seen: list[tuple[datetime, bool]] = []
        while not seen or not seen[-1][1]:
            shown = target.shows_link()
            seen.append((datetime.now(UTC), shown))
            assert seen[-1][0] < opening + timedelta(seconds=PATIENCE)
            time.sleep(0.005)

    assert len([moment for moment, shown in seen if not shown]) > 10
    assert seen[-1][0] >= opening
    # A busy machine may be late. Nothing that the publisher waits for may add to the delay.
    assert opening <= target.manifest.instant <= opening + timedelta(seconds=3)
    assert target.manifest.states["japan"] is State.OPEN


def test_the_heartbeat_says_what_is_live_and_what_comes(target: Target) -> None:
    """The heartbeat has the time, the live release, the next change, and the trouble, if there is any.

    The live release may be one that another publisher made.
    """
    with watching(target):
        beat = read_heartbeat(target)
        assert beat["release"] == target.name
        assert beat["trouble"] is None
        assert abs(datetime.fromisoformat(beat["time"]) - datetime.now(UTC)) < timedelta(minutes=1)
        assert datetime.fromisoformat(beat["nextChange"]) > datetime.now(UTC)
        target.project.replace("content/en/index.md", "title: ", "title: Saved ")
        until(lambda: "Saved" in target.page("en/index.html"))
        assert target.command("rollback", "--yes").returncode == 0
        target.project.write("content/en/broken.md", "no front matter")

        until(lambda: "broken.md" in str(read_heartbeat(target)["trouble"]))
        assert read_heartbeat(target)["release"] == target.name


def test_the_probe_runs_beside_it(target: Target) -> None:
    """If the address never shows the release, the probe raises an alarm in the log. It delays no change."""
    with (
        serving(Origin(dict)) as origin,
        watching(target, "--probe", origin.address, "--probe-for", "1") as (_, log),
    ):
        command(target.project, "quota", "set", "japan", "open", "--yes")
        until(target.shows_link)
        until(lambda: f"does not show release {target.name}" in log.read_text())
        until(lambda: read_heartbeat(target)["shown"] is False)


def test_a_closing_does_not_wait_for_a_server_that_hangs(target: Target) -> None:
    """While the probe of the opening hangs, a closing becomes live, a heartbeat is written, and SIGTERM ends the process."""
    with (
        hanging(b"HTTP/1.1 200 OK\r\nX: ") as server,
        watching(target, "--probe", server.address),
    ):
        command(target.project, "quota", "set", "japan", "open", "--yes")
        until(target.shows_link)
        until(lambda: server.connections > 8)
        command(target.project, "quota", "set", "japan", "quota_reached", "--yes")
        until(lambda: not target.shows_link())
        until(lambda: read_heartbeat(target)["release"] == target.name)


def test_what_nobody_has_looked_at_is_not_called_shown(target: Target) -> None:
    """The probe also reads back a release that another process published.

    Until then, the heartbeat does not report that release as shown.
    """
    command(target.project, "quota", "set", "japan", "open", "--yes")
    target.published()
    target.project.replace("content/en/index.md", "title: ", "title: Newer ")
    target.published()
    cached = target.site()
    with (
        serving(Origin(lambda: cached)) as origin,
        watching(target, "--probe", origin.address, "--probe-for", "1"),
    ):
        until(lambda: read_heartbeat(target)["shown"])
        assert target.command("rollback", "--yes").returncode == 0
        beats = [read_heartbeat(target)]
        while beats[-1]["shown"] is not False:
            until(lambda: read_heartbeat(target) != beats[-1])
            beats.append(read_heartbeat(target))
            assert len(beats) < 10

    assert beats[-1]["release"] == target.name
    assert not [beat for beat in beats if beat["release"] == target.name and beat["shown"]]


def test_a_release_that_others_overtook_raises_no_alarm(target: Target) -> None:
    """If another process publishes a newer release while an older one is read back, no alarm is raised for the older one."""
    target.published()
    target.project.replace("content/en/index.md", "title: ", "title: Newer ")
    name = target.published()
    # The web server is broken until another process has published.
    with (
        serving(Origin(lambda: target.site() if target.name != name else {})) as origin,
        watching(target, "--probe", origin.address, "--probe-for", "4") as (_, log),
    ):
        until(lambda: origin.asked)
        assert target.command("rollback", "--yes").returncode == 0
        until(
            lambda: (
                (read_heartbeat(target)["release"], read_heartbeat(target)["shown"]) == (target.name, True)
            )
        )
        assert "ALARM" not in log.read_text()

    assert "not-shown" not in {line["result"] for line in target.journal()}


def test_broken_content_does_not_keep_the_address_from_being_read_back(target: Target) -> None:
    """If the operator publishes a closing over a broken page, the resident publisher still reads the address back."""
    command(target.project, "quota", "set", "japan", "open", "--yes")
    target.published()
    with (
        serving(Origin(target.site)) as origin,
        watching(target, "--probe", origin.address) as (_, log),
    ):
        until(lambda: read_heartbeat(target)["shown"])
        target.project.write("content/en/broken.md", "no front matter")
        until(lambda: "NOT PUBLISHED" in log.read_text())
        words = ("quota", "set", "japan", "quota_reached", "--yes", "--publish", str(target.folder))
        assert command(target.project, *words).returncode == 4
        until(lambda: f"{origin.address} shows release {target.name}." in log.read_text())
        until(
            lambda: (
                (read_heartbeat(target)["release"], read_heartbeat(target)["shown"]) == (target.name, True)
            )
        )


def test_the_trouble_is_an_error_and_no_warning(target: Target) -> None:
    """If a harmless warning comes before an error, the heartbeat and the journal name the error."""
    target.project.replace("content/en/index.md", "\n", "\r\n")
    target.published()
    target.project.write("content/en/japan.md", "no front matter")
    with watching(target):
        until(lambda: read_heartbeat(target)["trouble"])
        assert "content/en/japan.md:1: has no front matter" in str(read_heartbeat(target)["trouble"])

    assert target.journal()[-1]["why"].startswith("content/en/japan.md:1: has no front matter")


@pytest.mark.parametrize("out", [">&- 2>&-", ">/dev/full 2>/dev/full"], ids=["closed", "full"])
def test_a_log_that_nobody_keeps_stops_nothing(target: Target, out: str) -> None:
    """If the outputs of the resident publisher are closed or go to a full disk, it still publishes changes."""
    with subprocess.Popen(
        [
            "sh",
            "-c",
            f'exec "$@" {out}',
            "sh",
            sys.executable,
            "build.py",
            "publish",
            target.folder,
            "--watch",
        ],
        cwd=target.project.root,
        env=target.project.environment(),
    ) as process:
        try:
            until((target.folder / "heartbeat.json").exists)
            target.project.write("content/en/broken.md", "no front matter")
            for state in ("open", "quota_reached"):
                command(target.project, "quota", "set", "japan", state, "--yes")
                until(lambda state=state: target.shows_link() == (state == "open"))  # type: ignore[misc]
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


@dataclass
class Recorder:
    """A publisher that counts its publishes, on a clock that the test sets. It ends after a few."""

    clock: datetime
    attempts: list[datetime] = field(default_factory=list)
    beats: int = 0
    due: timedelta = timedelta(hours=5)
    fails: bool = False
    last: int = 2
    resident: Resident | None = None
    said: list[str] = field(default_factory=list)

    def attempt(self) -> bool:
        """Records the moment."""
        self.attempts.append(self.clock)
        if len(self.attempts) == self.last and self.resident:
            self.resident.stop()
        return not self.fails

    def next_change(self, after: datetime) -> datetime:
        """Returns a moment that is hours away."""
        return after + self.due

    def beat(self, next_change: datetime) -> None:
        """Counts the beat."""
        assert next_change > self.clock
        self.beats += 1

    def is_intact(self) -> bool:
        """Returns True: nothing damages the site."""
        return True

    def say(self, line: str) -> None:
        """Records the line."""
        self.said.append(line)


@pytest.mark.parametrize(
    ("step", "fails", "expected"),
    [
        (timedelta(hours=2), False, 3),  # The computer slept, and the moment passed during the sleep.
        (timedelta(hours=-1), False, 1),  # The clock was set back: the publisher publishes at its first look.
        (timedelta(seconds=4), True, 4),  # After a disk failure, the publisher tries again without a change.
    ],
    ids=["forward", "back", "disk"],
)
def test_the_wall_clock_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: timedelta, fails: bool, expected: int
) -> None:
    """The resident publishes again after the computer slept, after the clock was set back, and after a failure.

    It does so even if its timer measured little time.
    """
    monkeypatch.setattr(resident, "LOOK_SECONDS", 0.01)
    recorder = Recorder(datetime(2026, 11, 22, 12, tzinfo=UTC), fails=fails)
    looks = 0

    def now() -> datetime:
        nonlocal looks
        looks += 1
        recorder.clock += step if looks > 3 else timedelta(0)
        return recorder.clock

    recorder.resident = Resident(tmp_path, recorder, now)
    recorder.resident.stay()

    assert len(recorder.attempts) == 2
    assert looks - 3 <= expected + 2


def test_a_clock_set_back_during_a_publish_is_noticed(tmp_path: Path) -> None:
    """If the clock is set back during a publish, the resident publishes again for the present moment."""

    class SetBack(Recorder):
        def attempt(self) -> bool:
            self.clock -= timedelta(hours=1)
            return super().attempt()

    recorder = SetBack(datetime(2026, 11, 22, 12, tzinfo=UTC))
    recorder.resident = Resident(tmp_path, recorder, lambda: recorder.clock)
    recorder.resident.stay()

    assert len(recorder.attempts) == 2
    assert recorder.beats == 0


@pytest.mark.parametrize("part", ["attempt", "next_change", "beat", "is_intact", "wait"])
@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("can't start new thread"), OSError(24, "Too many")]
)
def test_nothing_that_fails_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str, error: Exception
) -> None:
    """If a part of the resident runs out of memory, threads or files, this is logged once, and the resident tries again."""
    monkeypatch.setattr(resident, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(resident, "_BREATH_SECONDS", 0.01)
    monkeypatch.setattr(resident, "BEAT_SECONDS", 0.0)
    recorder = Recorder(datetime(2026, 11, 22, 12, tzinfo=UTC), due=timedelta(seconds=30))

    def now() -> datetime:
        recorder.clock += timedelta(seconds=4)
        return recorder.clock

    recorder.resident = Resident(tmp_path, recorder, now)
    of = recorder.resident._watcher if part == "wait" else recorder
    real, failures = getattr(of, part), iter([error, error])

    def fail(*arguments: Any) -> Any:
        for failure in failures:
            raise failure
        return real(*arguments)

    monkeypatch.setattr(of, part, fail)
    recorder.resident.stay()

    assert len(recorder.attempts) == 2
    assert len(recorder.said) == 1
    assert type(error).__name__ in recorder.said[0]


DAMAGES: tuple[tuple[Callable[[Path], object], str], ...] = (
    (lambda www: (www / "current").unlink(), "current is missing"),
    (lambda www: replace_link(www / "current", "releases/nowhere"), "manifest.json: cannot be understood"),
    (lambda www: (www / "current/manifest.json").write_text("{}"), "manifest.json: cannot be understood"),
    (lambda www: edit(www / "current/site/en/japan/index.html"), "site/en/japan/index.html: was changed"),
    (lambda www: (www / "current/site/nl/index.html").unlink(), "site/nl/index.html: is missing"),
    (lambda www: (www / "current/site/en/more.html").write_text("x"), "site/en/more.html: was added"),
    (lambda www: (www / "current/site/en").chmod(0o700), "site/en: no longer has the permissions"),
    (lambda www: (www / "current/site").rename(www / "elsewhere"), "is missing"),
)


def test_what_visitors_get_is_mended(target: Target) -> None:
    """The resident finds files that somebody damaged, and repairs them within seconds although no input changed.

    It logs each repair.
    """
    target.published()
    good = target.site()
    with watching(target) as (_, log):
        for number, (damage, what) in enumerate(DAMAGES, start=1):
            known = len(log.read_text())
            damage(target.folder)
            until(lambda number=number: log.read_text().count("Publishing again.") == number)  # type: ignore[misc]
            until(lambda: (target.folder / "current/site").is_dir() and target.site() == good)
            until(lambda known=known, what=what: what in log.read_text()[known:])  # type: ignore[misc]
            assert target.command("releases", "--verify").stderr.count("current/") == 0


def test_a_folder_in_the_place_of_current_is_an_alarm(target: Target) -> None:
    """A folder in the place of `current` raises one alarm, which names the cure, because a repair would delete files.

    After the cure, the resident repairs the site.
    """
    target.published()
    with watching(target) as (_, log):
        (target.folder / "current").unlink()
        (target.folder / "current").mkdir()
        (target.folder / "current/mine.txt").write_text("mine")
        until(lambda: "ALARM: visitors get nothing" in log.read_text())
        assert "move it away: mv current copy" in log.read_text()
        until(lambda: read_heartbeat(target)["trouble"])
        (target.folder / "current").rename(target.folder / "copy")
        until((target.folder / "current/site").is_dir)
        assert log.read_text().count("ALARM: visitors get nothing") == 1


def edit(file: Path) -> None:
    """Edits a file by hand but keeps its size and time."""
    status = file.stat()
    data = file.read_bytes()
    file.write_bytes(data.replace(b"<h1", b"<H1"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def replace_link(link: Path, to: str) -> None:
    """Makes the link lead elsewhere."""
    link.unlink()
    link.symlink_to(to)


def test_a_second_resident_stands_by(target: Target) -> None:
    """A second resident names the first and publishes nothing. When the first is killed, the second takes over."""
    with watching(target):
        pass
    log = target.project.root.parent / "second"
    words = ("publish", str(target.folder), "--watch")
    with (
        open(log.with_name("first"), "wb") as other,
        open(log, "wb") as out,
        target.project.start(*words, out=other) as first,
    ):
        until(lambda: read_heartbeat(target)["pid"] == first.pid)
        with target.project.start(*words, out=out) as second:
            try:
                until(lambda: f"process {first.pid} of " in log.read_text())
                assert "This one waits" in log.read_text()
                first.kill()
                until(lambda: read_heartbeat(target)["pid"] == second.pid)
                assert "This one takes over." in log.read_text()
                second.send_signal(signal.SIGTERM)
                assert second.wait(PATIENCE) == 0
            finally:
                first.kill()
                second.kill()


def test_a_resident_that_stands_by_can_be_stopped(target: Target) -> None:
    """SIGTERM ends a waiting resident with exit code 0. The other resident goes on."""
    from site_src.publish.releases import resident_lock

    log = target.project.root.parent / "second"
    with (
        resident_lock(target.folder),
        open(log, "wb") as out,
        target.project.start("publish", str(target.folder), "--watch", out=out) as process,
    ):
        try:
            until(lambda: "This one waits" in log.read_text())
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
            assert not (target.folder / "current").exists()
        finally:
            process.kill()


def test_the_probe_repeats(target: Target) -> None:
    """If the address stops showing the release, the repeated probe raises one alarm.

    It also logs when the address shows the release again.
    """
    target.published()
    good = target.site()
    sick = dict.fromkeys(good, b"Welcome to nginx!")
    shown = [good]
    with (
        serving(Origin(lambda: shown[-1])) as origin,
        watching(target, "--probe", origin.address, "--probe-every", "0.1", "--probe-for", "0.2") as (_, log),
    ):
        until(lambda: read_heartbeat(target)["shown"])
        asked = len(origin.asked)
        until(lambda: len(origin.asked) > asked)
        shown.append(sick)
        until(lambda: read_heartbeat(target)["shown"] is False)
        assert log.read_text().count("ALARM") == 1
        shown.append(good)
        until(lambda: read_heartbeat(target)["shown"])
        assert log.read_text().count(f"shows release {target.name}.") == 2
