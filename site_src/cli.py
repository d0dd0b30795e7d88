"""The command line: words and options, and nothing that is slow to import.

Each command is a module of `commands` with a `run`, imported when it is called.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from io import TextIOWrapper
from pathlib import Path

from site_src.cli_publishing import add_publish_options, add_publishing
from site_src.exit_codes import INTERRUPTED, PROBLEMS, READER_GONE, WRONG_USE, WrongUse
from site_src.problems import InputRefused

_EXIT_CODES = (
    "Exit: 0 done; 1 problems in the inputs or with the disk, nothing written; 2 wrong use; "
    "3 the gate refused the output, nothing written; 4 published, but content/ was left out until it is mended; "
    "5 published, but the public address does not show it."
)
_HELP = ("-h", "--help")
Command = Callable[[argparse.Namespace, Path], int]


def main(arguments: Sequence[str], root: Path) -> int:
    """Runs one command on the project in `root` and returns its exit code; without a word, `build`."""
    # A file's name may have bytes that are no text, and a terminal may lack a letter: never a reason to fail.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    parser = _parser()
    options = parser.parse_args(_with_words_left_out(arguments))
    command: Command = options.command
    try:
        code = command(options, root)
        if sys.stdout:  # there is none when it was closed, as by `>&-`
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever reads the print-out has seen enough; the work is done before it is printed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except KeyboardInterrupt:
        print("\nStopped. To see what stands now: python build.py quota show", file=sys.stderr)
        return INTERRUPTED
    except InputRefused as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return PROBLEMS
    except WrongUse as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return WRONG_USE


def _with_words_left_out(arguments: Sequence[str]) -> list[str]:
    """The arguments as the parser wants them: without a command `build`, and `quota` alone is `quota show`."""
    words = list(arguments)
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
    check.add_argument(
        "--translations",
        action="store_true",
        help="print how each page stands in each language: complete, older, missing",
    )
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
    _add_serve(commands)
    _add_quota(commands)
    add_publishing(commands, _EXIT_CODES)
    return parser


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser(
        "serve", help="a live preview of every page in every state, on this machine", allow_abbrev=False
    )
    serve.add_argument(
        "--port", type=int, metavar="N", default=8000, help="where it is served (8000); 0 takes a free one"
    )
    serve.add_argument(
        "--poll", action="store_true", help="look for changes instead of being told: for shared folders"
    )
    serve.add_argument("--at", metavar="INSTANT", help='the moment to show, such as "2026-04-01 11:42" (now)')
    serve.add_argument("--published", metavar="DIR", help="the published release to compare with (dist)")
    serve.set_defaults(command=_serve)


def _add_quota(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    quota = commands.add_parser(
        "quota", help="the operator's commands; without a word: show", allow_abbrev=False
    )
    words = quota.add_subparsers(metavar="WORD", required=True)
    show = words.add_parser("show", help="each programme's state, and what comes next", allow_abbrev=False)
    set_state = words.add_parser(
        "set", help="add an event: from now on, or from a moment, a state", allow_abbrev=False
    )
    cancel = words.add_parser("cancel", help="take back the next scheduled event", allow_abbrev=False)
    history = words.add_parser("history", help="all events, with who noted them and why", allow_abbrev=False)
    due = words.add_parser(
        "due", help="what should have followed and has not; exit 1 if anything", allow_abbrev=False
    )
    close = words.add_parser(
        "close",
        help="the quota is reached: hide the link at once, then publish the notice",
        allow_abbrev=False,
    )
    for word in (show, due):
        word.add_argument(
            "--at", metavar="INSTANT", help='the moment to look at, such as "2026-04-01 11:42" (now)'
        )
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
        word.add_argument("--by", metavar="NAME", help="who says so; never published (git's user name)")
        word.add_argument("--note", metavar="TEXT", help="why; never published")
    set_state.add_argument(
        "--expect", metavar="STATE", help="refuse unless the programme is in this state until then"
    )
    for word in (set_state, cancel):
        word.add_argument("--dry-run", action="store_true", help="show what would happen; write nothing")
        word.add_argument("--yes", action="store_true", help="do not ask")
        word.add_argument("--publish", metavar="DIR", help="then publish to this folder, in one go")
        add_publish_options(word)
    close.add_argument(
        "--publish", metavar="DIR", help="the folder that is published to (target in local.yaml)"
    )
    add_publish_options(close)
    for word in (show, set_state, cancel, close, history):
        word.add_argument("--json", action="store_true", help="print JSON")
    show.add_argument("--published", metavar="DIR", help="say what visitors of this folder see as well")
    due.add_argument("--published", metavar="DIR", help="the folder that is published to (looks at dist/)")
    show.set_defaults(command=_quota_show)
    set_state.set_defaults(command=_quota_set)
    close.set_defaults(command=_quota_close)
    cancel.set_defaults(command=_quota_cancel, by=None)
    history.set_defaults(command=_quota_history)
    due.set_defaults(command=_quota_due)


def _build(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.build import run

    return run(options, root)


def _check(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.check import run

    return run(options, root)


def _serve(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.serve import run

    return run(options, root)


def _quota_show(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.quota_show import show

    return show(options, root)


def _quota_history(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.quota_show import history

    return history(options, root)


def _quota_due(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.quota_show import due

    return due(options, root)


def _quota_set(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.hide_first import HideFirst, hides_at_once

    with HideFirst() as options.first:
        is_agreed = options.yes and not options.dry_run and options.moment is None
        if options.publish and is_agreed and hides_at_once(options.programme, options.state, root):
            options.first.hide(options.publish)
        from site_src.commands.quota_set import set_state

        return set_state(options, root)


def _quota_close(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.hide_first import HideFirst, hides_at_once
    from site_src.local_file import find_target

    options.publish = options.publish or find_target(root)
    with HideFirst() as options.first:
        if options.publish and hides_at_once(options.programme, "quota_reached", root):
            options.first.hide(options.publish)
        from site_src.commands.quota_close import run

        return run(options, root)


def _quota_cancel(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.hide_first import HideFirst
    from site_src.commands.quota_set import cancel

    with HideFirst() as options.first:
        return cancel(options, root)
