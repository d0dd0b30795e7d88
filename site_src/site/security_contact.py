"""Resolves the contacts of security.txt (RFC 9116), which `security` in content/site.yaml names, to full addresses."""

from __future__ import annotations

from datetime import UTC, datetime, time

from site_src.convert.links import Outside, PageLink, resolve
from site_src.convert.manuscript import Manuscript
from site_src.site.model import SecurityContact, SecurityRedirect, route


def security_contact(manuscript: Manuscript, base_url: str) -> SecurityContact | SecurityRedirect | None:
    """Returns the contacts with their full addresses, or the address of another site's security.txt. Returns None if there is neither."""
    settings = manuscript.content.settings
    security = settings.security
    if security is None:
        return None
    if security.redirect_to:
        return SecurityRedirect(security.redirect_to)
    if security.expires is None:
        raise ValueError("security.expires: the checks let a security.txt without it pass")

    def full(destination: str) -> str:
        if destination.startswith(("mailto:", "tel:")):
            return destination
        home = f"content/{settings.default_language}/index.md"
        target = resolve(manuscript, home, destination, settings.default_language)
        if isinstance(target, PageLink):
            return base_url + route(target.language or settings.default_language, target.slug)
        return target.address if isinstance(target, Outside) else base_url

    return SecurityContact(
        contacts=tuple(map(full, security.contact)),
        expires=datetime.combine(security.expires, time(), UTC),
        languages=security.preferred_languages,
        policy=security.policy and full(security.policy),
    )
