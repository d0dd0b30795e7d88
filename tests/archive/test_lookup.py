"""`releases --at` answers what a page said at a moment such as 11:42:10, and gives the proof."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from site_src.instants import utc_text
from site_src.publish import journal
from site_src.publish.manifest import digest
from tests.support.archived import Shown, showing
from tests.support.commands import Done, command
from tests.support.moments import next_second
from tests.support.project import make_project
from tests.support.published import JAPAN_PAGE, LINK, Target
from tests.support.quota_desk import desk


@dataclass
class Closing:
    """A site on which Japan was open and then closed, archived in both states, and a moment in each state."""

    shown: Shown
    names: tuple[str, str]
    moments: tuple[datetime, datetime]
    pages: tuple[bytes, bytes]

    def ask(self, moment: datetime, *more: str) -> Done:
        """Runs `releases --at` for this moment."""
        return self.shown.target.command("releases", "--at", f"{moment:%Y-%m-%d %H:%M:%S}+00:00", *more)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closing]:
    """A site that was published and archived while Japan was open, and again after `quota set`."""
    folder = tmp_path_factory.mktemp("lookup")
    target = Target(desk(make_project(folder / "project")), folder / "www")
    target.project.set_log("japan", "open 2026-04-01 00:00")
    names, moments, pages = [], [], []
    with showing(target) as shown:
        for number in range(2):
            if number:
                words = ("--by", "quota desk", "--note", "confirmed by telephone", "--yes")
                command(target.project, "quota", "set", "japan", "quota_reached", *words)
            names.append(target.published())
            moments.append(next_second())
            pages.append(target.page().encode())
            shown.archived()
        yield Closing(shown, (names[0], names[1]), (moments[0], moments[1]), (pages[0], pages[1]))


@pytest.fixture
def closing(closed: Closing, tmp_path: Path) -> Iterator[Closing]:
    """The closed site. After the test, every file is restored."""
    parts = (closed.shown.target.folder, closed.shown.folder)
    for part in parts:
        shutil.copytree(part, tmp_path / part.name, symlinks=True)
    yield closed
    for part in parts:
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(tmp_path / part.name, part, symlinks=True)


def test_the_walk_from_the_question_to_the_answer(closing: Closing) -> None:
    """For a moment before the closing, the answer has that release, the link, the author, the note and the page's text.

    For a moment after it, the answer has the notice, the author and the note.
    """
    before = closing.ask(closing.moments[0], "--page", "en/japan/")
    after = closing.ask(closing.moments[1], "--page", "en/japan")

    assert (before.returncode, before.stderr) == (after.returncode, after.stderr) == (0, "")
    assert closing.names[0] in before.stdout
    assert "japan: open, link shown" in before.stdout
    assert "https://start.request.test/japan" in before.stdout
    assert "japan: quota_reached, link hidden" in after.stdout
    assert "by quota desk: confirmed by telephone; internal" in after.stdout
    assert "https://start.request.test/japan" not in after.stdout
    assert f"release {closing.names[0]} was live until" in after.stdout


def test_json_has_the_same_with_the_record(closing: Closing) -> None:
    """The JSON names the WARC file, its digest, and the record in it whose payload has the page's digest."""
    printed = json.loads(closing.ask(closing.moments[0], "--page", "en/japan/", "--json").stdout)

    assert (printed["release"], printed["states"]["japan"]) == (
        closing.names[0],
        {"state": "open", "linkShown": True},
    )
    assert printed["page"]["sha256"] == printed["archive"]["sha256"] == digest(closing.pages[0])
    warc = Path(printed["archive"]["file"]).read_bytes()
    assert warc[printed["archive"]["offset"] :].startswith(b"WARC/1.1\r\n")
    assert printed["archive"]["record"].encode() in warc[printed["archive"]["offset"] :][:600]
    assert datetime.fromisoformat(printed["liveUntil"]) > closing.moments[0]


@pytest.mark.parametrize("which", [0, 1])
def test_a_release_that_is_gone_is_answered_from_journal_and_archive(
    closing: Closing, which: int, tmp_path: Path
) -> None:
    """For a deleted release, the journal gives the states, the author and the time.

    The WARC file gives the page, byte for byte.
    """
    shutil.rmtree(closing.shown.target.folder / "releases" / closing.names[which])
    done = closing.ask(closing.moments[which], "--page", "en/japan/", "--out", str(tmp_path / "page"))

    assert done.returncode == 0, done.stderr
    assert "its files are not kept" in done.stdout
    assert f"japan: {('open', 'quota_reached')[which]}" in done.stdout
    assert (tmp_path / "page").read_bytes() == closing.pages[which]


