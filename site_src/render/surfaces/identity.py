"""Identifiers that never change: not with the site's address, not with its texts, not with the day of the build."""

from __future__ import annotations

from uuid import UUID, uuid5

# Drawn once, at random; another one would make every subscriber see every entry anew.
_NAMESPACE = UUID("8d7c7f0e-54a4-4f0c-9a55-0d2a6d1b4c37")


def permanent_id(*parts: str) -> UUID:
    """The version 5 UUID (RFC 9562) of the parts: the same parts give the same one, for ever."""
    return uuid5(_NAMESPACE, "\n".join(parts))
