"""The words and options of the publisher's commands; nothing that is slow to import."""

from __future__ import annotations

import argparse
import math
from pathlib import Path


def add_publishing(commands: argparse._SubParsersAction[argparse.ArgumentParser], exit_codes: str) -> None:
    """Adds `publish`, `releases` and `rollback`."""
    publish = commands.add_parser(
        "publish", help="make visitors get the site as it is now", epilog=exit_codes, allow_abbrev=False
    )
    releases = commands.add_parser(
        "releases", help="what was published; with --verify: and still is", allow_abbrev=False
    )
    roll_back = commands.add_parser(
        "rollback",
        help="bring back earlier content, with the present states",
        epilog=exit_codes,
        allow_abbrev=False,
    )
    for word in (publish, releases, roll_back):
        word.add_argument(
            "target", metavar="TARGET", help="the folder whose current/site the web server shows"
        )
    roll_back.add_argument(
        "release", metavar="RELEASE", nargs="?", help="its number (the last one with other content)"
    )
    for word in (publish, roll_back):
        add_publish_options(word)
        word.add_argument("--by", metavar="NAME", help="who does it, for the journal (the user's name)")
        word.add_argument(
            "--format",
            choices=("text", "json", "github"),
            default="text",
            help="how problems are printed (text)",
        )
    publish.add_argument(
        "--watch", action="store_true", help="stay, and publish each change and each scheduled event"
    )
    publish.add_argument(
        "--probe-every",
        metavar="SECONDS",
        type=_seconds,
        default=60.0,
        help="with --watch and --probe: read it back again and again (60)",
    )
    publish.add_argument("--poll", action="store_true", help="with --watch: look for changes again and again")
    releases.add_argument("--verify", action="store_true", help="look for anything that was tampered with")
    releases.add_argument("--json", action="store_true", help="print JSON")
    roll_back.add_argument("--dry-run", action="store_true", help="show what would change; publish nothing")
    roll_back.add_argument("--yes", action="store_true", help="do not ask")
    publish.set_defaults(command=_publish)
    releases.set_defaults(command=_releases, keep=1, probe=None)
    roll_back.set_defaults(command=_roll_back)


def add_publish_options(word: argparse.ArgumentParser) -> None:
    """Adds the options of every command that publishes."""
    word.add_argument("--keep", metavar="N", type=int, default=20, help="how many releases stay (20)")
    word.add_argument(
        "--probe", metavar="URL", help="the public address, to be read back until it shows this"
    )
    word.add_argument(
        "--probe-for", metavar="SECONDS", type=_seconds, default=60.0, help="how long to read it back (60)"
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds >= 0):
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of seconds, such as 60.')
    return seconds


def _publish(options: argparse.Namespace, root: Path) -> int:
    if options.watch:
        from site_src.commands.resident import run as stay

        return stay(options, root)
    from site_src.commands.publish import run

    return run(options, root)


def _releases(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.releases import run

    return run(options, root)


def _roll_back(options: argparse.Namespace, root: Path) -> int:
    from site_src.commands.releases import roll_back

    return roll_back(options, root)
