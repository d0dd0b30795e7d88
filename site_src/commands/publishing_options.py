"""Options and defaults: `keys --days`, `follow`, `archive`, `journal anchor`, `--watch` with the options that need it,
`--only-publisher`.

Imports nothing slow, because `cli` needs this module for every command.
"""

from __future__ import annotations

import argparse

from site_src.commands.options import (
    Commands,
    add_keep,
    add_log_format,
    add_probe_seconds,
    parse_days,
    parse_lease,
)


def add_keys(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the commands `keys init`, `keys rotate` and `keys check`."""
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
            "--days", metavar="N", type=parse_days, default=365, help="until the root expires (%(default)s)"
        )
    init.set_defaults(command="keys:init")
    rotate.set_defaults(command="keys:rotate")
    check.set_defaults(command="keys:check")


def add_follow(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command `follow`."""
    follow = commands.add_parser(
        "follow", help="keep a web server's folder at what a bucket publishes", allow_abbrev=False
    )
    follow.add_argument("source", metavar="BUCKET", help="s3://BUCKET/PREFIX, as it is published to")
    follow.add_argument("target", metavar="TARGET", help="the folder whose current/site the web server shows")
    add_keep(follow)
    add_log_format(follow)
    follow.set_defaults(command="follow:run")


def add_only_publisher(word: argparse.ArgumentParser) -> None:
    """Adds the option `--only-publisher`."""
    word.add_argument(
        "--only-publisher",
        action="store_true",
        help="use a bucket whose store ignores conditions: nobody else publishes to it",
    )


def add_archive(commands: Commands[argparse.ArgumentParser], exit_codes: str) -> None:
    """Adds the command `archive`."""
    archive = commands.add_parser(
        "archive", help="record what the public address answers", epilog=exit_codes, allow_abbrev=False
    )
    archive.add_argument("url", metavar="URL", nargs="?", help="the public address (probe in local.yaml)")
    archive.add_argument(
        "folder", metavar="DIR", nargs="?", help="the folder for the WARC files (archive in local.yaml)"
    )
    archive.add_argument(
        "--release", metavar="N", type=int, help="the release that it should show (the live one)"
    )
    archive.set_defaults(command="archive:run")


def add_journal(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command `journal anchor`."""
    journal = commands.add_parser("journal", help="the journal of a published folder", allow_abbrev=False)
    anchor = journal.add_subparsers(metavar="WORD", required=True).add_parser(
        "anchor", help="write the digest of its newest line where others can keep it", allow_abbrev=False
    )
    anchor.add_argument("file", metavar="FILE", nargs="?", help="add it to this file (prints it)")
    anchor.add_argument(
        "--target", metavar="TARGET", help="the published folder or bucket (target in local.yaml)"
    )
    anchor.add_argument("--commit", action="store_true", help="commit FILE to the git repository it is in")
    anchor.add_argument(
        "--send", action="store_true", help="give it to the program that local.yaml names: alarm"
    )
    anchor.set_defaults(command="journal:anchor")


def add_watch(publish: argparse.ArgumentParser) -> None:
    """Adds the option `--watch` and the options that need it."""
    publish.add_argument(
        "--watch",
        dest="command",
        action="store_const",
        const="resident:run",
        help="stay, and publish each change and each scheduled event",
    )
    add_probe_seconds(publish, "--probe-every", "with --watch and --probe: how often to read it back again")
    lease_help = "with --watch: how long a link is shown after this process last renewed its lease"
    publish.add_argument("--lease", metavar="SECONDS", type=parse_lease, help=lease_help)
    add_log_format(publish)
    publish.add_argument("--poll", action="store_true", help="with --watch: look for changes regularly")