def test_without_release_and_archive_only_the_states_are_known(closing: Closing) -> None:
    """If both the release and the archive are missing, the command exits with 1 and a message, but still prints the states."""
    shutil.rmtree(closing.shown.target.folder / "releases" / closing.names[0])
    shutil.rmtree(closing.shown.folder)
    done = closing.ask(closing.moments[0], "--page", "en/japan/")

    assert done.returncode == 1
    assert "japan: open, link shown" in done.stdout
    assert "is not kept" in done.stderr


def test_tampering_is_named_and_the_other_source_answers(closing: Closing) -> None:
    """If a page of the release was changed, the command reports this and uses the page in the archive.

    A changed WARC file is reported and not used.
    """
    page = closing.shown.target.folder / "releases" / closing.names[0] / "site" / JAPAN_PAGE
    page.write_bytes(page.read_bytes().replace(b"<h1", b"<h1 class=x"))
    done = closing.ask(closing.moments[0], "--page", "en/japan/", "--json")
    printed = json.loads(done.stdout)
    assert done.returncode == 1
    assert "site/en/japan/index.html: was changed" in done.stderr
    assert printed["archive"]["sha256"] == digest(closing.pages[0])

    for file in closing.shown.folder.glob("*.warc"):
        file.write_bytes(file.read_bytes().replace(b"quota", b"qouta"))
    done = closing.ask(closing.moments[1], "--page", "en/japan/")
    assert done.returncode == 1
    assert ".warc: was changed" in done.stderr
    assert "no known WARC file contains this page" in done.stdout
    verified = closing.shown.target.command("releases", "--verify")
    assert verified.stderr.count(".warc: was changed") == 2


def test_verify_finds_files_that_are_missing_or_were_added(closing: Closing) -> None:
    """--verify reports a WARC file that the journal names but that is missing, and one that the journal does not name."""
    first, _ = sorted(closing.shown.folder.glob("*.warc"))
    first.rename(first.with_name("quotabord-0.warc"))
    done = closing.shown.target.command("releases", "--verify")

    assert done.returncode == 1
    assert f"{first}: is missing" in done.stderr
    assert "quotabord-0.warc: is not in any line of the journal" in done.stderr


def test_a_journal_that_was_edited_is_in_doubt(closing: Closing) -> None:
    """If the journal was edited, the answer is printed with a finding, and the exit code is 1."""
    file = closing.shown.target.folder / "journal.jsonl"
    file.write_text(file.read_text().replace('"japan": "open"', '"japan": "suspended"', 1))
    done = closing.ask(closing.moments[1])

    assert done.returncode == 1
    assert "the journal was changed by hand" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--at", "2026-10-25 02:30"], 2, "exists twice"),
        (["--at", "11:42"], 2, "is not a moment"),
        (["--at", "2100-01-01 00:00"], 2, "is in the future"),
        (["--at", "2020-01-01 00:00"], 1, "nothing was live at that moment"),
        (["--page", "en/japan/"], 2, "need a moment"),
        (["--anchor", "x"], 2, "needs --verify"),
    ],
)
def test_what_cannot_be_answered_is_refused(
    closed: Closing, words: list[str], code: int, message: str
) -> None:
    """The command refuses a moment that is ambiguous, in the future or before the first release.

    It also refuses an option that needs another option.
    """
    done = closed.shown.target.command("releases", *words)

    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr


def test_a_page_that_did_not_exist(closed: Closing) -> None:
    """If the page did not exist at the moment, the command names it and exits with 1."""
    done = closed.ask(closed.moments[0], "--page", "en/nothing/")

    assert done.returncode == 1
    assert "has no page en/nothing/" in done.stderr


def test_a_lease_that_had_ended_is_said(closing: Closing) -> None:
    """If the lease had ended at the moment, the page is that of the hidden tree.

    The answer says when the lease ended, or that this is not known.
    """
    moment, target = closing.moments[0], closing.shown.target
    since = utc_text(moment - timedelta(seconds=1))
    journal.append(target.folder, {"who": "x", "action": "lease", "result": "ended", "since": since})
    done = closing.ask(moment, "--page", "en/japan/")
    assert "no lease was valid" in done.stdout
    assert "does not record when it was renewed" in done.stdout
    assert "/hidden/en/japan/index.html" in done.stdout
    assert LINK not in done.stdout

    journal.append(target.folder, {"who": "x", "action": "lease", "result": "renewed"})
    assert "until" in next(
        line for line in closing.ask(moment).stdout.splitlines() if "no lease was valid" in line
    )
