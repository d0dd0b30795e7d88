"""`quota close`, `reopen`, `open`, `suspend` and `undo` need only the programme's name, and take the target from local.yaml."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time

import pexpect
import pytest

from site_src.publish.lease import ENDED, HELD, make_lease, read_lease, renew_lease
from site_src.quota.log import Event
from site_src.states import State
from tests.support.commands import Done, answer, command
from tests.support.published import Target
from tests.support.quota_desk import days_ahead, logs

LONG_AGO = "2026-04-01 00:00"


@pytest.fixture
def host(target: Target) -> Target:
    """A published site in which Japan is open, with local.yaml."""
    target.project.set_log("japan", f"open {LONG_AGO}")
    target.published()
    target.project.write("local.yaml", f"target: {target.folder}\n")
    return target


def quota(target: Target, *words: str) -> Done:
    """Runs `quota … --yes`, which must succeed."""
    done = command(target.project, "quota", *words, "--yes", "--by", "Ada")
    assert done.returncode == 0, done.stderr
    return done


def japan(target: Target) -> list[Event]:
    """Returns Japan's events."""
    return list(logs(target.project)["japan"])


def test_each_word_writes_and_publishes_its_state(host: Target) -> None:
    """Each command writes and publishes its state. `undo` restores the state and the places from before."""
    for words, state, places in (
        (("close", "japan"), "quota_reached", None),
        (("reopen", "Japan", "--places", "12"), "places_available", 12),
        (("suspend", "japan"), "suspended", None),
        (("undo", "japan"), "places_available", 12),
        (("open", "japan"), "open", None),
    ):
        quota(host, *words)
        document = json.loads((host.folder / "current/site/api/v1/programmes/japan.json").read_bytes())
        assert (document["state"], document["placesAvailable"]) == (state, places)


def test_places_are_corrected_while_the_link_is_shown(host: Target) -> None:
    """While places are available, `reopen` with a different number changes the number.

    The same number changes nothing, and a missing number is refused.
    """
    quota(host, "close", "japan")
    quota(host, "reopen", "japan", "--places", "12")
    done = quota(host, "reopen", "japan", "--places", "8")

    assert "the link    stays shown" in done.stdout
    assert host.shows_link()
    assert [event.places for event in japan(host)] == [None, None, 12, 8]
    assert "--places N" in command(host.project, "quota", "reopen", "japan", "--yes").stderr
    command(host.project, "quota", "reopen", "japan", "--places", "8", "--yes")
    assert len(japan(host)) == 4


def test_undo_shows_what_it_takes_back(host: Target) -> None:
    """A dry run of `undo` names the event that it takes back, and writes nothing.

    After a real `undo`, the message names the event that was taken back.
    """
    quota(host, "close", "japan")
    before = japan(host)
    dry = command(host.project, "quota", "undo", "--dry-run", "--json")
    shown = json.loads(dry.stdout)

    assert (shown["takenBack"]["state"], shown["added"]["state"]) == ("quota_reached", "open")
    assert shown["visitors"]["linkShown"] is False
    assert japan(host) == before
    assert "Taken back: quota_reached since " in quota(host, "undo").stdout
    assert japan(host)[-1].state is State.OPEN


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ((f"open {LONG_AGO}",), "To hide the link: python build.py quota suspend japan"),
        ((f"places_available {LONG_AGO}", "open 2026-05-01 00:00"), "python build.py quota suspend japan"),
    ],
    ids=["first-event", "step-not-allowed"],
)
def test_an_undo_that_is_impossible_names_the_command(
    host: Target, events: tuple[str, ...], said: str
) -> None:
    """If `undo` cannot restore the previous state, the refusal names the command that hides the link."""
    host.project.set_log("japan", *events)
    done = command(host.project, "quota", "undo", "japan", "--yes")

    assert done.returncode == 1
    assert said in done.stderr


def test_undo_cancels_what_has_not_begun(host: Target) -> None:
    """If nothing changed within the last hour, `undo` cancels a scheduled change.

    Otherwise it takes back the recent change first.
    """
    host.project.set_log("japan", f"suspended {LONG_AGO}", f"open {days_ahead(9)}")
    assert "Taken back: open from " in quota(host, "undo").stdout
    assert len(japan(host)) == 1

    quota(host, "set", "japan", "open", "--from", days_ahead(9))
    quota(host, "set", "japan", "quota_reached")
    quota(host, "undo", "japan")
    assert [event.state for event in japan(host)] == ["suspended", "quota_reached", "suspended", "open"]


