"""The probe reads the public address back.

It raises an alarm, with exit 5, while visitors get anything but the published release.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from site_src.file_lock import Wait
from site_src.publish import probe
from site_src.publish.publisher import Publisher
from tests.support.commands import command
from tests.support.origin import Origin, hanging, serving
from tests.support.published import JAPAN_PAGE, Target
from tests.support.running import start

QUICK = ("--probe-for", "0.2")
# The command with a shorter time for an answer.
QUICK_ANSWERS = """\
import runpy
from site_src.publish import probe
probe.ANSWER_SECONDS = 1.0
runpy.run_path("build.py", run_name="__main__")
"""


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes the pause between requests, so that tests need not wait."""
    monkeypatch.setattr(probe, "PAUSE_SECONDS", 0.05)


def opened(target: Target) -> dict[str, bytes]:
    """Opens Japan and publishes. Returns what visitors then get."""
    target.project.set_log("japan", "open 2026-04-01 00:00")
    target.published()
    assert target.shows_link()
    return target.site()


def close(target: Target) -> None:
    """Adds the closing of Japan to the log, without publishing."""
    command(target.project, "quota", "set", "japan", "quota_reached", "--yes")


def test_a_site_that_is_shown_ends_with_exit_0(target: Target) -> None:
    """The probe reads every page that shows a state, uncompressed and compressed, and reports that the address shows the release."""
    with serving(Origin(target.site)) as origin:
        done = target.publish("--probe", f"{origin.address}/")

    assert done.returncode == 0, done.stderr
    assert f"{origin.address} shows it." in done.stdout
    asked = {path for path, encoding in origin.asked if encoding == "gzip"}
    assert asked == {path for path, encoding in origin.asked if encoding == "identity"}
    assert {
        f"/{code}/{page}/" for code in ("en", "nl") for page in ("japan", "south-korea", "status")
    } <= asked
    assert {"/", "/release.json"} <= asked


def test_old_bytes_raise_the_alarm(target: Target) -> None:
    """If the address still shows the link after a closing, the command exits with 5.

    The alarm names the page and its fault.
    """
    old = opened(target)
    close(target)
    with serving(Origin(lambda: old)) as origin:
        done = target.publish("--probe", origin.address, *QUICK)

    assert done.returncode == 5
    assert not target.shows_link()
    assert (
        f"{origin.address}/{JAPAN_PAGE}: japan: shows the conversation starter, which must be hidden now"
        in done.stderr
    )
    assert " more files): is not the file of this release" in done.stderr
    assert f"ALARM: {origin.address} does not show release {target.name}" in done.stderr
    assert target.journal()[-1]["result"] == "not-shown"
    assert target.journal()[-1]["harm"] >= 2


def test_a_link_that_is_lacking_raises_the_alarm(target: Target) -> None:
    """If the address still hides the link after an opening, the command exits with 5.

    The alarm reports the missing link.
    """
    target.published()
    old = target.site()
    command(target.project, "quota", "set", "japan", "open", "--yes")
    with serving(Origin(lambda: old)) as origin:
        done = target.publish("--probe", origin.address, *QUICK)

    assert done.returncode == 5
    assert "must have exactly one quota notice, open" in done.stderr
    assert "does not have the conversation starter" in done.stderr


def test_one_old_file_is_enough(target: Target) -> None:
    """The probe finds a single old page, in a single language, that a cache still serves."""
    old = opened(target)
    close(target)
    for path in (JAPAN_PAGE, "nl/japan/index.html", "en/status/index.html", "index.html", "release.json"):
        with serving(Origin(lambda path=path: {**target.site(), path: old[path]})) as origin:  # type: ignore[misc]
            done = target.publish("--probe", origin.address, *QUICK)

        assert done.returncode == 5, path
        reported = {
            line.split(": ")[0] for line in done.stderr.splitlines() if line.startswith(origin.address)
        }
        assert reported == {f"{origin.address}/{path}"}


def test_an_old_packed_twin_is_found(target: Target) -> None:
    """The probe raises the alarm if clients that accept gzip get older bytes than a plain request."""
    old = opened(target)
    close(target)
    with serving(Origin(target.site, packed=lambda: old)) as origin:
        done = target.publish("--probe", origin.address, *QUICK)

    assert done.returncode == 5
    assert "is not the file of this release (compressed)" in done.stderr


