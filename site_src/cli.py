"""The command line: the words of every command, the module that runs each, and the help text; imports nothing slow.

Each command is a function in a module of `commands`. It is named `module:function` here, and imported when it is
called.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

from site_src import VERSION
from site_src.commands.options import (
    add_at,
    add_check,
    add_desk,
    add_move,
    add_publish_options,
    add_review,
    add_serve,
)
from site_src.commands.publishing_options import (
    add_archive,
    add_follow,
    add_journal,
    add_keys,
    add_only_publisher,
    add_watch,
)
from site_src.commands.quota_options import add_quota
from site_src.exit_codes import INTERRUPTED, PROBLEMS, READER_GONE, WRONG_USE, WrongUse
from site_src.problems import InputRefused
from site_src.read.project import Project

_EXIT_CODES = (
    "Exit: 0 done; 1 problems in the inputs or with the disk, nothing written; 2 wrong use; "
    "3 the gate refused the output, nothing written; 4 published, but content/ was left out until it is fixed; "
    "5 published, but the public address does not show it."
)
_HELP = ("-h", "--help")


def main(arguments: Sequence[str], root: Path) -> int:
    """Runs one command on the project in `root` and returns its exit code.

    The default is `build`. argparse raises SystemExit.
    """
    _prepare_streams()
    parser = _parser()
    options = parser.parse_args(_add_default_words(arguments))
    module, _, function = options.command.partition(":")
    run: Callable[[argparse.Namespace, Project], int] = getattr(
        import_module(f"site_src.commands.{module}"), function
    )
    try:
        code = run(options, Project(root))
        if sys.stdout:  # it is None if it was closed, as with `>&-`
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader closed the output. The work was done before anything was printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except KeyboardInterrupt:
        print("\nStopped. To see the present state: python build.py quota show", file=sys.stderr)
        return INTERRUPTED
    except InputRefused as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return PROBLEMS
    except OSError as error:
        if not str(error.filename).startswith("s3://"):
            raise
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        return PROBLEMS
    except WrongUse as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return WRONG_USE


def _prepare_streams() -> None:
    # A file name may contain bytes that are not text, and a terminal may lack a character. Neither may end a command.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _add_default_words(arguments: Sequence[str]) -> list[str]:
    """Adds the words that may be omitted to the arguments: `build`, and `show` after `quota`."""
    words = list(arguments)
    if "--version" in words:  # with any command
        return ["--version"]
    if not words or (words[0].startswith("-") and words[0] not in _HELP):
        words.insert(0, "build")
    if words[0] == "quota" and (len(words) == 1 or (words[1].startswith("-") and words[1] not in _HELP)):
        words.insert(1, "show")
    return words


@cache
def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build.py",
        description="Builds and checks the Working Holiday site from content/ and quota_state.yaml.",
        epilog=f"Without a command: build. {_EXIT_CODES}",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"Quotabord {VERSION}")
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
    build.set_defaults(command="build_again:run")
    check = add_check(commands, _EXIT_CODES)
    for command in (build, check):
        add_at(command, "build for")
        _add_format(command)
    add_move(commands)
    add_review(commands)
    add_at(add_serve(commands), "show")
    add_quota(commands)
    _add_publishing(commands)
    add_archive(commands, _EXIT_CODES)
    add_journal(commands)
    add_follow(commands)
    add_keys(commands)
    add_desk(commands)
    return parser


def _add_format(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--format", choices=("text", "json", "github"), default="text", help="how problems are printed (text)"
    )


def _add_publishing(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    publish = commands.add_parser(
        "publish", help="publish the site as it is now", epilog=_EXIT_CODES, allow_abbrev=False
    )
    releases = commands.add_parser(
        "releases", help="list the releases; with --verify, check them", allow_abbrev=False
    )
    roll_back = commands.add_parser(
        "rollback",
        help="bring back earlier content, with the present states",
        epilog=_EXIT_CODES,
        allow_abbrev=False,
    )
    for word in (publish, releases, roll_back):
        word.add_argument(
            "target",
            metavar="TARGET",
            help="the folder whose current/site the web server shows, or s3://BUCKET/PREFIX",
        )
    roll_back.add_argument(
        "release", metavar="RELEASE", nargs="?", help="its number (the last one with other content)"
    )
    for word in (publish, roll_back):
        add_publish_options(word)
        word.add_argument("--by", metavar="NAME", help="who does it, for the journal (the user's name)")
        _add_format(word)
    alarm = commands.add_parser("alarm", help="give the alarm of local.yaml, for instance to try it")
    alarm.add_argument("sentence", metavar="SENTENCE", help="what the program gets as its argument")
    alarm.set_defaults(command="alarm:run")
    publish.set_defaults(command="hide_first:run", work="publish:run")
    add_watch(publish)
    add_only_publisher(publish)
    releases.add_argument("--verify", action="store_true", help="check that no published file was changed")
    releases.add_argument(
        "--anchor", metavar="FILE", help="with --verify: compare with these anchors of the journal"
    )
    add_at(releases, "look up: what was live, who published it, and why")
    releases.add_argument("--page", metavar="PAGE", help="with --at: what this page said, such as en/japan/")
    releases.add_argument("--out", metavar="FILE", help="with --page: write its bytes to this new file")
    releases.add_argument("--json", action="store_true", help="print JSON")
    roll_back.add_argument("--dry-run", action="store_true", help="show what would change; publish nothing")
    roll_back.add_argument("--yes", action="store_true", help="do not ask")
    releases.set_defaults(command="releases:run", probe=None)
    roll_back.set_defaults(command="hide_first:run", work="releases:roll_back")
