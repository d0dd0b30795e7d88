"""The small site with all files for hosts and crawlers, a moved page, and its own security.txt."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from tests.support.project import Project, make_project

SECURITY_FILE = """\
security:
  mode: file
  contact: [mailto:security@small.test, contact:ind, status.md]
  expires: 2027-06-30
  policy: status.md
  preferred_languages: [en, nl]
"""
SECURITY_REDIRECT = """\
security:
  mode: redirect
  redirect_to: https://ind.nl/.well-known/security.txt
"""
# The paths of files that other parts of the site publish.
FORESEEN = {
    "api/v1/programmes.json": "api",
    "api/v1/programmes/japan.json": "api",
    "api/v1/openapi.json": "api",
    "nl/japan/feed.xml": "feed",
    "nl/japan/calendar.ics": "calendar",
    "embed/nl/japan.html": "embed",
    "release.json": "release",
}


def with_security(project: Project, lines: str) -> Project:
    """Adds lines to content/site.yaml."""
    settings = (project.root / "content/site.yaml").read_text(encoding="utf-8")
    project.write("content/site.yaml", settings + lines)
    return project


def with_moved(project: Project, page: str, *old: str) -> Project:
    """Gives a page old addresses. `page` is a path below content/."""
    lines = "".join(f"  - {slug}\n" for slug in old)
    project.replace(f"content/{page}", "updated:", f"moved_from:\n{lines}updated:")
    return project


def hosted_site(folder: Path, security: str = SECURITY_FILE) -> Project:
    """Returns the small site. Its page about Japan had two other addresses, one of them in a folder."""
    project = with_security(make_project(folder), security)
    return with_moved(project, "en/japan.md", "whp-japan", "guides/japan")


def with_pictures(project: Project) -> Project:
    """Shows a photo and a drawing on the first English page. They are published as WebP, JPEG and PNG files."""
    noise = Image.effect_noise((90, 60), 80)
    photo = Image.merge("RGB", [noise, noise.rotate(180), noise])
    for name, image, format in (("photo.jpg", photo, "JPEG"), ("line.png", Image.new("RGB", (9, 9)), "PNG")):
        out = io.BytesIO()
        image.save(out, format)
        project.write(f"content/images/{name}", out.getvalue())
    page = (project.root / "content/en/index.md").read_text(encoding="utf-8")
    project.write("content/en/index.md", f"{page}\n![A photo](photo.jpg) ![decorative](line.png)\n")
    return project
