"""The interface `Switch`, which makes a complete release the one that visitors get: the link of a folder (`LinkOnly`), or a
bucket's pointer.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Protocol

from site_src.publish.releases import Release


class SwitchFailed(OSError):
    """Raised if a complete release could not become the live one. Building another one would not help."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(errno.EIO, reason, place)


class Overtaken(SwitchFailed):
    """Raised if another publisher made its release live first. The publish must start again from that release."""


class OutcomeUnknown(SwitchFailed):
    """Raised if it is not known whether the release is live now."""


class Switch(Protocol):
    """The steps that a publisher calls while it holds the target's lock."""

    def catch_up(self, target: Path) -> None:
        """Makes the target's live release the one that visitors get, before anything is read. Raises OSError."""

    def commit(self, release: Release, keep: int) -> None:
        """Makes the complete release the one that visitors get. Returns only if that is certain. Raises SwitchFailed."""

    def confirm(self, release: Release, keep: int) -> None:
        """Replaces `commit` if the live release is already right. Raises SwitchFailed."""

    def note(self, line: bytes) -> str | None:
        """Keeps a line of the journal about a release. Returns a message if the line could not be kept."""


class LinkOnly:
    """The switch of a folder on this machine, where the link in the target alone decides."""

    def catch_up(self, target: Path) -> None:
        """Does nothing, because visitors get the target."""

    def commit(self, release: Release, keep: int) -> None:
        """Does nothing, because replacing the link is the switch."""

    def confirm(self, release: Release, keep: int) -> None:
        """Does nothing."""

    def note(self, line: bytes) -> str | None:  # noqa: ARG002 - the journal in the target has it
        """Does nothing, because the target's journal has the line."""
        return None
