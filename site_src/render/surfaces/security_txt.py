"""`/.well-known/security.txt` (RFC 9116): where to report a vulnerability."""

from __future__ import annotations

from site_src.site.model import SecurityContact, Site

SECURITY_TXT = ".well-known/security.txt"


def security_txt(site: Site, contact: SecurityContact) -> bytes:
    """The bytes of the file, with the preferred contact first and times in UTC."""
    lines = [f"Contact: {address}" for address in contact.contacts]
    lines.append(f"Expires: {contact.expires:%Y-%m-%dT%H:%M:%SZ}")
    if contact.languages:
        lines.append(f"Preferred-Languages: {', '.join(contact.languages)}")
    lines.append(f"Canonical: {site.base_url}/{SECURITY_TXT}")
    if contact.policy:
        lines.append(f"Policy: {contact.policy}")
    return ("\n".join(lines) + "\n").encode()
