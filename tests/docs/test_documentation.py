"""The commands and pictures that the documentation names exist."""

from __future__ import annotations

import re
import shlex
from itertools import product

import pytest

from site_src.cli import _add_default_words, _parser
from tests.support.project import REPOSITORY

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/running.md", "docs/adopting.md", "docs/reference.md")


def code_in(document: str) -> list[str]:
    """Returns each line of the document's code blocks, and each inline code."""
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    fence = re.compile(r"^(`{3,})[^\n]*\n(.*?)^\1", re.MULTILINE | re.DOTALL)
    indented = re.compile(r"^ {4}(.*)", re.MULTILINE)
    blocks = [line for match in fence.finditer(text) for line in match[2].splitlines()]
    blocks += indented.findall(fence.sub("", text))
    inline = re.findall(r"`([^`]+)`", fence.sub("", text))
    return [" ".join(code.split()) for code in blocks + inline]


def typed(document: str, program: str) -> list[str]:
    """Returns the arguments of each call of the program in the document."""
    lines = (re.fullmatch(rf"(?:\$ )?(?:\S*/)?{program}(?: (.*))?", line) for line in code_in(document))
    return [line[1] or "" for line in lines if line]


def meant(usage: str) -> list[str]:
    """Returns each command that a usage line such as `[build] [--format text

    json]` allows.
    """
    plain = re.sub(r"\b(N|SECONDS)\b", "30", re.sub(r"[\[\]]|\s…", "", usage))
    alternatives = [word.split("|") for word in plain.split(" ")]
    return [" ".join(words) for words in product(*alternatives)]


@pytest.mark.parametrize(
    ("document", "at_least"),
    [
        ("README.md", 9),
        ("CONTRIBUTING.md", 1),
        ("docs/adopting.md", 4),
        ("docs/editor.md", 3),
        ("docs/reference.md", 13),
        ("docs/running.md", 8),
    ],
)
def test_every_build_command_exists(document: str, at_least: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line accepts each `python build.py …` in the document."""
    commands = [command for usage in typed(document, r"python3? build\.py") for command in meant(usage)]
    assert len(commands) >= at_least
    for command in commands:
        assert understood(command), f"{document}: {command}\n{capsys.readouterr().err}"


def understood(command: str) -> bool:
    """Returns True if the words are a command and options that the command line knows."""
    try:
        _parser().parse_args(_add_default_words(shlex.split(command, comments=True)))
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
    """The check of the documents refuses a command that does not exist."""
    assert understood(command) == expected


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_exists(document: str) -> None:
    """Each `make …` in the document is a target of the Makefile."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    (extras,) = re.findall(r"^EXTRAS := (.+)$", makefile, re.MULTILINE)
    targets = {
        *re.findall(r"^([a-z]+):", makefile, re.MULTILINE),
        *(f"extra-{extra}" for extra in extras.split()),
    }
    words = [
        word
        for command in typed(document, "make")
        for word in command.partition("#")[0].split()
        if not word.startswith("-") and "=" not in word
    ]
    assert words
    assert set(words) <= targets


def test_the_documents_are_searched() -> None:
    """The check finds commands in code blocks and in sentences, even if a command continues on the next line."""
    assert {"site", "serve", "test", "bench"} <= {
        command.split()[0] for command in typed("README.md", "make")
    }
    found = [command for usage in typed("README.md", r"python3? build\.py") for command in meant(usage)]
    assert [command for command in found if command.startswith("--state japan=open --out preview")]
    found = [
        command for usage in typed("docs/reference.md", r"python3? build\.py") for command in meant(usage)
    ]
    assert [command for command in found if command.endswith("--format github")]


def test_every_target_of_the_makefile_is_declared() -> None:
    """.PHONY names each target of the Makefile, so that a file with a target's name does not disable it."""
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: ([a-z ]+)$", makefile, re.MULTILINE)
    assert set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)) == set(phony.split())


def test_the_pictures_are_small_and_shown() -> None:
    """Each picture has less than 90,000 bytes. Each picture in the README exists and has an alternative text."""
    pictures = {
        path.relative_to(REPOSITORY).as_posix(): path for path in (REPOSITORY / "docs/pictures").iterdir()
    }
    assert len(pictures) == 16
    assert all(path.stat().st_size < 90_000 for path in pictures.values())
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r'<img src="([^"]+)"[^>]* alt="[^"]+">|!\[[^\]]+\]\(([^)]+)\)', readme)
    assert len(shown) == 2
    assert {first or second for first, second in shown} <= set(pictures)


def test_the_readme_is_short() -> None:
    """The README has fewer than 9,000 bytes: longer texts belong in docs/."""
    assert (REPOSITORY / "README.md").stat().st_size < 9_000


def test_the_map_of_the_readme_names_every_package_and_module_beside_them() -> None:
    """The map in the README has a row for each package and each top-level module of site_src, and no other rows."""
    rows = re.findall(r"^\| `(\w+)` \|", (REPOSITORY / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    sources = REPOSITORY / "site_src"
    packages = {path.parent.name for path in sources.glob("*/__init__.py")}
    assert sorted(rows) == sorted(packages | {path.stem for path in sources.glob("*.py")} - {"__init__"})


def test_decisions_are_in_order_of_date() -> None:
    """Each decision has a date, and the oldest decision is first."""
    text = (REPOSITORY / "docs/decisions.md").read_text(encoding="utf-8")
    dates = re.findall(r"^- (.{10}) \*\*", text, re.MULTILINE)
    assert len(dates) == len(re.findall(r"^- ", text, re.MULTILINE)) > 50
    assert dates == sorted(dates)
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\d", date) for date in dates)


MARKDOWN = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for pattern in ("*.md", "docs/*.md", "deploy/*.md")
    for path in REPOSITORY.glob(pattern)
)


@pytest.mark.parametrize("document", MARKDOWN)
def test_every_link_between_documents_leads_somewhere(document: str) -> None:
    """Each relative link in the document leads to a file that exists. If it has an anchor, the file has that heading."""
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    prose = re.sub(
        r"`[^`\n]+`", "", re.sub(r"^(`{3,})[^\n]*\n.*?^\1", "", text, flags=re.MULTILINE | re.DOTALL)
    )
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        name, _, anchor = target.partition("#")
        if ":" in target:
            continue
        file = (REPOSITORY / document).parent / name if name else REPOSITORY / document
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, target
