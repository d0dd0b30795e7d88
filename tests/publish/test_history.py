"""Releases that closed or opened a link are kept permanently, and an anchor proves what the journal contained."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from site_src.publish import journal, pruning
from site_src.publish.history import read_spans, releases_to_keep
from site_src.publish.pruning import free_room, prune_half
from site_src.publish.releases import live_release
from site_src.publish.reserve import RESERVE
from tests.support.commands import command
from tests.support.project import Project, make_project
from tests.support.published import Target
from tests.support.quota_desk import desk


def change_title(target: Target, number: int, *more: str) -> None:
    """Publishes different content with the same states."""
    target.project.replace("content/en/index.md", "title: ", f"title: {number}")
    target.published(*more)


def set_japan(target: Target, state: str, *more: str) -> None:
    """Sets Japan to this state and publishes."""
    command(target.project, "quota", "set", "japan", state, "--yes")
    target.published(*more)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Target:
    """Release 1 shows South Korea's link, release 4 opens Japan, and release 7 closes it.

    The others differ only in content.
    """
    folder = tmp_path_factory.mktemp("history")
    target = Target(desk(make_project(folder / "project")), folder / "www")
    target.published()
    for number in range(2, 10):
        if number in (4, 7):
            set_japan(target, "open" if number == 4 else "quota_reached", "--keep", "2")
        else:
            change_title(target, number, "--keep", "2")
    return target


@pytest.fixture
def history(made: Target, tmp_path: Path) -> Target:
    """A copy of the target `made`, which a test may change."""
    shutil.copytree(made.project.root, tmp_path / "site")
    shutil.copytree(made.folder, tmp_path / "www", symlinks=True)
    return Target(Project(tmp_path / "site"), tmp_path / "www")


def test_releases_that_changed_a_link_are_never_pruned(history: Target) -> None:
    """Releases that changed a link do not count for --keep.

    With `--keep 2`, the live release and one more of the others stay.
    """
    assert history.numbers == [9, 8, 7, 4, 1]
    assert {name.partition("-")[0] for name in releases_to_keep(history.folder)} == {"1", "4", "7"}


def test_a_full_disk_takes_the_others_first(history: Target) -> None:
    """On a full disk, only a closing deletes releases that changed a link, and only if no other releases and no reserve are left.

    It never deletes the live release or the one before it.
    """
    change_title(history, 10)
    live = live_release(history.folder)
    assert live
    assert prune_half(history.folder, live, closing=True)
    assert history.numbers == [10, 9, 7, 4, 1]
    assert not free_room(history.folder, closing=False)
    assert history.numbers == [10, 9, 7, 4, 1]
    assert free_room(history.folder, closing=True), "the reserve"
    assert history.numbers == [10, 9, 7, 4, 1]
    assert free_room(history.folder, closing=True)
    assert history.numbers == [10, 9, 7]


def test_a_closing_spends_the_reserve_if_no_release_can_be_deleted(
    history: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If old releases cannot be deleted, for example those of another user, a closing frees the reserve, and nothing else does."""
    change_title(history, 11)
    monkeypatch.setattr(pruning, "sweep", lambda _: None)

    assert not free_room(history.folder, closing=False)
    assert free_room(history.folder, closing=True)
    assert not (history.folder / RESERVE).exists()
    assert not free_room(history.folder, closing=True)


def test_the_journal_says_what_was_live_when(history: Target) -> None:
    """The journal gives one span of time for each release, without gaps.

    Attempts that changed nothing have no span.
    """
    history.publish()
    spans = read_spans(history.folder)

    assert [int(span.release.partition("-")[0]) for span in spans] == [*range(1, 10)]
    assert all(one.ends == other.begins for one, other in pairwise(spans))
    assert spans[-1].ends is None


def test_an_alarm_of_the_probe_does_not_hide_the_digest_of_a_manifest(target: Target) -> None:
    """If a later journal line about a release has no digest of its manifest, the digest of the earlier line stays known."""
    name = target.published()
    digest = journal.manifests_in(target.folder)[name]
    journal.append(target.folder, {"action": "probe", "release": name, "result": "not-shown"})

    assert journal.manifests_in(target.folder) == {name: digest}
    change_title(target, 2)
    assert "is not the one that was published" not in str(target.publish().stderr)


def test_the_line_that_a_later_publish_adds_names_the_closing(target: Target) -> None:
    """A release that closed the link is kept even if its publisher was killed before it wrote the journal line."""
    target.published()
    command(target.project, "quota", "set", "south-korea", "quota_reached", "--yes")
    closing = target.published()
    file = target.folder / "journal.jsonl"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    change_title(target, 3)

    assert closing in releases_to_keep(target.folder)


