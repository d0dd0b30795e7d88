"""Compares this machine's clock with the publisher's."""

from __future__ import annotations

from site_src.bucket.object_store import REQUEST_SECONDS

CLOCK_SECONDS = 2.0


def find_clock_fault(signed: float, now: float, signed_after: float) -> str:
    """Returns a message if the clocks differ, else "". All times are in seconds since 1970.

    The publisher signed at `signed`, by its clock. By this machine's clock, that was after `signed_after` and before `now`.
    """
    behind, ahead = signed - now, signed_after - signed
    # If the request is slow, the pointer arrives long after it was signed. The large tolerance is safe: a clock that is ahead
    # only hides links too early.
    if behind <= CLOCK_SECONDS and ahead <= CLOCK_SECONDS + REQUEST_SECONDS:
        return ""
    return f"The clocks of this server and of the publisher differ by {max(behind, ahead):.0f} seconds. Correct the wrong one."
