"""Defines the interface `Switch`, which makes a complete release live if visitors do not get it through the link in the target."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Protocol

from site_src.publish.releases import Release


class SwitchFailed(OSError):
    """Raised if a complete release could not be made live. Building it again would not help. The text is for the user."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(errno.EIO, reason, place)

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}"


class Overtaken(SwitchFailed):
    """Raised if another publisher has made its release live first. The publish must start again with that release."""


class OutcomeUnknown(SwitchFailed):
    """Raised if it is not known whether the release is live now."""


class Switch(Protocol):
    """The steps of a switch. The publisher calls them while it holds the target's lock."""

    def catch_up(self, target: Path) -> None:
        """Makes the release that visitors get live in the target, before the publisher reads the target. Raises OSError."""

    def commit(self, release: Release, keep: int) -> None:
        """Makes the release the one that visitors get, and keeps `keep` releases. Returns only if it is certainly live.

        Raises SwitchFailed.
        """

    def confirm(self, release: Release, keep: int) -> None:
        """Confirms the live release if a publish changes nothing. Raises SwitchFailed."""

    def note(self, line: bytes) -> str | None:
        """Saves a copy of the journal line about a release. Returns a message if this failed."""
