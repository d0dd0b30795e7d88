"""Access to the desk: the roles (may_close, may_open), the tokens of forms (`Tokens`, void after a restart), and the rate limit
of logins.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """The settings of a desk: the project, its target, and its access rules.

    `origin` is the page's address as browsers send it. `user` is the login on a TCP port; None on a Unix socket, where the
    reverse proxy reports it.
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
        """Returns True if the user may make a change that shows the link (`shows_link`) or hides it."""
        return user in (self.may_open if shows_link else self.may_close)


class Tokens:
    """Makes the token of a login's forms, and the cookie that must come with the token. Both are void after a restart."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def cookie(self, user: str) -> str:
        """Returns the cookie's value."""
        return self._sign(f"cookie {user}")

    def token(self, user: str) -> str:
        """Returns the value of the forms' hidden field."""
        return self._sign(f"form {user}")

    def accept(self, user: str, cookie: str, token: str) -> bool:
        """Returns True if both belong to this login."""
        pairs = ((cookie, self.cookie(user)), (token, self.token(user)))
        return all(hmac.compare_digest(given.encode(), right.encode()) for given, right in pairs)

    def _sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(slots=True)
class RateLimit:
    """Allows at most `count` requests of a login within `seconds`, and then one at a time. Remembers `logins` logins at most."""

    count: int
    seconds: float
    logins: int = 500
    clock: Callable[[], float] = monotonic
    _full_at: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def wait(self, user: str) -> float:
        """Returns 0 and counts the request if it is accepted. Otherwise returns how many seconds to wait."""
        step, now = self.seconds / self.count, self.clock()
        # The moment at which the login has its full count again.
        full_at = max(self._full_at.pop(user, now), now) + step
        if full_at - now > self.seconds:
            self._full_at[user] = full_at - step
            return full_at - now - self.seconds
        self._full_at[user] = full_at
        if len(self._full_at) > self.logins:
            self._full_at.popitem(last=False)
        return 0
