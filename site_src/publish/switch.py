"""Defines the interface `Switch`, which makes a complete release the one that visitors get: with a link in the target
(`LinkOnly`), or with a bucket's pointer.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Protocol

from site_src.publish.releases import Release


class SwitchFailed(OSError):
    """Raised if a complete release could not be made live. Building it again would not help."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(errno.EIO, reason, place)


class Overtaken(SwitchFailed):
    """Raised if another publisher has made its release live first. The publish must start again with that release."""


class OutcomeUnknown(SwitchFailed):
    """Raised if it is not known whether the release is live now."""


class Switch(Protocol):
    """The steps of a switch. The publisher calls them while it holds the target's lock."""

    def catch_up(self, target: Path) -> None:
        """Brings the target up to date: makes the release that visitors get live in the target. Raises OSError.

        The publisher calls this before it reads the target.
        """

    def commit(self, release: Release, keep: int) -> None:
        """Makes the release the one that visitors get. Returns only if this is certain. Raises SwitchFailed.

        `keep` is the number of releases to keep.
        """

    def confirm(self, release: Release, keep: int) -> None:
        """Confirms the live release if a publish changes nothing. Raises SwitchFailed."""

    def note(self, line: bytes) -> str | None:
        """Saves a copy of the journal line about a release. Returns a message if this failed."""


class LinkOnly:
    """The switch of a target on this machine, where only the link in the target decides which release is live."""

    def catch_up(self, target: Path) -> None:
        """Does nothing, because visitors get the release that is live in the target."""

    def commit(self, release: Release, keep: int) -> None:
        """Does nothing, because the publisher itself replaces the link."""

    def confirm(self, release: Release, keep: int) -> None:
        """Does nothing."""

    def note(self, line: bytes) -> str | None:  # noqa: ARG002 - the journal in the target has it
        """Does nothing, because the target's journal has the line."""
        return None
