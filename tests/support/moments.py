"""Moments between two switches."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


def next_second() -> datetime:
    """Waits until the next second begins, and returns it. So --at can name a moment between two switches."""
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    time.sleep((moment - datetime.now(UTC)).total_seconds() + 0.01)
    return moment
