"""The settings of a desk, and the roles of its users: who may close (may_close) and who may open (may_open)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """The settings of a desk: the project, its target, and its access rules.

    `origin` is the address of the desk, as browsers send it in the header Origin. `user` is the login of every request on a TCP
    port; it is None on a Unix socket, where the reverse proxy reports the login.
    """

    root: Path
    target: str
    probe: str | None
    origin: str
    may_close: frozenset[str]
    may_open: frozenset[str]
    user: str | None = None

    @property
    def host(self) -> str:
        """Returns the only accepted value of the header Host."""
        return urlsplit(self.origin).netloc

    @property
    def is_secure(self) -> bool:
        """Returns True if browsers use HTTPS."""
        return self.origin.startswith("https:")

    def permits(self, user: str, shows_link: bool) -> bool:
        """Returns True if the user may make a change that shows the link (`shows_link` is True) or hides it (False)."""
        return user in (self.may_open if shows_link else self.may_close)
