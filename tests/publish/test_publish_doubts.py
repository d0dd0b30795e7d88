"""Old logs that come in two steps, releases that may or may not be live, and missing content."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable

import pytest

from tests.support.commands import Done, command
from tests.support.published import Target
from tests.support.quota_desk import run_bound

A = ("open 2026-01-01 00:00", "quota_reached 2026-04-01 11:42")
B = (*A, "places_available 2026-10-05 09:00")
C = (*B, "quota_reached 2026-10-05 12:00")
OPEN = ("open 2026-01-01 00:00",)


def opened(target: Target) -> None:
    """Publishes with Japan open."""
    target.project.set_log("japan", *OPEN)
    target.published()
    assert target.shows_link()


def close(target: Target) -> Done:
    """Runs the operator's closing, published in the same call."""
    words = ("quota", "set", "japan", "quota_reached", "--yes", "--publish", str(target.folder))
    return command(target.project, *words)


def test_an_old_log_does_not_come_in_two_steps(target: Target) -> None:
    """A copy of the log that is two events old is refused, even if its state is the live one.

    Otherwise it would make the next old copy look new.
    """
    target.project.set_log("japan", *C)
    target.published()
    for stale in (B, A, B):
        target.project.set_log("japan", *stale)
        done = target.publish()
        assert done.returncode == 1
        assert "If the file is an old copy" in done.stderr
    assert not target.shows_link()


def test_an_old_log_with_a_schedule_is_an_old_log(target: Target) -> None:
    """A scheduled event at the end of an old copy does not make the copy new."""
    target.project.set_log("japan", *B)
    target.published()
    target.project.set_log("japan", *A, "open 2027-04-01 00:00")

    assert target.publish().returncode == 1
    assert target.shows_link()


def damage_manifest(target: Target) -> None:
    """Makes the live manifest unreadable."""
    (target.folder / "current/manifest.json").write_text("garbage")


def wrong_types(target: Target) -> None:
    """Writes a number of the live manifest as a string."""
    file = target.folder / "current/manifest.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "number": "1"}))


def lose_link(target: Target) -> None:
    """Deletes the link to the live release."""
    (target.folder / "current").unlink()


DOUBTS = [damage_manifest, wrong_types, lose_link]


@pytest.mark.parametrize("harm", DOUBTS)
def test_no_old_log_comes_in_while_nobody_can_tell_what_is_live(
    target: Target, harm: Callable[[Target], None]
) -> None:
    """If the live manifest, or the link to the live release, is lost, earlier releases still record what was published.

    All of them are kept.
    """
    target.project.set_log("japan", *B)
    target.published()
    target.project.set_log("japan", *C)
    target.published()
    target.project.replace("content/en/japan.md", "title: ", "title: New ")
    target.published()
    releases = {entry.name for entry in (target.folder / "releases").iterdir()}
    harm(target)
    target.project.set_log("japan", *B)

    assert target.publish().returncode == 4
    assert not target.shows_link()
    assert target.page().count('data-state="quota_reached"')
    assert {entry.name for entry in (target.folder / "releases").iterdir()} > releases


@pytest.mark.parametrize("harm", DOUBTS)
def test_a_closing_over_a_broken_page_goes_on_while_nobody_can_tell_what_is_live(
    target: Target, harm: Callable[[Target], None]
) -> None:
    """A closing hides the link even if nobody can tell which release is live and a page is broken."""
    opened(target)
    target.project.replace("content/en/japan.md", "title: ", "title: New ")
    target.published()
    harm(target)
    target.project.write("content/en/japan.md", "broken")

    assert close(target).returncode == 4
    assert not target.shows_link()


