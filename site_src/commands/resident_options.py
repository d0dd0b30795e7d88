"""The options of the processes that keep running; imports nothing slow, because `cli` needs it for every command."""

from __future__ import annotations

import argparse

from site_src.commands.option_types import parse_lease, parse_seconds


def add_watch(publish: argparse.ArgumentParser) -> None:
    """Adds `--watch` and what goes with it."""
    publish.add_argument(
        "--watch",
        dest="command",
        action="store_const",
        const="resident:run",
        help="stay, and publish each change and each scheduled event",
    )
    publish.add_argument(
        "--probe-every",
        metavar="SECONDS",
        type=parse_seconds,
        default=60.0,
        help="with --watch and --probe: how often to read it back again (60)",
    )
    lease_help = "with --watch: how long a link is shown after this process last renewed its lease"
    publish.add_argument("--lease", metavar="SECONDS", type=parse_lease, help=lease_help)
    add_log_format(publish)
    publish.add_argument("--poll", action="store_true", help="with --watch: look for changes regularly")


def add_log_format(word: argparse.ArgumentParser) -> None:
    """Adds `--log-format`."""
    word.add_argument(
        "--log-format",
        choices=("text", "journal", "json"),
        help="of a process that stays: how lines are logged (journal where journald listens, else text)",
    )
