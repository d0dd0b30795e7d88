"""Parses the values of options; imports nothing slow, because `cli` needs it for every command."""

from __future__ import annotations

import argparse
import math

from site_src.local_file import LEAST_LEASE, LONGEST_LEASE


def parse_lease(text: str) -> int:
    """The duration of a lease in whole seconds, within the allowed range; raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or not LEAST_LEASE <= int(text) <= LONGEST_LEASE:
        raise argparse.ArgumentTypeError(
            f'"{text}" is not a number of seconds from {LEAST_LEASE} to {LONGEST_LEASE}, such as 30.'
        )
    return int(text)


def parse_seconds(text: str) -> float:
    """A number of seconds, 0 or more; raises ArgumentTypeError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds >= 0):
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of seconds, such as 60.')
    return seconds


def parse_days(text: str) -> int:
    """A whole number of days from 1 to 3650. Raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number from 1 to 3650')
    return int(text)
