"""What the documentation tells people to type exists, and its pictures are there."""

from __future__ import annotations

import re
import shlex

import pytest

from site_src.cli import _parser, _with_words_left_out
from tests.support.project import REPOSITORY

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/running.md")


def code_in(document: str) -> list[str]:
    """Each line of a block of code, and each inline code, of the document."""
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    fence = re.compile(r"^(`{3,})[^\n]*\n(.*?)^\1", re.MULTILINE | re.DOTALL)
    indented = re.compile(r"^ {4}(.*)", re.MULTILINE)
    blocks = [line for match in fence.finditer(text) for line in match[2].splitlines()]
    blocks += indented.findall(fence.sub("", text))
    inline = re.findall(r"`([^`]+)`", fence.sub("", text))
    return [" ".join(code.split()) for code in blocks + inline]


def typed(document: str, program: str) -> list[str]:
    """What follows the program wherever the document says to type it."""
    lines = (re.fullmatch(rf"(?:\$ )?(?:\S*/)?{program}(?: (.*))?", line) for line in code_in(document))
    return [line[1] or "" for line in lines if line]


def meant(usage: str) -> list[str]:
    """The commands that a line such as `[build] [--format text|json]` stands for."""
    plain = re.sub(r"\b(N|SECONDS)\b", "1", re.sub(r"[\[\]]|\s…", "", usage))
    choices = re.findall(r"\S+\|\S+", plain)
    return [plain.replace(choices[0], choice) for choice in choices[0].split("|")] if choices else [plain]


@pytest.mark.parametrize(
    ("document", "at_least"),
    [("README.md", 3), ("CONTRIBUTING.md", 1), ("docs/running.md", 8), ("docs/editor.md", 3)],
)
def test_every_build_command_exists(document: str, at_least: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Each `python build.py …` in the document is understood by the command line as it is."""
    commands = [command for usage in typed(document, r"python3? build\.py") for command in meant(usage)]
    assert len(commands) >= at_least
    for command in commands:
        assert understood(command), f"{document}: {command}\n{capsys.readouterr().err}"


def understood(command: str) -> bool:
    """True when the words after `build.py` are a command with its options."""
    try:
        _parser().parse_args(_with_words_left_out(shlex.split(command, comments=True)))
    except SystemExit as done:
        return done.code == 0
    return True


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("", True),
        ("check --strict", True),
        ("--at x", True),
        ("chekc", False),
        ("build --strict", False),
        ("--stat x=y", False),
    ],
)
def test_a_command_that_does_not_exist_is_not_understood(command: str, expected: bool) -> None:
    """The test of the documents tells a command that is there from one that is not."""
    assert understood(command) == expected


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_exists(document: str) -> None:
    """Each `make …` in the document is a target of the Makefile."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    words = [
        word
        for command in typed(document, "make")
        for word in command.partition("#")[0].split()
        if not word.startswith("-") and "=" not in word
    ]
    assert words
    assert set(words) <= targets


def test_the_documents_are_searched() -> None:
    """The search finds commands in indented blocks, in fenced blocks and in text, also across two lines of it."""
    assert {"site", "test", "bench"} <= {command.split()[0] for command in typed("README.md", "make")}
    found = [command for usage in typed("README.md", r"python3? build\.py") for command in meant(usage)]
    assert {"check", "--state japan=open --out preview"} <= set(found)
    assert [command for command in found if command.endswith("--format github")]


def test_every_target_of_the_makefile_is_declared() -> None:
    """Each target that is a word and not a file stands behind .PHONY, so that a file of that name cannot stop it."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)) == set(phony.split())


def test_the_pictures_are_small_and_shown() -> None:
    """Each picture is well under 100 KB, and each one that the README shows is there, with words for who cannot see it."""
    pictures = {
        path.relative_to(REPOSITORY).as_posix(): path for path in (REPOSITORY / "docs/pictures").iterdir()
    }
    assert len(pictures) == 16
    assert all(path.stat().st_size < 90_000 for path in pictures.values())
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r'<img src="([^"]+)"[^>]* alt="[^"]+">|!\[[^\]]+\]\(([^)]+)\)', readme)
    assert len(shown) >= 3
    assert {first or second for first, second in shown} <= set(pictures)
