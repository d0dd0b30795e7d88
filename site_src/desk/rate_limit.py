"""Limits how many requests a login may send (`RateLimit`); guard.py has the numbers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic


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
