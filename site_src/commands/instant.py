"""The moment that a command works for: given by --at, or the present."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from site_src.exit_codes import WrongUse
from site_src.instants import Moment, parse_instant


def checked_instant(text: str | None) -> None:
    """Raises WrongUse for a text that is no moment in any time zone; call it before anything is read."""
    if text is not None:
        instant_of(text, ZoneInfo("UTC"))


def moment_of(text: str | None, zone: ZoneInfo) -> Moment:
    """The moment given by --at; for None, the present one. Raises WrongUse."""
    return Moment(instant_of(text, zone), is_present=text is None)


def instant_of(text: str | None, zone: ZoneInfo) -> datetime:
    """The instant (aware, UTC) given by --at, local in `zone` unless it has an offset; for None, now. Raises WrongUse."""
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        return parse_instant(text, zone)
    except ValueError as error:
        raise WrongUse(f"--at: {error}") from None
