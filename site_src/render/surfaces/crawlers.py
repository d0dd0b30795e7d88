"""The files for search engines and archives: `sitemap.xml` (sitemaps.org, version 0.9) and `robots.txt` (RFC 9309)."""

from __future__ import annotations

from markupsafe import escape

from site_src.site.model import Page, Site

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap(site: Site) -> bytes:
    """Each page once for each language that has its own text. The pages' heads link the translations of a page.

    `lastmod` follows from the inputs: the page's `updated`, or the last change of a state that the page shows.
    """
    entries = "".join(
        f"<url><loc>{escape(site.base_url + page.route)}</loc><lastmod>{_changed(site, page)}</lastmod></url>\n"
        for page in site.pages
        if page.language in page.translations
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_NAMESPACE}">\n{entries}</urlset>\n'.encode()


def robots(site: Site) -> bytes:
    """Allows every crawler, including archives, to read everything; a preview allows none."""
    if site.preview:
        return b"User-agent: *\nDisallow: /\n"
    lines = (
        "# Search engines and archives are welcome to everything.",
        "User-agent: *",
        "Disallow:",
        "",
        f"Sitemap: {site.base_url}/sitemap.xml",
    )
    return ("\n".join(lines) + "\n").encode()


def _changed(site: Site, page: Page) -> str:
    """The day of the page's last change, or the moment of a later change of state, in W3C's date and time format."""
    last = site.last_change(page)
    return last.isoformat() if last and last.date() >= page.updated else page.updated.isoformat()