BROKEN: dict[str, Callable[[Target], object]] = {
    "a-programme-that-is-not-in-the-log": lambda target: shutil.copy(
        target.project.root / "content/programmes/japan.yaml",
        target.project.root / "content/programmes/peru.yaml",
    ),
    "another-programme-gone": lambda target: (
        target.project.root / "content/programmes/south-korea.yaml"
    ).unlink(),
    "the-programme-gone": lambda target: (target.project.root / "content/programmes/japan.yaml").unlink(),
    "a-conflict-in-the-settings": lambda target: target.project.replace(
        "content/site.yaml", "time_zone:", "<<<<<<< HEAD\ntime_zone:"
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_operators_closing_does_not_wait_for_content(target: Target, name: str) -> None:
    """The operator's own command closes in one call (exit 4), whatever is wrong in content/."""
    opened(target)
    BROKEN[name](target)

    done = close(target)

    assert done.returncode == 4, done.stderr
    assert not target.shows_link()


def test_a_state_that_is_noted_is_published(target: Target) -> None:
    """If the operator forgot --publish, the same command with --publish hides the link."""
    opened(target)
    assert command(target.project, "quota", "set", "japan", "quota_reached", "--yes").returncode == 0
    again = command(target.project, "quota", "set", "japan", "quota_reached", "--yes")
    assert "To publish it: " in again.stderr

    assert close(target).returncode == 0
    assert not target.shows_link()


def test_a_closing_that_another_publisher_was_quicker_with_is_no_alarm(target: Target) -> None:
    """A closing that is already live is reported as live, even if the command publishes nothing because of a broken page."""
    opened(target)
    target.project.write("content/en/japan.md", "broken")
    assert close(target).returncode == 4

    done = close(target)

    assert done.returncode == 4
    assert "but the change is already live. Visitors get release" in done.stderr
    assert "NOT PUBLISHED" not in done.stderr


def test_a_user_whose_name_is_no_text_can_publish(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal records the user's number if the environment's user name is not valid text."""
    monkeypatch.setenv("LOGNAME", "\udcff")
    assert target.publish().returncode == 0

    assert target.journal()[-1]["who"] == f"user {os.getuid()}"


def test_warnings_do_not_hide_an_error(target: Target) -> None:
    """If neither content/ nor the kept content can be used, both errors are reported, and the warning is counted once."""
    target.project.replace("content/en/index.md", "\n", "\r\n")
    opened(target)
    (target.folder / "current/inputs/content/en/japan.md").write_text("damaged")
    target.project.write("content/en/japan.md", "broken")
    done = target.publish()

    assert done.returncode == 1
    assert "has Windows line endings" not in done.stderr
    assert re.search(r"\n[2-9] errors, 1 warning\. To read all: python build.py check\n", done.stderr)
    assert f"releases/{target.name}/inputs/content/en/japan.md:1: is not what" in done.stderr


def test_a_roll_back_that_is_refused_promises_nothing(target: Target) -> None:
    """A roll-back describes what later publishes will do only if the roll-back itself was published."""
    target.project.set_log("japan", *C)
    target.published()
    target.project.replace("content/en/japan.md", "title: ", "title: New ")
    target.published()
    target.project.set_log("japan", *B)
    done = target.command("rollback", "--yes")
    assert done.returncode == 1
    assert "If the file is an old copy" in done.stderr
    assert "keep this content" not in done.stderr

    target.project.set_log("japan", *C)
    done = target.command("rollback", "--yes")
    assert done.returncode == 0
    assert "keep this content" in done.stderr


def test_an_old_log_does_not_come_in_when_the_only_release_of_the_closing_is_damaged(target: Target) -> None:
    """If the only release with the closing cannot be read, the journal still records that the link was hidden."""
    opened(target)
    assert close(target).returncode == 0
    damage_manifest(target)
    target.project.set_log("japan", *OPEN)

    done = target.publish()

    assert done.returncode == 4
    assert "japan: was published as quota_reached at " in done.stderr
    assert not target.shows_link()


def test_a_damaged_journal_holds_up_no_closing_either(target: Target) -> None:
    """The present log hides the link, without a traceback, even if the live manifest and the journal's last time are damaged."""
    opened(target)
    damage_manifest(target)
    journal = target.folder / "journal.jsonl"
    entry = {**target.journal()[-1], "time": "2019-01-01T00:00:00", "to": {"south-korea": "suspended"}}
    journal.write_text(json.dumps(entry) + "\n")

    done = close(target)
    assert "Traceback" not in done.stderr
    assert not target.shows_link()


def test_places_that_came_back_are_shown_while_nobody_can_tell_what_is_live(target: Target) -> None:
    """Even if nobody can tell which release is live, the link is shown for places that were noted after the last publish."""
    opened(target)
    assert close(target).returncode == 0
    damage_manifest(target)

    words = ("quota", "set", "japan", "places_available", "--yes", "--publish", str(target.folder))
    assert command(target.project, *words).returncode == 0
    assert target.shows_link()


def test_a_wrong_opening_that_was_taken_back_can_be_hidden_as_the_refusal_says(target: Target) -> None:
    """A log without a published event is refused as an old copy. The command that the refusal names hides the link."""
    closed = (target.project.root / "quota_state.yaml").read_text()
    words = ("quota", "set", "japan", "open", "--yes", "--publish", str(target.folder))
    assert command(target.project, *words).returncode == 0
    (target.project.root / "quota_state.yaml").write_text(closed)

    again = close(target)
    assert again.returncode == 1
    assert "To hide the link: python build.py quota set japan suspended" in again.stderr
    words = ("quota", "set", "japan", "suspended", "--yes", "--publish", str(target.folder))
    assert command(target.project, *words).returncode == 0
    assert not target.shows_link()
    assert close(target).returncode == 0


def test_a_closing_that_was_stopped_is_published_by_the_same_command(target: Target) -> None:
    """If a closing was noted but not published, the same command with --expect publishes it, and does not refuse it."""
    opened(target)
    words = ("quota", "set", "japan", "quota_reached", "--expect", "open", "--yes")
    assert command(target.project, *words).returncode == 0
    assert target.shows_link()

    assert command(target.project, *words, "--publish", str(target.folder)).returncode == 0
    assert not target.shows_link()


# Below the target. The project is beside it.
UNREADABLE = [
    "../project/content/programmes",
    "../project/content",
    "current/inputs",
    "current/site/assets",
    "old-assets",
]


@pytest.mark.parametrize("place", UNREADABLE)
def test_what_a_closing_does_not_need_may_be_unreadable(target: Target, place: str) -> None:
    """A closing hides the link even if a folder of the content, or of an earlier release, cannot be read."""
    opened(target)
    style = next((target.folder / "current/site/assets").resolve().glob("style.*.css"))
    old = style.rename(style.with_name("style.000000000000.css"))
    manifest = target.folder / "current/manifest.json"
    manifest.write_text(manifest.read_text().replace(style.name, old.name))
    assert command(target.project, "quota", "set", "japan", "quota_reached", "--yes").returncode == 0
    unreadable = old if place == "old-assets" else target.folder / place
    mode = unreadable.stat().st_mode
    unreadable.chmod(0)
    try:
        done = run_bound(target.project, "publish", str(target.folder))
    finally:
        unreadable.chmod(mode)

    assert done.returncode in (0, 4), done.stderr
    assert not target.shows_link()


def test_a_folder_in_the_place_of_the_link_is_reported(target: Target) -> None:
    """If somebody copied the live release over the link, commands print what to type.

    The log keeps the change, and a publish leaves no temporary files.
    """
    opened(target)
    live = target.folder / "current"
    copied = shutil.copytree(live, target.folder / "copied")
    live.unlink()
    copied.rename(live)
    releases = sorted(entry.name for entry in (target.folder / "releases").iterdir())

    closed, done = close(target), target.publish()
    assert "The change stays in quota_state.yaml" in closed.stderr
    assert done.returncode == 1
    assert "current: is a folder and must be a link, so move it away: mv current copy." in done.stderr
    assert sorted(entry.name for entry in (target.folder / "releases").iterdir()) == releases
    assert "Traceback" not in target.command("releases").stderr


def test_releases_that_were_published_stay_when_an_older_one_is_made_live_by_hand(target: Target) -> None:
    """If somebody changed the link by hand, a publish deletes no release and uses no number twice.

    It does not touch folders with other names.
    """
    for number in range(4):
        target.project.replace("content/en/index.md", "title: ", f"title: {number} ")
        target.published()
    names = {entry.name for entry in (target.folder / "releases").iterdir()}
    (target.folder / "releases/backup-20261122").mkdir()
    second = next(name for name in names if name.startswith("2-"))
    (target.folder / "current").unlink()
    (target.folder / "current").symlink_to(f"releases/{second}")

    target.published()

    assert target.number == 5
    assert names < {entry.name for entry in (target.folder / "releases").iterdir()}
    assert (target.folder / "releases/backup-20261122").is_dir()


def test_who_keeps_fewer_waits_for_few_deletions(target: Target) -> None:
    """Hundreds of releases are pruned in small steps, so the lock is never held for all of them."""
    name = target.published()
    for number in range(100, 130):
        shutil.copytree(target.folder / "releases" / name, target.folder / f"releases/{number}-{name[2:]}")
    live = f"releases/200-{name[2:]}"
    (target.folder / "releases" / name).rename(target.folder / live)
    manifest = target.folder / live / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"number": 1', '"number": 200'))
    (target.folder / "current").unlink()
    (target.folder / "current").symlink_to(live)
    target.project.replace("content/en/index.md", "title: ", "title: New ")

    target.published("--keep", "2")
    left = len(list((target.folder / "releases").iterdir()))
    assert 2 < left < 30
    target.project.replace("content/en/index.md", "title: ", "title: Newer ")
    target.published("--keep", "2")
    assert len(list((target.folder / "releases").iterdir())) < left
