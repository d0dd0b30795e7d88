"""The resident publisher's log reports each event once, with one time, for people, journald and programs."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest

from site_src.commands.log_lines import LogLines, format_line, log_lines

NOW = datetime(2026, 11, 26, 10, 42, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "priority", "level"),
    [
        ("ALARM: Visitors do not see the link.", 1, "alert"),
        ("NOT PUBLISHED. Visitors still get release 3.", 3, "error"),
        ("Refused: no.", 3, "error"),
        ("The link is hidden. The new notice is not published yet: x", 4, "warning"),
        ("/srv/www: release 4-0123, 80 files", 6, "info"),
    ],
)
def test_each_line_has_its_priority(line: str, priority: int, level: str) -> None:
    """Each line is an alert, an error, a warning or information. journald gets a number for it, and JSON a word."""
    assert format_line(line, "journal", NOW) == f"<{priority}>{line}"
    assert json.loads(format_line(line, "json", NOW)) == {
        "time": "2026-11-26T10:42:07Z",
        "level": level,
        "message": line,
    }
    assert format_line(line, "text", NOW) == f"2026-11-26T10:42:07Z {line}"


def test_threads_do_not_mix_their_lines() -> None:
    """If two threads write lines in pieces at the same time, each line stays complete."""
    stream = StringIO()
    lines = LogLines(stream, "journal")

    def write(letter: str) -> None:
        for _ in range(200):
            print(letter * 20, letter * 20, file=lines)

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(stream.getvalue().splitlines()) == {f"<6>{letter * 20} {letter * 20}" for letter in "ab"}


@pytest.mark.parametrize("form", [None, "json"])
def test_all_that_is_printed_is_logged(form: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    """While the log is open, every line of both streams has its format.

    After it is closed, lines are printed unchanged.
    """
    with log_lines(form):
        print("a\n\nb")
        print("c", file=sys.stderr)
    print("plain")
    out, err = capsys.readouterr()

    pattern = r'\{"time": .*\}' if form else r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ [abc]"
    assert out.endswith("\nplain\n")
    assert [bool(re.fullmatch(pattern, line)) for line in (out + err).splitlines()] == [
        True,
        True,
        False,
        True,
    ]


def test_journald_gets_priorities_and_no_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that systemd connected to journald gets `<N>` in each line.

    A different stream of the same process gets the time.
    """
    with (tmp_path / "journal").open("w+") as journal, (tmp_path / "file").open("w+") as file:
        status = os.fstat(journal.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        monkeypatch.setattr(sys, "stderr", journal)
        monkeypatch.setattr(sys, "stdout", file)
        with log_lines(None):
            print("ALARM: x", file=sys.stderr, flush=True)
            print("y", flush=True)

    assert (tmp_path / "journal").read_text() == "<1>ALARM: x\n"
    assert re.fullmatch(r"20\S+Z y\n", (tmp_path / "file").read_text())