def test_undo_without_a_recent_change_needs_a_name(host: Target) -> None:
    """If nothing changed within the last hour, `undo` without a programme is wrong use."""
    done = command(host.project, "quota", "undo", "--yes")

    assert done.returncode == 2
    assert "Name the programme: python build.py quota undo japan" in done.stderr


def test_a_wrong_closing_is_corrected_in_public(host: Target) -> None:
    """After `undo --mistake`, the status page, the feed and the JSON say when the closing was corrected."""
    quota(host, "close", "japan")
    quota(host, "undo", "--mistake")
    site = host.folder / "current/site"
    history = json.loads((site / "api/v1/programmes/japan.json").read_bytes())["history"]

    assert history[1]["correctedAt"] == history[0]["since"]
    assert [change["correctedAt"] for change in (history[0], history[2])] == [None, None]
    assert "Reported by mistake, corrected at" in (site / "en/japan/feed.xml").read_text(encoding="utf-8")
    status = (site / "en/status/index.html").read_text(encoding="utf-8")
    assert '<p class="corrected">Reported by mistake, corrected at <time' in status
    assert "places lasted" not in status
    assert command(host.project, "quota", "undo", "--mistake", "--yes").returncode == 1, "it closed nothing"


def test_an_undo_hides_first(host: Target) -> None:
    """When an opening is undone, the lease ends before the event is written.

    If the event cannot be written, the link stays hidden.
    """
    host.project.set_log("japan", f"suspended {LONG_AGO}")
    quota(host, "open", "japan")
    make_lease(host.folder)
    assert renew_lease(host.folder, time.time() + 60)
    host.project.write("content/en/broken.md", "no front matter")
    done = command(host.project, "quota", "undo", "japan", "--yes")

    assert done.returncode == 4
    lease = read_lease(host.folder)
    assert lease
    assert not lease.is_valid(time.time())
    assert not host.shows_link()


def test_a_closing_asks_at_a_terminal(host: Target) -> None:
    """At a terminal, `quota close` asks for a yes. Without a yes, it hides nothing and writes nothing."""
    make_lease(host.folder)
    assert renew_lease(host.folder, time.time() + 60)
    refused = answer(host.project, "no", "quota", "close", "japan")
    lease = read_lease(host.folder)

    assert refused.returncode == 1
    assert refused.stdout.splitlines()[1].startswith("  now         visitors see the link")
    assert lease
    assert lease.is_valid(time.time())
    assert answer(host.project, "yes", "quota", "close", "japan").returncode == 0
    assert not host.shows_link()


def test_a_closing_with_a_broken_log_hides_after_a_yes(host: Target) -> None:
    """If the log cannot be read, `quota close` at a terminal reports this. After a yes, it still hides the link."""
    make_lease(host.folder)
    assert renew_lease(host.folder, time.time() + 60)
    host.project.write("quota_state.yaml", "<<<<<<< HEAD\n")
    done = answer(host.project, "yes", "quota", "close", "japan")

    assert done.returncode == 1
    assert "The link is hidden. The new notice is not published yet: " in done.stderr
    lease = read_lease(host.folder)
    assert lease
    assert lease.until in (HELD, ENDED)


def test_what_was_typed_before_the_question_is_thrown_away(host: Target) -> None:
    """A "yes" that is typed before the question appears does not count as the answer."""
    ours, theirs = pty.openpty()
    os.write(ours, b"yes\n")
    process = subprocess.Popen(
        [sys.executable, "build.py", "quota", "close", "japan"],
        cwd=host.project.root,
        env=host.project.environment({"TERM": "dumb"}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while b"Type yes to do it: " not in said:
        said += os.read(ours, 65536)
    time.sleep(0.3)
    assert process.poll() is None
    os.write(ours, b"no\n")
    assert process.wait(60) == 1
    os.close(ours)
    assert host.shows_link()


def test_ctrl_c_at_the_question_changes_nothing(host: Target) -> None:
    """After Ctrl-C at the question of a closing, the log and the link are unchanged."""
    terminal = pexpect.spawn(
        sys.executable,
        ["build.py", "quota", "close", "japan"],
        cwd=str(host.project.root),
        env=host.project.environment({"TERM": "dumb"}),
        encoding="utf-8",
        timeout=60,
    )
    terminal.expect_exact("Type yes to do it: ")
    terminal.send("\x03")
    terminal.expect_exact([pexpect.EOF])
    terminal.close()

    assert terminal.exitstatus == 1
    assert host.shows_link()
    assert len(japan(host)) == 1
