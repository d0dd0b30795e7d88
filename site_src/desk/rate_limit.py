"""Limits how many requests a login may send in a minute (`RateLimit`)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

# Changes have a separate limit, so that a user who loads pages too often can still close.
LOOKS_A_MINUTE, CHANGES_A_MINUTE = 120, 20


@dataclass(slots=True)
class RateLimit:
    """Allows each login `count` requests at once, and one more every `seconds / count` seconds. Remembers at most `logins` logins."""

    count: int
    seconds: float
    logins: int = 500
    clock: Callable[[], float] = monotonic
    _full_at: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def wait(self, user: str) -> float:
        """Counts the request and returns 0 if the request is allowed now. Otherwise returns how many seconds to wait."""
        step, now = self.seconds / self.count, self.clock()
        # When the login may again send `count` requests at once.
        full_at = max(self._full_at.pop(user, now), now) + step
        if full_at - now > self.seconds:
            self._full_at[user] = full_at - step
            return full_at - now - self.seconds
        self._full_at[user] = full_at
        if len(self._full_at) > self.logins:
            self._full_at.popitem(last=False)
        return 0
