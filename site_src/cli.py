"""The command line: words and options; imports nothing slow.

Each command is a function in a module of `commands`. It is named `module:function` here, and imported when it is called.
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
from site_src.commands.bucket_options import add_follow, add_keys, add_only_publisher
from site_src.commands.log_options import add_due, add_saving
from site_src.commands.option_types import parse_seconds
from site_src.commands.options import add_check, add_desk, add_move, add_review, add_serve
from site_src.commands.resident_options import add_watch
from site_src.exit_codes import INTERRUPTED, PROBLEMS, READER_GONE, WRONG_USE, WrongUse
from site_src.problems import InputRefused

_EXIT_CODES = (
    "Exit: 0 done; 1 problems in the inputs or with the disk, nothing written; 2 wrong use; "
    "3 the gate refused the output, nothing written; 4 published, but content/ was left out until it is fixed; "
    "5 published, but the public address does not show it."
)
_HELP = ("-h", "--help")
_ABOUT_ALL = (*_HELP, "--version")


def main(arguments: Sequence[str], root: Path) -> int:
    """Runs one command on the project in `root` and returns its exit code; the default is `build`. argparse raises SystemExit."""
    _prepare_streams()
    parser = _parser()
    options = parser.parse_args(_add_default_words(arguments))
    module, _, function = options.command.partition(":")
    run: Callable[[argparse.Namespace, Path], int] = getattr(
        import_module(f"site_src.commands.{module}"), function
    )
    try:
        code = run(options, root)
        if sys.stdout:  # it is None when it was closed, as with `>&-`
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader closed the output; the work was done before anything was printed.
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
    # A file name may have bytes that are not text, and a terminal may lack a character: neither may end a command.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _add_default_words(arguments: Sequence[str]) -> list[str]:
    """The arguments, with the words that may be omitted: `build`, and `show` after `quota`."""
    words = list(arguments)
    if not words or (words[0].startswith("-") and words[0] not in _ABOUT_ALL):
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
        _add_at(command, "build for")
        _add_format(command)
    add_move(commands)
    add_review(commands)
    _add_at(add_serve(commands), "show")
    _add_quota(commands)
    _add_publishing(commands)
    add_follow(commands)
    add_keys(commands)
    add_desk(commands)
    return parser


def _add_at(command: argparse.ArgumentParser, purpose: str) -> None:
    command.add_argument(
        "--at", metavar="INSTANT", help=f'the moment to {purpose}, such as "2026-04-01 11:42" (now)'
    )


def _add_format(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--format", choices=("text", "json", "github"), default="text", help="how problems are printed (text)"
    )


def _add_quota(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    quota = commands.add_parser(
        "quota", help="the operator's commands; without a word: show", allow_abbrev=False
    )
    words = quota.add_subparsers(metavar="WORD", required=True)
    show = words.add_parser("show", help="each programme's state, and what comes next", allow_abbrev=False)
    set_state = words.add_parser(
        "set", help="add an event: from now on, or from a moment, a state", allow_abbrev=False
    )
    cancel = words.add_parser("cancel", help="cancel the next scheduled event", allow_abbrev=False)
    history = words.add_parser("history", help="all events, with by and note", allow_abbrev=False)
    due = add_due(words)
    add_saving(words)
    close = words.add_parser(
        "close", help="the quota is reached: hide the link at once, then publish", allow_abbrev=False
    )
    for word in (show, due):
        _add_at(word, "look at")
    for word in (set_state, cancel, close):
        word.add_argument("programme", metavar="PROGRAMME", help="such as japan or south-korea")
    history.add_argument("programme", metavar="PROGRAMME", nargs="?", help="one programme (all)")
    set_state.add_argument(
        "state", metavar="STATE", help="open, quota_reached, places_available or suspended"
    )
    set_state.add_argument(
        "--from", dest="moment", metavar="INSTANT", help="when it begins; in the future: a schedule (now)"
    )
    set_state.add_argument(
        "--places", type=int, metavar="N", help="how many places, with places_available; published"
    )
    for word in (set_state, close):
        word.add_argument("--by", metavar="NAME", help="who reports this; never published (git's user name)")
        word.add_argument("--note", metavar="TEXT", help="why; never published")
    set_state.add_argument(
        "--expect", metavar="STATE", help="refuse unless the programme is in this state until then"
    )
    for word in (set_state, cancel):
        word.add_argument("--dry-run", action="store_true", help="show what would change; write nothing")
        word.add_argument("--yes", action="store_true", help="do not ask")
        word.add_argument("--publish", metavar="DIR", help="then publish to this folder")
        _add_publish_options(word)
    close.add_argument("--publish", metavar="DIR", help="the published folder (target in local.yaml)")
    _add_publish_options(close)
    for word in (show, set_state, cancel, close, history):
        word.add_argument("--json", action="store_true", help="print JSON")
    show.add_argument("--published", metavar="DIR", help="say what visitors of this folder see, too")
    show.set_defaults(command="quota_show:show")
    set_state.set_defaults(command="hide_first:set_state")
    cancel.set_defaults(command="hide_first:cancel", by=None, moment=None)
    close.set_defaults(command="hide_first:close")
    history.set_defaults(command="quota_show:history")


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
        _add_publish_options(word)
        word.add_argument("--by", metavar="NAME", help="who does it, for the journal (the user's name)")
        _add_format(word)
    alarm = commands.add_parser("alarm", help="give the alarm of local.yaml, for instance to try it")
    alarm.add_argument("sentence", metavar="SENTENCE", help="what the program gets as its argument")
    alarm.set_defaults(command="alarm:run")
    publish.set_defaults(command="hide_first:publish")
    add_watch(publish)
    add_only_publisher(publish)
    releases.add_argument("--verify", action="store_true", help="check that no published file was changed")
    releases.add_argument("--json", action="store_true", help="print JSON")
    roll_back.add_argument("--dry-run", action="store_true", help="show what would change; publish nothing")
    roll_back.add_argument("--yes", action="store_true", help="do not ask")
    releases.set_defaults(command="releases:run", keep=1, probe=None)
    roll_back.set_defaults(command="hide_first:roll_back")


def _add_publish_options(word: argparse.ArgumentParser) -> None:
    word.add_argument("--keep", metavar="N", type=int, default=20, help="how many releases stay (20)")
    word.add_argument(
        "--probe", metavar="URL", help="the public address, read back until it shows this release"
    )
    word.add_argument(
        "--probe-for",
        metavar="SECONDS",
        type=parse_seconds,
        default=60.0,
        help="how long to read it back (60)",
    )
