"""What makes a complete release the one that visitors get, beyond the link in the target: nothing, or a bucket's pointer."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Protocol

from site_src.publish.releases import Release


class SwitchFailed(OSError):
    """Raised when a complete release could not become the live one. Building another one would not help."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(errno.EIO, reason, place)


class Overtaken(SwitchFailed):
    """Raised when another publisher made its release live first; the publish must start over from that one."""


class OutcomeUnknown(SwitchFailed):
    """Raised when it is not known whether the release is live now."""


class Switch(Protocol):
    """Called by a publisher while it holds the target's lock."""

    def catch_up(self, target: Path) -> None:
        """Makes the target's live release the one that visitors get, before anything is read. Raises OSError."""

    def commit(self, release: Release, keep: int) -> None:
        """Makes the complete release the one that visitors get; it returns only if that is certain. Raises SwitchFailed."""

    def confirm(self, release: Release, keep: int) -> None:
        """Called instead of `commit` if the live release is already right. Raises SwitchFailed."""

    def note(self, line: bytes) -> str | None:
        """Keeps a line of the journal about a release; returns a sentence if it could not be kept."""


class LinkOnly:
    """The switch of a folder on this machine: the link in the target alone decides."""

    def catch_up(self, target: Path) -> None:
        """Does nothing: visitors get the target."""

    def commit(self, release: Release, keep: int) -> None:
        """Does nothing: replacing the link is the switch."""

    def confirm(self, release: Release, keep: int) -> None:
        """Does nothing."""

    def note(self, line: bytes) -> str | None:  # noqa: ARG002 - the journal in the target has it
        """Does nothing: the target's journal has the line."""
        return None
