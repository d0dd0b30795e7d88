"""The steps of docs/operator.md print what the page shows, and docs/reference.md names every key of the JSON."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pexpect
import pytest

from site_src.cli import _parser
from site_src.publish.lease import make_lease
from tests.support.commands import command
from tests.support.project import AMSTERDAM, REPOSITORY, Project
from tests.support.quota_desk import PAST, days_ahead, desk

PAGE = REPOSITORY / "docs" / "operator.md"
LANGUAGES = ("en", "nl", "ja", "ko")
OPENING = "2027-04-01 00:00"  # the date on the page, which the test replaces by tomorrow
TABLE = re.compile(r"^\| (`.+?) \| (.+) \|$", re.MULTILINE)


@pytest.fixture
def real(tmp_path: Path) -> Project:
    """The real content, with a log in which Japan's quota is reached and South Korea is open."""
    project = Project(tmp_path / "project")
    shutil.copytree(REPOSITORY / "content", project.root / "content")
    shutil.copy(REPOSITORY / "build.py", project.root)
    return desk(project)


def steps() -> Iterator[tuple[str, str]]:
    """Returns each command of the page, with the output that the page shows below it."""
    blocks = re.findall(r"(?:^ {4}.*\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    for block in blocks:
        typed, *expected = re.sub("^ {4}", "", block, flags=re.MULTILINE).splitlines()
        assert typed.startswith("$ python build.py")
        yield typed.removeprefix("$ python "), "\n".join(expected)


def masked(printed: str) -> str:
    """Returns the output without times and numbers of files, which vary."""
    moments = re.sub(
        r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?([+-]\d\d:\d\d)?", "MOMENT", printed.replace("\r\n", "\n")
    )
    return re.sub(r"\b\d+ (will change|files)", r"N \1", moments).strip()


def typed(project: Project, line: str) -> str:
    """Returns what a terminal shows for this command. Answers its question as the page does."""
    terminal = pexpect.spawn(
        sys.executable,
        shlex.split(line),
        cwd=str(project.root),
        env=project.environment(),
        encoding="utf-8",
        dimensions=(50, 200),
        timeout=60,
    )
    shown = ""
    questions = ['Type "Japan" to do it: ', "Type yes to do it: "]
    if (asked := terminal.expect_exact([*questions, pexpect.EOF])) < len(questions):
        shown = f"{terminal.before}{questions[asked]}"
        terminal.sendline("yes" if asked else "Japan")
        terminal.expect_exact([pexpect.EOF])
    return shown + str(terminal.before)


def test_the_steps_print_what_the_page_says(real: Project) -> None:
    """If the steps of the page are typed one after the other, each prints what the page shows. `…` matches any lines."""
    tomorrow = f"{datetime.now(AMSTERDAM) + timedelta(days=1):%Y-%m-%d} 00:00"
    (real.root / "local.yaml").write_text(f"target: {real.root.parent / 'www'}\n")
    done = []
    for line, expected in steps():
        shown = masked(typed(real, line.replace(OPENING, tomorrow)))
        lines = masked(expected).splitlines()
        pattern = "".join("(?:.*\n)*" if line.strip() == "…" else f"{re.escape(line)}\n" for line in lines)
        assert re.fullmatch(pattern, f"{shown}\n"), f"{line}\n{shown}"
        if OPENING in line:  # as if the opening were in the past
            real.replace("quota_state.yaml", tomorrow, OPENING.replace("2027", "2021"))
        done.append(line)
    assert len(done) == 3


def test_every_command_of_the_page_exists() -> None:
    """The command line accepts each command in the page's code blocks and sentences."""
    found = re.findall(r"`python (build\.py .+?)`", PAGE.read_text(encoding="utf-8")) + [
        line for line, _ in steps()
    ]
    assert len(found) > 8
    for line in found:
        words = shlex.split(line)[1:]
        options = _parser().parse_args([*words, "show"] if words == ["quota"] else words or ["build"])
        assert ":" in options.command


def test_the_page_fits_a_screen() -> None:
    """docs/operator.md has fewer than sixty lines."""
    assert len(PAGE.read_text(encoding="utf-8").splitlines()) < 60


def test_what_it_says_when_it_fails(real: Project) -> None:
    """In each case of the page's table of failures, the command prints what the table says."""
    texts = [
        text
        for cell, _ in TABLE.findall(PAGE.read_text(encoding="utf-8"))
        for text in re.findall("`(.+?)`", cell)
    ]
    assert len(texts) == 7
    close = ("quota", "set", "japan", "suspended", "--yes", "--expect")
    said = [command(real, *close, "open").stderr]
    for planned in (("suspended", "--from", days_ahead(9)), ("open", "--from", days_ahead(10))):
        assert command(real, "quota", "set", "japan", *planned, "--yes").returncode == 0
    assert command(real, "quota", "set", "japan", "suspended", "--yes").returncode == 0
    said.append(command(real, "quota", "set", "japan", "open", "--yes").stderr)
    desk(real)
    said.append(command(real, "quota", "set", "japan", "quota_reached", "--yes").stderr)
    real.replace("content/en/japan.md", "title:", "titel:")
    said.append(command(real, "build").stderr)
    desk(real, PAST.replace("state: open", "state: opne"))
    said.append(command(real, *close, "open").stderr)

    # Content alone cannot make the gate refuse, and `meanwhile` needs a second person: other tests cover both.
    printed = "".join(said)
    assert {text for text in texts if text not in printed} == {"gate:", "meanwhile"}


def keys_in(value: object) -> set[str]:
    """Returns every key of the JSON except programme ids and language codes."""
    if isinstance(value, dict):
        return set().union(value, *map(keys_in, value.values())) - {"japan", "south-korea", *LANGUAGES}
    return set().union(*map(keys_in, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize("words", ["show", "history", "set south-korea suspended"])
def test_every_key_of_the_json_is_documented(real: Project, words: str) -> None:
    """docs/reference.md names exactly the keys in the JSON output of each command."""
    real.set_log("south-korea", "quota_reached 2020-01-01 00:00", f"open {days_ahead(3)}")
    text = (REPOSITORY / "docs" / "reference.md").read_text(encoding="utf-8")
    (item,) = [
        item
        for item in text.split("\n## JSON that commands print\n")[1].split("\n## ")[0].split("\n- ")[1:]
        if f"quota {words.split(maxsplit=1)[0]}" in item
    ]
    named = set(re.findall("`([A-Za-z]+)`", item))

    dry = ["--dry-run", "--publish", str(real.root / "www")] if "set" in words else []
    if dry:
        assert command(real, "publish", str(real.root / "www")).returncode == 0
        make_lease(real.root / "www")
    done = command(real, "quota", *words.split(), "--json", *dry)

    assert done.returncode == 0
    assert keys_in(json.loads(done.stdout)) == named
    assert len(named) > 4
