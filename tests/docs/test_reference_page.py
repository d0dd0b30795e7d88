"""docs/reference.md lists exactly the commands, options, exit codes, states and published paths that exist."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from site_src import exit_codes
from site_src.cli import _parser
from site_src.states import ALLOWED_STEPS, STATES_WITH_LINK, State
from tests.support.project import REPOSITORY

PAGE = (REPOSITORY / "docs" / "reference.md").read_text(encoding="utf-8")
GOLDEN = REPOSITORY / "tests" / "golden" / "small"


def list_rows(heading: str) -> list[list[str]]:
    """Returns the cells of each row of the tables below the heading, including those under its subheadings."""
    level = heading.partition(" ")[0]
    section = re.split(rf"^#{{1,{len(level)}}} ", PAGE.split(f"\n{heading}\n")[1], flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def list_commands(parser: argparse.ArgumentParser, words: str = "") -> Iterator[tuple[str, set[str]]]:
    """Maps each command of the parser to its options."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for action in below:
        for word, inner in action.choices.items():
            yield from list_commands(inner, f"{words} {word}".strip())
    if not below:
        yield words, {option for action in parser._actions for option in action.option_strings}


COMMANDS = dict(list_commands(_parser()))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_is_listed(command: str) -> None:
    """The usage line of a command has exactly the command's options, and the tables explain each of them."""
    usages = {
        " ".join(re.sub(r"[\[\]]", "", words).split()): line
        for words, line in re.findall(r"^python build\.py ((?:[a-z[\]]+(?: |$))+)?(.*)$", PAGE, re.MULTILINE)
    }
    expected = COMMANDS[command] - {"-h", "--help"}
    assert set(re.findall(r"--[a-z-]+", usages[command])) == expected
    explained = {re.sub(r" [A-Z=]+`", "`", cells[0]).strip("`") for cells in list_rows("## Commands")}
    assert {command, *expected} <= explained


def test_no_option_is_listed_that_does_not_exist() -> None:
    """Each option in the tables belongs to a command."""
    documented = {
        option for cells in list_rows("## Commands") for option in re.findall(r"^`(--[a-z-]+)", cells[0])
    }
    assert documented == set().union(*COMMANDS.values()) - {"--help", "-h"}


def test_every_exit_code_is_listed() -> None:
    """The table of exit codes has exactly the exit codes of the code."""
    codes = {value for value in vars(exit_codes).values() if isinstance(value, int)}
    assert {int(cells[0]) for cells in list_rows("### Exit codes")[1:]} == codes


def test_the_states_are_those_of_the_code() -> None:
    """For each state, the table says whether the link is shown and which states may follow."""
    rows = {cells[0].strip("`"): cells for cells in list_rows("## States")[1:]}
    assert set(rows) == set(State)
    for state in State:
        assert (rows[state][1] == "**shown**") == (state in STATES_WITH_LINK)
        if state in ALLOWED_STEPS:
            assert set(re.findall("`(.+?)`", rows[state][2])) == ALLOWED_STEPS[state]


def test_every_published_path_is_listed() -> None:
    """Each file of the small site matches a path in the table.

    Each path matches such a file, except security.txt and the archives of years.
    """
    paths = re.findall("`([^`]+)`", " ".join(cells[0] for cells in list_rows("## What is published")[1:]))
    patterns = {
        path: re.compile(
            re.sub(
                r"[A-Z]+",
                lambda word: {"PAGE": ".+", "HASH": "[0-9a-f]{12}"}.get(word[0], "[a-z-]+"),
                re.escape(path),
            )
        )
        for path in paths
    }
    files = [file.relative_to(GOLDEN).as_posix() for file in GOLDEN.rglob("*") if file.is_file()]
    assert [file for file in files if not any(form.fullmatch(file) for form in patterns.values())] == []
    unused = {path for path, form in patterns.items() if not any(map(form.fullmatch, files))}
    of_a_long_log = {"LANGUAGE/status/YEAR/index.html", "LANGUAGE/PROGRAMME/YEAR/feed.xml"}
    assert unused == {".well-known/security.txt", *of_a_long_log}
