"""The command line: words and options, and nothing that is slow to import.

Each command is a module of `commands` with a `run`, imported when it is called.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from site_src.outcomes import WRONG_USE, WrongUse

_EXIT_CODES = (
    "Exit: 0 done; 1 problems in the inputs or with the disk, nothing written; 2 wrong use; "
    "3 the gate refused the output, nothing written."
)
Command = Callable[[argparse.Namespace, Path], int]


def main(arguments: Sequence[str], root: Path) -> int:
    """Runs one command on the project in `root` and returns its exit code; without a word, `build`."""
    parser = _parser()
    words = list(arguments)
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help")):
        words.insert(0, "build")
    options = parser.parse_args(words)
    command: Command = options.command
    try:
        return command(options, root)
    except WrongUse as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return WRONG_USE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build.py",
        description="Builds and checks the Working Holiday site from content/ and quota_state.yaml.",
        epilog=f"Without a command: build. {_EXIT_CODES}",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    build = commands.add_parser(
        "build", help="build the site into dist/", epilog=_EXIT_CODES, allow_abbrev=False
    )
    build.add_argument("--out", metavar="DIR", default="dist", help="where the site goes (dist)")
    build.add_argument(
        "--base-url", metavar="URL", help="the site's address, instead of the one in content/site.yaml"
    )
    build.add_argument(
        "--state",
        metavar="PROGRAMME=STATE",
        nargs="+",
        action="extend",
        default=[],
        help="a preview with another state; its pages say so",
    )
    build.set_defaults(command=_build)
    check = commands.add_parser(
        "check",
        help="check everything that build checks; write nothing",
        epilog=_EXIT_CODES,
        allow_abbrev=False,
    )
    check.add_argument("--strict", action="store_true", help="treat warnings as errors")
    check.set_defaults(command=_check)
    for command in (build, check):
        command.add_argument(
            "--at", metavar="INSTANT", help='the moment to build for, such as "2026-04-01 11:42" (now)'
        )
        command.add_argument(
            "--format",
            choices=("text", "json", "github"),
            default="text",
            help="how problems are printed (text)",
        )
    return parser


def _build(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.build import run

    return run(options, root)


def _check(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.check import run

    return run(options, root)
