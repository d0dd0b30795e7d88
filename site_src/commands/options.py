"""`CommandParser`, and the options that commands share: `--at`, `--format`, `--keep` (20), `--probe-for` and `--probe-every` (60),
`--log-format`.

Also parses numbers, seconds, days and leases. Imports nothing slow, because `cli` needs this module for every command.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from site_src.local_file import LEAST_LEASE, LONGEST_LEASE

if TYPE_CHECKING:
    from site_src.read.project import Project

RELEASES_KEPT = 20
PROBE_SECONDS = 60.0


class CommandParser(argparse.ArgumentParser):
    """Parses the arguments of a command. Options cannot be abbreviated."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(allow_abbrev=False, **settings)

    def value(self, name: str, metavar: str, help: str, **settings: Any) -> None:
        """Adds an argument, or an option with a value."""
        self.add_argument(name, metavar=metavar, help=help, **settings)

    def flag(self, name: str, help: str) -> None:
        """Adds an option without a value."""
        self.add_argument(name, action="store_true", help=help)


if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[CommandParser]  # noqa: SLF001 - argparse has no public name for this type


def add_command(commands: Commands, name: str, run: str, help: str, **settings: Any) -> CommandParser:
    """Adds the command `name`. `run` names its function, as `module:function` in `commands`."""
    command = commands.add_parser(name, help=help, **settings)
    command.set_defaults(command=run)
    return command


def load_function(name: str) -> Callable[[argparse.Namespace, Project], int]:
    """Imports the function of a command. `name` is `module:function`, as in `add_command`."""
    module, _, function = name.partition(":")
    run: Callable[[argparse.Namespace, Project], int] = getattr(
        import_module(f"site_src.commands.{module}"), function
    )
    return run


def parse_lease(text: str) -> int:
    """Parses the duration of a lease: whole seconds, within the allowed range. Raises ArgumentTypeError."""
    return _parse_whole(
        text,
        LEAST_LEASE,
        LONGEST_LEASE,
        f"number of seconds from {LEAST_LEASE} to {LONGEST_LEASE}, such as 30.",
    )


def parse_count(text: str) -> int:
    """Parses a whole number above 0. Raises ArgumentTypeError."""
    return _parse_whole(text, 1, math.inf, "whole number above 0.")


def parse_days(text: str) -> int:
    """Parses a whole number of days from 1 to 3650. Raises ArgumentTypeError."""
    return _parse_whole(text, 1, 3650, "whole number from 1 to 3650")


def _parse_whole(text: str, least: int, most: float, wanted: str) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f'"{text}" is not a {wanted}')
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


def add_at(command: CommandParser, purpose: str) -> None:
    """Adds the option `--at`."""
    command.value("--at", "INSTANT", f'the moment to {purpose}, such as "2026-04-01 11:42" (now)')


def add_publish_options(command: CommandParser) -> None:
    """Adds the options of a publish: `--keep`, `--probe` and `--probe-for`."""
    add_keep(command)
    command.value("--probe", "URL", "the public address, read back until it shows this release")
    add_probe_seconds(command, "--probe-for", "how long to read the public address back")


def add_keep(command: CommandParser) -> None:
    """Adds the option `--keep`."""
    help = "how many releases to keep (%(default)s)"
    command.value("--keep", "N", help, type=parse_count, default=RELEASES_KEPT)


def add_probe_seconds(command: CommandParser, option: str, purpose: str) -> None:
    """Adds `--probe-for` or `--probe-every`, whose default is PROBE_SECONDS."""
    command.value(option, "SECONDS", f"{purpose} (%(default)g)", type=parse_seconds, default=PROBE_SECONDS)


def add_log_format(command: CommandParser) -> None:
    """Adds the option `--log-format`."""
    help = "the format of log lines (journal if journald receives them, otherwise text)"
    command.add_argument("--log-format", choices=("text", "journal", "json"), help=help)


def add_format(
    command: CommandParser,
    choices: tuple[str, ...] = ("text", "json", "github"),
    help: str = "the format of the problems (text)",
) -> None:
    """Adds the option `--format`."""
    command.add_argument("--format", choices=choices, default="text", help=help)
