"""Permanent identifiers, which do not depend on the site's address, its texts or the day of the build."""

from __future__ import annotations

from uuid import UUID, uuid5

# A random value that never changes: with another one, subscribers would see every entry as new.
_NAMESPACE = UUID("8d7c7f0e-54a4-4f0c-9a55-0d2a6d1b4c37")


def permanent_id(*parts: str) -> UUID:
    """The version 5 UUID (RFC 9562) of the parts: the same parts always give the same UUID."""
    return uuid5(_NAMESPACE, "\n".join(parts))
