"""What search engines and archives read: `sitemap.xml` (sitemaps.org, version 0.9) and `robots.txt` (RFC 9309)."""

from __future__ import annotations

from markupsafe import escape

from site_src.site.model import Page, Site

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def sitemap(site: Site) -> bytes:
    """Each page once in each language in which it is truly there; which ones belong together stands in their heads.

    `lastmod` follows from the inputs: the page's `updated`, or the last change of a state that the page shows.
    """
    entries = "".join(
        f"<url><loc>{escape(site.base_url + page.route)}</loc><lastmod>{_changed(site, page)}</lastmod></url>\n"
        for page in site.pages
        if page.language in page.translations
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_NAMESPACE}">\n{entries}</urlset>\n'.encode()


def robots(site: Site) -> bytes:
    """Everyone may read and keep everything, archives too; a preview is for no one."""
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
    """The day on which the page was changed, or the moment of a later change of state, as W3C's date formats write it."""
    last = site.last_change(page)
    return last.isoformat() if last and last.date() >= page.updated else page.updated.isoformat()
