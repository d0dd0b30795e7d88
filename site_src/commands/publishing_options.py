"""Options and defaults of `publish` (also `--watch`), `releases`, `rollback`, `alarm`, `keys`, `follow`, `archive`, `journal anchor` and
`desk`.

Imports nothing slow, because `cli` needs this module for every command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from site_src.commands.options import (
    CommandParser,
    add_at,
    add_command,
    add_format,
    add_keep,
    add_log_format,
    add_probe_seconds,
    add_publish_options,
    parse_days,
    parse_lease,
)
from site_src.exit_codes import SUMMARY

if TYPE_CHECKING:
    from site_src.commands.options import Commands

_FOLDER = "the folder whose current/site the web server shows"


def add_publishing(commands: Commands) -> None:
    """Adds the commands that publish, and those about what is published."""
    _add_publish(commands)
    _add_releases(commands)
    _add_roll_back(commands)
    help = "run the alarm program in local.yaml, for instance to test it"
    alarm = add_command(commands, "alarm", "alarm:run", help)
    alarm.value("sentence", "SENTENCE", "the message, the program's only argument")
    _add_archive(commands)
    _add_journal(commands)
    _add_follow(commands)
    _add_keys(commands)
    _add_desk(commands)


def _add_publish(commands: Commands) -> None:
    help = "publish the site as it is now"
    publish = add_command(commands, "publish", "hide_first:run", help, epilog=SUMMARY)
    publish.set_defaults(work="publish:run")
    _add_target(publish)
    _add_publisher_options(publish)
    watch = "keep running, and publish each change and each scheduled event"
    publish.add_argument("--watch", dest="command", action="store_const", const="resident:run", help=watch)
    every = "with --watch and --probe: how often to read the public address back"
    add_probe_seconds(publish, "--probe-every", every)
    lease = "with --watch: how long a link is shown after this process last renewed its lease"
    publish.value("--lease", "SECONDS", lease, type=parse_lease)
    add_log_format(publish)
    publish.flag("--poll", "with --watch: look for changes at regular intervals")
    only = "accept a store that ignores conditional writes; nobody else may publish to the bucket"
    publish.flag("--only-publisher", only)


def _add_releases(commands: Commands) -> None:
    help = "list the releases; with --verify, check them"
    releases = add_command(commands, "releases", "releases:run", help)
    releases.set_defaults(probe=None)
    _add_target(releases)
    releases.flag("--verify", "check that no published file was changed")
    releases.value("--anchor", "FILE", "with --verify: compare with these anchors of the journal")
    add_at(releases, "print what was live then, who published it, and why")
    releases.value("--page", "PAGE", "with --at: print what this page contained, such as en/japan/")
    releases.value("--out", "FILE", "with --page: write the page to this new file")
    releases.flag("--json", "print JSON")


def _add_roll_back(commands: Commands) -> None:
    help = "bring back earlier content, with the present states"
    roll_back = add_command(commands, "rollback", "hide_first:run", help, epilog=SUMMARY)
    roll_back.set_defaults(work="rollback:run")
    _add_target(roll_back)
    number = "its number (the last release with different content)"
    roll_back.value("release", "RELEASE", number, nargs="?")
    _add_publisher_options(roll_back)
    roll_back.flag("--dry-run", "show what would change; publish nothing")
    roll_back.flag("--yes", "do not ask")


def _add_target(command: CommandParser) -> None:
    command.value("target", "TARGET", f"{_FOLDER}, or s3://BUCKET/PREFIX")


def _add_publisher_options(command: CommandParser) -> None:
    add_publish_options(command)
    command.value("--by", "NAME", "who publishes, for the journal (the user's name)")
    add_format(command)


def _add_keys(commands: Commands) -> None:
    keys = commands.add_parser("keys", help="the keys that sign what is published to a bucket")
    words = keys.add_subparsers(metavar="WORD", required=True)
    help = "create the root key, the online key and keys/1.root.json"
    init = add_command(words, "init", "keys:init", help)
    help = "create the next root, with a later expiry or new keys"
    rotate = add_command(words, "rotate", "keys:rotate", help)
    add_command(words, "check", "keys:check", "print when the root expires; exit 1 in its last 30 days")
    init.value("--root-key", "FILE", "where the new root key is written", required=True)
    init.value("--online-key", "FILE", "where the new online key is written", required=True)
    rotate.value("--root-key", "FILE", "the present root key", required=True)
    rotate.value("--new-root-key", "FILE", "where a new root key is written (keep the present one)")
    rotate.value("--new-online-key", "FILE", "where a new online key is written (keep the present one)")
    for word in (init, rotate):
        word.value("--days", "N", "days until the root expires (%(default)s)", type=parse_days, default=365)


def _add_follow(commands: Commands) -> None:
    help = "keep a web server's folder up to date with a bucket"
    follow = add_command(commands, "follow", "follow:run", help)
    follow.value("source", "BUCKET", "the address to which the site is published: s3://BUCKET/PREFIX")
    follow.value("target", "TARGET", _FOLDER)
    add_keep(follow)
    add_log_format(follow)


def _add_archive(commands: Commands) -> None:
    help = "record the site as the public address serves it"
    archive = add_command(commands, "archive", "archive:run", help, epilog=SUMMARY)
    archive.value("url", "URL", "the public address (probe in local.yaml)", nargs="?")
    archive.value("folder", "DIR", "the folder for the WARC files (archive in local.yaml)", nargs="?")
    archive.value("--release", "N", "the release that the address should show (the live one)", type=int)


def _add_journal(commands: Commands) -> None:
    journal = commands.add_parser("journal", help="the journal of a published folder")
    words = journal.add_subparsers(metavar="WORD", required=True)
    help = "print, commit or send the digest of its newest line"
    anchor = add_command(words, "anchor", "journal:anchor", help)
    anchor.value("file", "FILE", "add the digest to this file (print it)", nargs="?")
    anchor.value("--target", "TARGET", "the published folder or bucket (target in local.yaml)")
    anchor.flag("--commit", "commit FILE in its git repository")
    anchor.flag("--send", "pass the digest to the alarm program in local.yaml")


def _add_desk(commands: Commands) -> None:
    help = "serve the operators' page to a reverse proxy that does the login"
    desk = add_command(commands, "desk", "desk:run", help)
    desk.value("--socket", "PATH", "the Unix socket to listen on (/run/quotabord-desk/desk.sock)")
    desk.value("--port", "N", "listen on this port of 127.0.0.1 instead; needs --user", type=int)
    desk.value("--user", "NAME", "with --port: the user that everybody on this machine acts as")
