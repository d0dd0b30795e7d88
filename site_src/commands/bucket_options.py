"""The words and options of the commands for a bucket; imports nothing slow, because `cli` needs it for every command."""

from __future__ import annotations

import argparse

from site_src.commands.option_types import parse_days
from site_src.commands.resident_options import add_log_format

Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for this type


def add_keys(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds `keys init`, `keys rotate` and `keys check`."""
    keys = commands.add_parser(
        "keys", help="the keys that sign what is published to a bucket", allow_abbrev=False
    )
    words = keys.add_subparsers(metavar="WORD", required=True)
    init = words.add_parser(
        "init", help="make the root key, the online key and keys/1.root.json", allow_abbrev=False
    )
    rotate = words.add_parser(
        "rotate", help="make the next root: later expiry, or new keys", allow_abbrev=False
    )
    check = words.add_parser(
        "check", help="when the root expires; exit 1 in its last 30 days", allow_abbrev=False
    )
    init.add_argument("--root-key", metavar="FILE", required=True, help="where the new root key is written")
    init.add_argument(
        "--online-key", metavar="FILE", required=True, help="where the new online key is written"
    )
    rotate.add_argument("--root-key", metavar="FILE", required=True, help="the present root key")
    rotate.add_argument(
        "--new-root-key", metavar="FILE", help="where a new root key is written (keep the present one)"
    )
    rotate.add_argument(
        "--new-online-key", metavar="FILE", help="where a new online key is written (keep the present one)"
    )
    for word in (init, rotate):
        word.add_argument(
            "--days", metavar="N", type=parse_days, default=365, help="until the root expires (365)"
        )
    init.set_defaults(command="keys:init")
    rotate.set_defaults(command="keys:rotate")
    check.set_defaults(command="keys:check")


def add_follow(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds `follow`."""
    follow = commands.add_parser(
        "follow", help="keep a web server's folder at what a bucket publishes", allow_abbrev=False
    )
    follow.add_argument("source", metavar="BUCKET", help="s3://BUCKET/PREFIX, as it is published to")
    follow.add_argument("target", metavar="TARGET", help="the folder whose current/site the web server shows")
    follow.add_argument("--keep", metavar="N", type=int, default=20, help="how many releases stay (20)")
    add_log_format(follow)
    follow.set_defaults(command="follow:run")


def add_only_publisher(word: argparse.ArgumentParser) -> None:
    """Adds `--only-publisher`."""
    word.add_argument(
        "--only-publisher",
        action="store_true",
        help="use a bucket whose store ignores conditions: nobody else publishes to it",
    )
