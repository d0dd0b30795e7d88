"""Options and defaults of `build`, `check`, `move`, `review` and `serve`, and those that commands share: `--at`, `--format`, `--keep` (20),
`--probe-for` and `--probe-every` (60), `--log-format`.

Also parses numbers, seconds, days and leases. Help texts get their defaults from the options. Imports nothing slow, because `cli`
needs this module for every command.
"""

from __future__ import annotations

import argparse
import math

from site_src.exit_codes import SUMMARY
from site_src.local_file import LEAST_LEASE, LONGEST_LEASE

RELEASES_KEPT = 20
PROBE_SECONDS = 60.0
Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for this type


def parse_lease(text: str) -> int:
    """Parses the duration of a lease: whole seconds, within the allowed range. Raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or not LEAST_LEASE <= int(text) <= LONGEST_LEASE:
        raise argparse.ArgumentTypeError(
            f'"{text}" is not a number of seconds from {LEAST_LEASE} to {LONGEST_LEASE}, such as 30.'
        )
    return int(text)


def parse_count(text: str) -> int:
    """Parses a whole number above 0. Raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number above 0.')
    return int(text)


def parse_seconds(text: str) -> float:
    """Parses a number of seconds, 0 or more. Raises ArgumentTypeError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds >= 0):
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of seconds, such as 60.')
    return seconds


def parse_days(text: str) -> int:
    """Parses a whole number of days from 1 to 3650. Raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number from 1 to 3650')
    return int(text)


def add_build(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command `build`."""
    build = commands.add_parser("build", help="build the site into dist/", epilog=SUMMARY, allow_abbrev=False)
    build.add_argument("--out", metavar="DIR", default="dist", help="the folder for the site (dist)")
    build.add_argument(
        "--base-url", metavar="URL", help="the site's address, instead of the one in content/site.yaml"
    )
    build.add_argument(
        "--state",
        metavar="PROGRAMME=STATE",
        nargs="+",
        action="extend",
        default=[],
        help="build a preview with these states; its pages say so",
    )
    build.set_defaults(command="build_again:run")
    add_at(build, "build for")
    add_format(build)


def add_check(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command `check`."""
    check = commands.add_parser(
        "check",
        help="check everything that build checks; write nothing",
        epilog=SUMMARY,
        allow_abbrev=False,
    )
    check.add_argument(
        "paths", metavar="PATH", nargs="*", help="report only the problems in these files or folders (all)"
    )
    check.add_argument("--strict", action="store_true", help="treat warnings as errors")
    check.add_argument(
        "--translations",
        action="store_true",
        help="print the state of each page in each language: complete, older, missing",
    )
    add_at(check, "build for")
    add_format(check)
    check.set_defaults(command="check:run")


def add_move(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command `move`."""
    move = commands.add_parser(
        "move",
        help="rename a page in every language, and change the links to it",
        allow_abbrev=False,
    )
    move.add_argument("old", metavar="OLD", help="the present name of the page, such as about.md")
    move.add_argument("new", metavar="NEW", help="the new name, such as guides/about.md")
    move.set_defaults(command="move:run")


def add_review(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command `review`."""
    review = commands.add_parser(
        "review",
        help="make a folder that shows what changed on the pages since a commit",
        allow_abbrev=False,
    )
    review.add_argument(
        "--against", metavar="REV", required=True, help="the commit or branch to compare with, such as main"
    )
    review.add_argument("--out", metavar="DIR", required=True, help="the folder to make; it must not exist")
    review.set_defaults(command="review:run")


def add_serve(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command `serve`."""
    serve = commands.add_parser(
        "serve", help="a live preview of every page in every state, on this machine", allow_abbrev=False
    )
    serve.add_argument(
        "--port",
        type=int,
        metavar="N",
        default=8000,
        help="the port (%(default)s); 0 chooses a free one",
    )
    serve.add_argument("--open", action="store_true", help="open the preview in the browser")
    serve.add_argument(
        "--poll", action="store_true", help="look for changes at regular intervals; needed on shared folders"
    )
    serve.add_argument("--published", metavar="DIR", help="the published release to compare with (dist)")
    add_at(serve, "show")
    serve.set_defaults(command="serve:run")


def add_at(command: argparse.ArgumentParser, purpose: str) -> None:
    """Adds the option `--at`."""
    command.add_argument(
        "--at", metavar="INSTANT", help=f'the moment to {purpose}, such as "2026-04-01 11:42" (now)'
    )


def add_publish_options(word: argparse.ArgumentParser) -> None:
    """Adds the options of a publish: `--keep`, `--probe` and `--probe-for`."""
    add_keep(word)
    word.add_argument(
        "--probe", metavar="URL", help="the public address, read back until it shows this release"
    )
    add_probe_seconds(word, "--probe-for", "how long to read the public address back")


def add_keep(word: argparse.ArgumentParser) -> None:
    """Adds the option `--keep`."""
    word.add_argument(
        "--keep",
        metavar="N",
        type=parse_count,
        default=RELEASES_KEPT,
        help="how many releases to keep (%(default)s)",
    )


def add_probe_seconds(word: argparse.ArgumentParser, option: str, purpose: str) -> None:
    """Adds `--probe-for` or `--probe-every`, whose default is PROBE_SECONDS."""
    word.add_argument(
        option,
        metavar="SECONDS",
        type=parse_seconds,
        default=PROBE_SECONDS,
        help=f"{purpose} (%(default)g)",
    )


def add_log_format(word: argparse.ArgumentParser) -> None:
    """Adds the option `--log-format`."""
    word.add_argument(
        "--log-format",
        choices=("text", "journal", "json"),
        help="the format of log lines (journal if journald receives them, otherwise text)",
    )


def add_format(command: argparse.ArgumentParser) -> None:
    """Adds the option `--format`."""
    command.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="the format of the problems (text)",
    )
