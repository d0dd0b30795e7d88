"""Every command that hides, such as `quota close`, hides the link first.

After that, it reads, changes and publishes the log.
"""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from site_src.publish import publisher
from site_src.publish.lease import (
    ENDED,
    FAR_FUTURE,
    HELD,
    NOTED,
    expire_lease,
    make_lease,
    read_lease,
    renew_lease,
)
from tests.support.commands import Done, command
from tests.support.published import Target
from tests.support.quota_desk import run_bound

HEADLINE = "The link is hidden. The new notice is not published yet: "
OPEN_LONG_AGO = "open 2026-04-01 00:00"


@pytest.fixture
def leased(target: Target) -> Target:
    """A published site that shows both links, with a valid lease and local.yaml."""
    for programme in ("japan", "south-korea"):
        target.project.set_log(programme, OPEN_LONG_AGO)
    target.published()
    make_lease(target.folder)
    renew(target)
    target.project.write("local.yaml", f"target: {target.folder}\nwho: desk of the host\n")
    return target


def renew(target: Target) -> None:
    """Renews the lease as a resident publisher does."""
    assert renew_lease(target.folder, time.time() + 60)


def until(target: Target) -> float:
    """Returns the moment at which the lease ends."""
    lease = read_lease(target.folder)
    assert lease
    return lease.until


def close(target: Target, *words: str) -> Done:
    """Runs `quota close …`."""
    return command(target.project, "quota", "close", *words)


def log_of(target: Target) -> str:
    """Returns the quota log."""
    return (target.project.root / "quota_state.yaml").read_text(encoding="utf-8")


def test_a_closing_needs_no_flags(leased: Target) -> None:
    """After `quota close japan`, the event is in the log, its release is live, and the journal has the name in local.yaml.

    The lease may be renewed again.
    """
    done = close(leased, "Japan", "--note", "by telephone")

    assert done.returncode == 0, done.stderr
    assert not leased.shows_link()
    assert until(leased) == ENDED
    assert log_of(leased).count("state: quota_reached") == 1
    assert leased.journal()[-1]["who"] == "desk of the host"
    assert renew_lease(leased.folder, time.time() + 60), "the command holds the lease no longer"
    assert close(leased, "south_korea").returncode == 0
    assert until(leased) == FAR_FUTURE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "where is the site published to?"),
        ("probe: https://x.example\n", "target: is missing"),
        ('target: "/srv/www"\n', "without quotes"),
        ("target: www\n", '"www" is not a full path'),
    ],
)
def test_without_a_target_it_says_what_to_write(leased: Target, text: str | None, said: str) -> None:
    """Without a target in local.yaml, the command exits with 2, writes nothing, and names the missing line."""
    (leased.project.root / "local.yaml").unlink()
    if text is not None:
        leased.project.write("local.yaml", text)
    before = log_of(leased)
    done = close(leased, "japan")

    assert done.returncode == 2
    assert said in done.stderr
    assert "--publish DIR" in done.stderr
    assert log_of(leased) == before
    assert until(leased) > time.time()


@pytest.mark.parametrize("folder", ["content/programmes", "content"])
def test_content_that_may_not_be_read_holds_up_nothing(leased: Target, folder: str) -> None:
    """If the user may not read the programmes, a closing ends the lease, and its event is published over the last good content."""
    place = leased.project.root / folder
    place.chmod(0)
    try:
        done = run_bound(leased.project, "quota", "close", "japan")
    finally:
        place.chmod(0o755)

    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    assert not leased.shows_link()
    assert log_of(leased).count("state: quota_reached") == 1


def test_a_mistake_elsewhere_in_local_yaml_holds_up_nothing(leased: Target) -> None:
    """If local.yaml has a mistake elsewhere, a closing still uses the target and is live.

    The mistake is reported, with exit code 4, and `check` reports it too.
    """
    leased.project.write("local.yaml", f"target: {leased.folder}\nprobes: https://x.example\nlease: 2\n")
    done = close(leased, "japan")

    assert done.returncode == 4
    assert 'local.yaml:2: probes: is not a key that is known here. Did you mean "probe"?' in done.stderr
    assert "local.yaml:3: lease: must be from 3 to 600 seconds" in done.stderr
    assert not leased.shows_link()
    checked = command(leased.project, "check")
    assert checked.returncode == 1
    assert "local.yaml:3:" in checked.stderr


