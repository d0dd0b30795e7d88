"""Options and defaults of `publish` (also `--watch`), `releases`, `rollback`, `alarm`, `keys`, `follow`, `archive`, `journal anchor` and
`desk`.

Imports nothing slow, because `cli` needs this module for every command.
"""

from __future__ import annotations

import argparse

from site_src.commands.options import (
    Commands,
    add_at,
    add_format,
    add_keep,
    add_log_format,
    add_probe_seconds,
    add_publish_options,
    parse_days,
    parse_lease,
)
from site_src.exit_codes import SUMMARY


def add_publishing(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the commands `publish`, `releases`, `rollback` and `alarm`."""
    publish = commands.add_parser(
        "publish", help="publish the site as it is now", epilog=SUMMARY, allow_abbrev=False
    )
    releases = commands.add_parser(
        "releases", help="list the releases; with --verify, check them", allow_abbrev=False
    )
    roll_back = commands.add_parser(
        "rollback",
        help="bring back earlier content, with the present states",
        epilog=SUMMARY,
        allow_abbrev=False,
    )
    for word in (publish, releases, roll_back):
        word.add_argument(
            "target",
            metavar="TARGET",
            help="the folder whose current/site the web server shows, or s3://BUCKET/PREFIX",
        )
    roll_back.add_argument(
        "release", metavar="RELEASE", nargs="?", help="its number (the last release with different content)"
    )
    for word in (publish, roll_back):
        add_publish_options(word)
        word.add_argument("--by", metavar="NAME", help="who publishes, for the journal (the user's name)")
        add_format(word)
    alarm = commands.add_parser("alarm", help="run the alarm program in local.yaml, for instance to test it")
    alarm.add_argument("sentence", metavar="SENTENCE", help="the message, the program's only argument")
    alarm.set_defaults(command="alarm:run")
    publish.set_defaults(command="hide_first:run", work="publish:run")
    add_watch(publish)
    add_only_publisher(publish)
    releases.add_argument("--verify", action="store_true", help="check that no published file was changed")
    releases.add_argument(
        "--anchor", metavar="FILE", help="with --verify: compare with these anchors of the journal"
    )
    add_at(releases, "print what was live then, who published it, and why")
    releases.add_argument(
        "--page", metavar="PAGE", help="with --at: print what this page contained, such as en/japan/"
    )
    releases.add_argument("--out", metavar="FILE", help="with --page: write the page to this new file")
    releases.add_argument("--json", action="store_true", help="print JSON")
    roll_back.add_argument("--dry-run", action="store_true", help="show what would change; publish nothing")
    roll_back.add_argument("--yes", action="store_true", help="do not ask")
    releases.set_defaults(command="releases:run", probe=None)
    roll_back.set_defaults(command="hide_first:run", work="releases:roll_back")


def add_keys(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the commands `keys init`, `keys rotate` and `keys check`."""
    keys = commands.add_parser(
        "keys", help="the keys that sign what is published to a bucket", allow_abbrev=False
    )
    words = keys.add_subparsers(metavar="WORD", required=True)
    init = words.add_parser(
        "init", help="create the root key, the online key and keys/1.root.json", allow_abbrev=False
    )
    rotate = words.add_parser(
        "rotate", help="create the next root, with a later expiry or new keys", allow_abbrev=False
    )
    check = words.add_parser(
        "check", help="print when the root expires; exit 1 in its last 30 days", allow_abbrev=False
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
            "--days",
            metavar="N",
            type=parse_days,
            default=365,
            help="days until the root expires (%(default)s)",
        )
    init.set_defaults(command="keys:init")
    rotate.set_defaults(command="keys:rotate")
    check.set_defaults(command="keys:check")


def add_follow(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command `follow`."""
    follow = commands.add_parser(
        "follow", help="keep a web server's folder up to date with a bucket", allow_abbrev=False
    )
    follow.add_argument(
        "source", metavar="BUCKET", help="the address to which the site is published: s3://BUCKET/PREFIX"
    )
    follow.add_argument("target", metavar="TARGET", help="the folder whose current/site the web server shows")
    add_keep(follow)
    add_log_format(follow)
    follow.set_defaults(command="follow:run")


def add_only_publisher(word: argparse.ArgumentParser) -> None:
    """Adds the option `--only-publisher`."""
    word.add_argument(
        "--only-publisher",
        action="store_true",
        help="accept a store that ignores conditional writes; nobody else may publish to the bucket",
    )


def add_archive(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command `archive`."""
    archive = commands.add_parser(
        "archive", help="record the site as the public address serves it", epilog=SUMMARY, allow_abbrev=False
    )
    archive.add_argument("url", metavar="URL", nargs="?", help="the public address (probe in local.yaml)")
    archive.add_argument(
        "folder", metavar="DIR", nargs="?", help="the folder for the WARC files (archive in local.yaml)"
    )
    archive.add_argument(
        "--release", metavar="N", type=int, help="the release that the address should show (the live one)"
    )
    archive.set_defaults(command="archive:run")


def add_journal(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command `journal anchor`."""
    journal = commands.add_parser("journal", help="the journal of a published folder", allow_abbrev=False)
    anchor = journal.add_subparsers(metavar="WORD", required=True).add_parser(
        "anchor", help="print, commit or send the digest of its newest line", allow_abbrev=False
    )
    anchor.add_argument("file", metavar="FILE", nargs="?", help="add the digest to this file (print it)")
    anchor.add_argument(
        "--target", metavar="TARGET", help="the published folder or bucket (target in local.yaml)"
    )
    anchor.add_argument("--commit", action="store_true", help="commit FILE in its git repository")
    anchor.add_argument(
        "--send", action="store_true", help="pass the digest to the alarm program in local.yaml"
    )
    anchor.set_defaults(command="journal:anchor")


def add_watch(publish: argparse.ArgumentParser) -> None:
    """Adds the option `--watch` and the options that need it."""
    publish.add_argument(
        "--watch",
        dest="command",
        action="store_const",
        const="resident:run",
        help="keep running, and publish each change and each scheduled event",
    )
    add_probe_seconds(
        publish, "--probe-every", "with --watch and --probe: how often to read the public address back"
    )
    lease_help = "with --watch: how long a link is shown after this process last renewed its lease"
    publish.add_argument("--lease", metavar="SECONDS", type=parse_lease, help=lease_help)
    add_log_format(publish)
    publish.add_argument(
        "--poll", action="store_true", help="with --watch: look for changes at regular intervals"
    )


def add_desk(commands: Commands[argparse.ArgumentParser]) -> None:
    """Adds the command `desk`."""
    desk = commands.add_parser(
        "desk", help="serve the operators' page to a reverse proxy that does the login", allow_abbrev=False
    )
    desk.add_argument(
        "--socket", metavar="PATH", help="the Unix socket to listen on (/run/quotabord-desk/desk.sock)"
    )
    desk.add_argument(
        "--port", metavar="N", type=int, help="listen on this port of 127.0.0.1 instead; needs --user"
    )
    desk.add_argument(
        "--user", metavar="NAME", help="with --port: the user that everybody on this machine acts as"
    )
    desk.set_defaults(command="desk:run")