def test_a_cache_that_catches_up_in_time_is_no_alarm(target: Target) -> None:
    """The probe repeats its requests until the address shows the release."""
    old = opened(target)
    close(target)
    origin = Origin(lambda: target.site() if len(origin.asked) > 10 else old)
    with serving(origin):
        done = target.publish("--probe", origin.address, "--probe-for", "30")

    assert done.returncode == 0
    assert len(origin.asked) > len(set(origin.asked))


@pytest.mark.parametrize("status", [404, 500, 503])
def test_an_address_that_answers_with_an_error(target: Target, status: int) -> None:
    """If the address answers with an error, the command exits with 5 and reports the status."""
    with serving(Origin(target.site if status != 404 else dict, status=status)) as origin:
        done = target.publish("--probe", origin.address, *QUICK)

    assert done.returncode == 5
    assert f"the response has the status {status}" in done.stderr


def test_an_address_where_nobody_answers(target: Target) -> None:
    """If nothing listens on the port, the command exits with 5 and prints one line for all files.

    The site is still published.
    """
    with serving(Origin(target.site)) as origin:
        address = origin.address
    done = target.publish("--probe", address, *QUICK)

    assert done.returncode == 5
    (line,) = (line for line in done.stderr.splitlines() if "cannot be fetched" in line)
    assert re.search(r"/api/v1/openapi\.json \(and \d+ more files\): cannot be fetched", line)
    assert target.number == 1


def test_a_probe_can_be_stopped(target: Target) -> None:
    """When a probe of a superseded release is stopped, it ends long before its time limit."""
    target.published()
    stop = threading.Event()
    stop.set()
    begun = time.monotonic()
    with serving(Origin(dict)) as origin:
        publication = Publisher(target.project.root, target.folder, "x", 20).publish()
        assert probe.probe(
            origin.address, publication.release.manifest, publication.expected, 60, stop.is_set
        )
    assert time.monotonic() - begun < 30


def test_a_link_that_others_lack_is_no_fault_of_a_page(target: Target) -> None:
    """The alarm for a page reports only the faults of that page."""
    opened(target)
    with serving(Origin(lambda: {**target.site(), JAPAN_PAGE: b"nothing"})) as origin:
        done = target.publish("--probe", origin.address, *QUICK)

    assert done.returncode == 5
    assert "does not have the conversation starter" in done.stderr
    assert "api/v1" not in done.stderr


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"


@pytest.mark.parametrize(
    "trickle", [b"", b"HTTP/1.1 200 OK\r\nX: ", HEAD], ids=["silence", "headers", "body"]
)
def test_a_server_that_never_ends_its_answers_is_not_waited_for(
    target: Target, trickle: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the server does, the probe ends at most one answer's time after its limit, and begins no file after the limit."""
    target.published()
    monkeypatch.setattr(probe, "ANSWER_SECONDS", 1.0)
    begun = time.monotonic()
    with hanging(trickle) as server:
        done = target.publish("--probe", server.address, *QUICK)
        assert time.monotonic() - begun < 30
        # Eight requests run at once, and each is made at most twice. All files would need more than fifty.
        assert server.connections <= 24

    assert done.returncode == 5
    assert "(and 25 more files): cannot be fetched (no complete response in time)" in done.stderr


def test_a_command_ends_though_threads_hang(target: Target, tmp_path: Path) -> None:
    """Even if threads hang, a command with `--probe-for 0.2` soon ends with exit 5."""
    target.published()
    script = target.project.write("impatient.py", QUICK_ANSWERS)
    words = (script.name, "publish", str(target.folder), *QUICK, "--probe")
    log = tmp_path / "log"
    with hanging() as server, open(log, "wb") as out:
        environment = target.project.environment()
        assert start([*words, server.address], target.project.root, environment, out).wait(60) == 5

    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "soon"])
def test_seconds_that_are_none_are_wrong_use(target: Target, seconds: str) -> None:
    """A probe time that is not a positive number is refused before anything is done."""
    done = target.publish("--probe", "http://127.0.0.1:9", f"--probe-for={seconds}")

    assert done.returncode == 2
    assert "is not a number of seconds, such as 60." in done.stderr
    assert not target.folder.exists()


def test_a_packed_answer_that_breaks_off_raises_the_alarm(target: Target) -> None:
    """If a gzip answer breaks off, the command exits with 5."""
    with serving(Origin(target.site, truncated=True)) as origin:
        done = target.publish("--probe", origin.address, *QUICK)

    assert done.returncode == 5
    assert "cannot be fetched (Compressed file ended" in done.stderr