@pytest.mark.parametrize("log", ["<<<<<<< HEAD\n", ""], ids=["conflict", "empty"])
def test_a_log_that_cannot_be_read_hides_all_the_same(leased: Target, log: str) -> None:
    """If the log cannot be read, the link is hidden and stays hidden, and nothing is written.

    The first line of the message says so, and the next lines name what to correct.
    """
    leased.project.write("quota_state.yaml", log)
    done = close(leased, "japan")

    assert done.returncode == 1
    assert done.stderr.startswith(f"{HEADLINE}quota_state.yaml:1: ")
    assert until(leased) == HELD
    assert log_of(leased) == log
    assert leased.shows_link(), "the release is as it was"


def test_a_publish_that_fails_leaves_the_link_hidden(leased: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the publish fails, the link stays hidden and the event stays in the log.

    So a resident publisher that reads the log, or the next publish by hand, may publish the true state.
    """

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publisher, "staged", full)
    done = close(leased, "japan")

    assert done.returncode == 1
    assert done.stderr.startswith(f"{HEADLINE}{leased.folder}: No space left on device.\n")
    assert done.stderr.count(HEADLINE) == 1
    assert "state: quota_reached" in log_of(leased)
    assert until(leased) == NOTED
    monkeypatch.undo()
    leased.published()
    assert until(leased) == ENDED


def test_broken_content_is_no_failure(leased: Target) -> None:
    """If a page is broken, the notice is published over the last good content with exit code 4.

    The message has no headline.
    """
    leased.project.write("content/en/broken.md", "no front matter")
    done = close(leased, "japan")

    assert done.returncode == 4
    assert HEADLINE not in done.stderr
    assert until(leased) == ENDED


def test_a_closing_that_is_noted_already_is_published(leased: Target) -> None:
    """If a closing was stopped after it was noted, the same command publishes it and exits with 0.

    The link is gone.
    """
    command(leased.project, "quota", "set", "japan", "quota_reached", "--yes")
    done = close(leased, "japan")

    assert done.returncode == 0
    assert not leased.shows_link()
    assert until(leased) == ENDED


@pytest.mark.parametrize(
    "words",
    [
        ("close", "japon"),
        ("close", "../japan"),
        ("set", "japon", "quota_reached", "--yes"),
        ("set", "japan", "open", "--yes"),
        ("set", "japan", "places_available", "--yes"),
        ("set", "japan", "quota_reached", "--yes", "--dry-run"),
        ("set", "japan", "suspended", "--yes", "--from", "2027-01-01 00:00"),
        ("set", "japan", "quota_reached"),
        ("cancel", "japan", "--yes"),
    ],
    ids=" ".join,
)
def test_what_does_not_hide_now_hides_nothing(leased: Target, words: tuple[str, ...]) -> None:
    """The lease continues if the programme is unknown, or if the new state shows the link or starts later.

    It also continues with --dry-run, if nobody confirms the change, and after `cancel`.
    """
    more = ("--publish", str(leased.folder)) if words[0] != "close" else ()
    command(leased.project, "quota", *words, *more)

    assert until(leased) > time.time()


def test_a_closing_on_a_condition_that_is_not_met_hides_nothing_for_long(leased: Target) -> None:
    """After --expect refuses a closing, the lease may be renewed, unless another command holds it."""
    words = ("set", "japan", "suspended", "--expect", "suspended", "--yes", "--publish", str(leased.folder))
    done = command(leased.project, "quota", *words)
    assert done.returncode == 1
    assert HEADLINE not in done.stderr
    assert until(leased) == ENDED
    expire_lease(leased.folder)
    command(leased.project, "quota", *words)

    assert until(leased) == HELD


def test_wrong_use_after_the_link_is_hidden_says_so(leased: Target) -> None:
    """A closing with a note that cannot be written is refused.

    The link stays hidden, as the operator wanted, and a message says so.
    """
    done = close(leased, "japan", "--note", "two\nlines")

    assert done.returncode == 2
    assert done.stderr.startswith(f"{HEADLINE}--note must be one line of plain text.")
    assert until(leased) == HELD


@pytest.mark.parametrize("word", ["publish", "rollback"])
def test_every_publisher_hides_first(leased: Target, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """If somebody saved a closing in the log, a publisher hides the link before it builds.

    The link stays hidden if the build fails.
    """
    leased.project.replace("content/en/index.md", "title: ", "title: New ")
    leased.published()
    renew(leased)
    leased.project.set_log("japan", OPEN_LONG_AGO, "quota_reached 2026-04-02 00:00")
    seen: list[float] = []

    def fail(*_: object) -> None:
        seen.append(until(leased))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publisher, "staged", fail)
    done = leased.command(word, *(("--yes",) if word == "rollback" else ()))

    assert set(seen) == {HELD}
    assert done.stderr.startswith(HEADLINE)
    monkeypatch.undo()
    assert leased.command(word, *(("--yes",) if word == "rollback" else ())).returncode == 0
    assert until(leased) == ENDED


def test_the_lease_has_ended_before_anything_slow_is_loaded(leased: Target) -> None:
    """The link is hidden before the command imports the first library."""
    guard = f"""
import sys, os
class Guard:
    def find_spec(self, name, path=None, target=None):
        if name in {{"pydantic", "yaml", "jinja2", "markdown", "icalendar", "babel", "nh3"}}:
            assert os.stat({str(leased.folder / "lease")!r}).st_mtime < 10, name
            print("hidden before", name, file=sys.stderr)
sys.meta_path.insert(0, Guard())
from pathlib import Path
from site_src.cli import main
sys.exit(main(sys.argv[1:], Path.cwd()))
"""
    for words in (
        ("close", "japan"),
        ("set", "south-korea", "suspended", "--yes", "--publish", str(leased.folder)),
    ):
        renew(leased)
        done = subprocess.run(
            [sys.executable, "-c", guard, "quota", *words],
            cwd=leased.project.root.resolve(),
            env=leased.project.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "hidden before pydantic" in done.stderr


def test_a_publish_without_a_resident_says_what_the_lease_means(leased: Target) -> None:
    """If no resident renews the lease, a publish reports that the link depends on the lease.

    If there is no lease, or if there is a heartbeat, it does not report this.
    """
    sentence = "no resident publisher renews it"
    assert sentence in leased.publish().stderr
    (leased.folder / "heartbeat.json").write_text("{}")
    assert sentence not in leased.publish().stderr
    (leased.folder / "heartbeat.json").unlink()
    (leased.folder / "lease").unlink()
    assert sentence not in leased.publish().stderr
    assert not (leased.folder / "lease").exists()


def test_without_a_lease_a_closing_is_a_publish(leased: Target) -> None:
    """If there is no lease, a closing creates none, and is live when the command ends."""
    (leased.folder / "lease").unlink()

    assert close(leased, "japan").returncode == 0
    assert not leased.shows_link()
    assert not (leased.folder / "lease").exists()


def test_show_says_what_visitors_see(leased: Target) -> None:
    """`quota show --published` reports the link and the lease on which it depends.

    `quota due` reports a lease that has ended.
    """

    def show() -> str:
        return command(leased.project, "quota", "show", "--published", str(leased.folder)).stdout

    def due() -> str:
        return command(leased.project, "quota", "due", "--published", str(leased.folder)).stdout

    assert "visitors see the link; lease renewed " in show()
    assert "visitors" not in due()
    expire_lease(leased.folder, ENDED)
    assert "visitors do not see the link; lease ended " in show()
    assert "japan: visitors do not see the link; lease ended " in due()
    expire_lease(leased.folder)
    assert "visitors do not see the link; a command hid the link " in show()
    close(leased, "japan")
    assert "visitors do not see the link; published as quota_reached" in show()
    (leased.folder / "lease").unlink()
    assert "visitors see the link; there is no lease" in show()
    printed = command(leased.project, "quota", "show", "--json", "--published", str(leased.folder)).stdout
    assert '"lease": null' in printed