def anchor(target: Target, *words: str) -> str:
    """Returns the output of `journal anchor`."""
    done = command(target.project, "journal", "anchor", "--target", str(target.folder), *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_anchor_proves_that_nothing_before_it_was_rewritten(history: Target, tmp_path: Path) -> None:
    """Two anchors in one file are confirmed.

    Each is contradicted if the journal is cut, or rewritten as a whole with a correct chain.
    """
    file = tmp_path / "anchors"
    anchor(history, str(file))
    change_title(history, 10)
    anchor(history, str(file))
    change_title(history, 11)
    verify = ("--verify", "--anchor", str(file))
    assert history.command("releases", *verify).returncode == 0

    entries = history.journal()
    (history.folder / "journal.jsonl").unlink()
    for entry in entries:
        journal.append(history.folder, {**entry, "who": "somebody else"})
    assert history.command("releases", "--verify").returncode == 0, "a rewritten chain is whole"
    done = history.command("releases", *verify)
    assert done.returncode == 1
    assert done.stderr.count("was rewritten") == 2

    lines = (history.folder / "journal.jsonl").read_text().splitlines(keepends=True)
    (history.folder / "journal.jsonl").write_text("".join(lines[:3]))
    assert history.command("releases", *verify).stderr.count("lines were removed") == 2


def test_a_signed_anchor_is_checked(target: Target, tmp_path: Path) -> None:
    """If the folder `keys/` exists, anchors are signed.

    A changed, unsigned or foreign anchor is refused. An anchor that a replaced key signed is accepted.
    """
    target.published()
    root_key, online = str(tmp_path / "root.pem"), str(tmp_path / "online.pem")
    keys = ("--root-key", root_key, "--online-key", online)
    assert command(target.project, "keys", "init", *keys).returncode == 0
    local = f"target: {target.folder}\nstore:\n  signing_key: "
    target.project.write("local.yaml", f"{local}{online}\n")
    file, verify = tmp_path / "anchors", ("releases", "--verify", "--anchor", str(tmp_path / "anchors"))
    anchor(target, str(file))
    good = json.loads(file.read_text())
    done = target.command(*verify)
    assert done.returncode == 0, done.stderr

    stripped = {key: good[key] for key in ("line", "sha256", "time")}
    changed = ({"sha256": "0" * 64}, {"time": "2020-01-01T00:00:00Z"}, {"signature": "zz"}, {"key": "0" * 64})
    file.write_text("\n".join(map(json.dumps, (good, stripped, *({**good, **change} for change in changed)))))
    done = target.command(*verify)
    assert done.returncode == 1
    assert f"{file}:2: the anchor has no signature" in done.stderr
    assert done.stderr.count("the anchor was changed, or was not signed with a key that keys/ names") == 4

    new = str(tmp_path / "new.pem")
    words = ("keys", "rotate", "--root-key", root_key, "--new-online-key", new)
    assert command(target.project, *words).returncode == 0
    refused = command(target.project, "journal", "anchor", "--target", str(target.folder))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "is not the online key" in refused.stderr
    target.project.write("local.yaml", f"{local}{new}\n")
    file.write_text(json.dumps(good) + "\n")
    anchor(target, str(file))
    assert target.command(*verify).returncode == 0

    shutil.rmtree(target.project.root / "keys")
    assert target.command(*verify).stderr.count("the folder keys/ is missing") == 2
    file.write_text(json.dumps(stripped))
    assert target.command(*verify).returncode == 0


def test_what_is_no_anchor_is_named(history: Target, tmp_path: Path) -> None:
    """The command names each line of an anchor file that is not an anchor, and reports an empty or missing file."""
    file = tmp_path / "anchors"
    file.write_text('{"line": "x"}\nnothing\n')
    verify = ("releases", "--verify", "--anchor", str(file))
    assert history.command(*verify).stderr.count("is not an anchor") == 2
    file.write_text("")
    assert "has no anchor" in history.command(*verify).stderr
    file.unlink()
    assert history.command(*verify).returncode == 2


def test_others_can_hold_an_anchor(target: Target, tmp_path: Path) -> None:
    """An anchor can be printed, committed to a git repository, or sent to the alarm program as one message."""
    target.published()
    assert json.loads(anchor(target))["line"] == 1
    subprocess.run(["git", "init", "-q", str(tmp_path / "held")], check=True)
    for key, value in (("user.name", "t"), ("user.email", "t@t.example")):
        subprocess.run(["git", "-C", str(tmp_path / "held"), "config", key, value], check=True)
    anchor(target, str(tmp_path / "held/anchors"), "--commit")
    shown = subprocess.run(
        ["git", "-C", str(tmp_path / "held"), "show", "HEAD:anchors"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(shown.stdout)["line"] == 1

    program = tmp_path / "alarm"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/sentence\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    target.project.write("local.yaml", f"target: {target.folder}\nalarm: {program}\n")
    anchor(target, "--send")
    assert '"sha256"' in (tmp_path / "sentence").read_text()


def test_an_anchor_that_cannot_be_committed_is_kept(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without git, `journal anchor --commit` writes the anchor to the file, and exits with 1 and a message."""
    target.published()
    file = tmp_path / "anchors"
    monkeypatch.setenv("PATH", str(tmp_path))

    done = command(target.project, "journal", "anchor", str(file), "--target", str(target.folder), "--commit")

    assert done.returncode == 1
    assert "git is not installed" in done.stderr
    assert json.loads(file.read_text())["line"] == 1


def test_there_is_nothing_to_anchor_before_the_first_publish(target: Target) -> None:
    """`journal anchor` exits with 2 before the first publish, and prints what to do."""
    done = command(target.project, "journal", "anchor", "--target", str(target.folder))

    assert done.returncode == 2
    assert "Publish first" in done.stderr