def test_an_alarm_that_cannot_be_noted_is_an_alarm(target: Target) -> None:
    """If the command cannot write the alarm to the journal, it prints the alarm and this fault, and exits with 5."""
    target.published()
    (target.folder / "journal.jsonl").unlink()
    (target.folder / "journal.jsonl").mkdir()
    with serving(Origin(dict)) as origin:
        done = target.publish("--probe", origin.address, *QUICK)

    assert done.returncode == 5
    assert "ALARM: " in done.stderr
    assert "so the alarm is not in it" in done.stderr


@pytest.mark.parametrize(
    ("out", "right"),
    [(">&-", False), (">/dev/full", True), ("2>/dev/full", False), (">&- 2>&-", True)],
)
def test_the_address_is_read_back_though_nobody_hears(target: Target, out: str, right: bool) -> None:
    """Even if standard output is closed or goes to a full disk, the probe runs and sets the exit code."""
    words = [sys.executable, "build.py", "publish", str(target.folder), *QUICK, "--probe"]
    with serving(Origin(target.site if right else dict)) as origin:
        done = subprocess.run(
            ["sh", "-c", f'exec "$@" {out}', "sh", *words, origin.address],
            cwd=target.project.root,
            env=target.project.environment(),
            check=False,
            timeout=60,
        )
        assert origin.asked

    assert done.returncode == (0 if right else 5)


def test_json_stays_one_object(target: Target) -> None:
    """Standard output is one JSON object with --format json and --probe. The probe's result goes to standard error."""
    with serving(Origin(target.site)) as origin:
        done = target.publish("--format", "json", "--probe", origin.address)

    assert json.loads(done.stdout)["release"] == target.name
    assert f"{origin.address} shows it." in done.stderr


@pytest.mark.parametrize("cached", [False, True], ids=["fresh", "old"])
def test_a_release_that_was_overtaken_raises_no_alarm(target: Target, cached: bool) -> None:
    """If somebody else publishes during the probe, the probe expects the release that is then live.

    An alarm can only name that release.
    """
    old = opened(target)
    close(target)
    once = threading.Lock()

    def other_publisher() -> dict[str, bytes]:
        with once:
            if target.number == 2:
                target.project.replace("content/en/index.md", "title: ", "title: Other ")
                Publisher(target.project.root, target.folder, "other", 20).publish()
        return old if cached else target.site()

    with serving(Origin(other_publisher)) as origin:
        done = target.publish("--probe", origin.address, "--probe-for", "1")

    assert target.number == 3
    if cached:
        assert done.returncode == 5
        assert f"{origin.address} does not show release {target.name}" in done.stderr
        assert "japan: shows the conversation starter, which must be hidden now" in done.stderr
    else:
        assert done.returncode == 0, done.stderr
        assert f"shows release {target.name}, which was published meanwhile." in done.stdout
        assert "not-shown" not in {line["result"] for line in target.journal()}


def test_a_sample_changes_its_language_and_has_a_page_of_each(target: Target) -> None:
    """Each sample of the repeated probe has the programme pages of one language and one page of every other language.

    The languages take turns.
    """
    opened(target)
    publication = Publisher(target.project.root, target.folder, "test", 9, Wait()).publish()
    pages = [path for path in publication.expected.pages if not path.startswith("embed/")]
    samples = [probe.choose_sample(target.manifest, publication.expected, round) for round in range(4)]

    assert samples[0] == samples[2] != samples[1] == samples[3]
    assert {*samples[0], *samples[1]} == {*pages, "release.json"}
    for sample in samples:
        assert {path.partition("/")[0] for path in sample} == {"en", "nl", "release.json"}
        assert len(sample) < len(pages) + 1
    unknown = probe.choose_sample(target.manifest, None, 0)
    assert {JAPAN_PAGE, "en/index.html", "release.json"} < set(unknown)


def test_without_threads_the_address_is_read_back(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closing is published and read back even if the system cannot start a thread."""
    opened(target)
    with serving(Origin(target.site)) as origin:
        real = threading.Thread.start

        def start(thread: threading.Thread) -> None:
            # The web server's threads are not ours.
            if "process_request_thread" not in thread.name:
                raise RuntimeError("can't start new thread")
            real(thread)

        monkeypatch.setattr(threading.Thread, "start", start)
        words = ("quota", "set", "japan", "quota_reached", "--yes", "--publish", str(target.folder))
        done = command(target.project, *words, "--probe", origin.address)

    assert (done.returncode, target.shows_link()) == (0, False), done.stderr
    assert f"{origin.address} shows it." in done.stdout
