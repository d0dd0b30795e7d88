"""Each command names a function, and every command can print the package's version."""

from __future__ import annotations

import argparse
import inspect
import tomllib
from collections.abc import Iterator
from importlib import import_module

import pytest

from site_src.cli import _parser, main
from tests.support.project import REPOSITORY, Project


def commands(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yields each `module:function` that the parser or one of its subparsers names."""
    if parser.get_default("command"):
        yield parser.get_default("command")
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from commands(below)
        elif action.dest == "command":
            yield action.const


def test_each_command_leads_to_a_function() -> None:
    """Each command names a function of `site_src.commands` that takes the options and the project."""
    found = set(commands(_parser()))

    assert {
        "build_again:run",
        "hide_first:run",
        "resident:run",
    } <= found
    for command in found:
        module, _, function = command.partition(":")
        run = getattr(import_module(f"site_src.commands.{module}"), function)
        assert list(inspect.signature(run).parameters) == ["options", "project"]


@pytest.mark.parametrize(
    ("words", "command"),
    [((), "hide_first:run"), (("--watch",), "resident:run"), (("--poll",), "hide_first:run")],
)
def test_publish_stays_only_when_asked(words: tuple[str, ...], command: str) -> None:
    """Only `--watch` makes the publisher resident."""
    assert _parser().parse_args(["publish", "target", *words]).command == command


@pytest.mark.parametrize("words", [(), ("check",), ("quota",), ("quota", "close"), ("publish", "target")])
def test_the_version_is_that_of_the_package(
    project: Project, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """`--version` prints the name and the version of the package in pyproject.toml."""
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

    with pytest.raises(SystemExit) as done:
        main([*words, "--version"], project.root)

    assert (done.value.code, capsys.readouterr().out) == (0, f"Quotabord {version}\n")
