"""The gate also checks the files for hosts and crawlers. If faulty code leaks an address there, nothing is published."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.gate.test_gate import JAPAN
from tests.support.hosted_sites import hosted_site
from tests.support.project import NOON, REPOSITORY, Project

PERCENT = "".join(f"%{byte:02x}" for byte in JAPAN.encode())
# The module, the text in it that is replaced by a leak, and the published files that then leak.
SURFACES = {
    "sitemap": ("render/surfaces/host_files.py", "<lastmod>", f"<lastmod><!-- {JAPAN} -->", {"sitemap.xml"}),
    "robots": ("render/surfaces/host_files.py", '"Disallow:"', f'"Disallow: {JAPAN}"', {"robots.txt"}),
    "headers": ("render/surfaces/host_files.py", 'return place + "\\n"', f'return place + "?{PERCENT}\\n"', {"_headers"}),
    "redirects": ("render/surfaces/host_files.py", "{rule.target} {", f"{{rule.target}}?to={PERCENT} {{", {"_redirects"}),
    "security": ("render/surfaces/host_files.py", "Canonical: {", f"Canonical: {JAPAN}#{{", {".well-known/security.txt"}),
    "moved": (
        "render/templates/moved.html",
        "{% block main %}",
        f'{{% block main %}}<p><a href="{JAPAN}">Ask</a></p>',
        {f"{code}/{old}/index.html" for code in ("en", "nl") for old in ("whp-japan", "guides/japan")},
    ),
    "not-found": (
        "render/templates/404.html",
        "<h1>",
        "<h1>start.request.test",
        {"404.html", "en/404.html", "nl/404.html"},
    ),
}  # fmt: skip


@pytest.fixture
def published(tmp_path: Path) -> Project:
    """A site with every file for hosts and crawlers, published while Japan was open, and a copy of the code."""
    project = hosted_site(tmp_path / "project")
    shutil.copytree(REPOSITORY / "site_src", project.root / "site_src")
    assert project.run("build", "--at", "2026-08-01 10:00").returncode == 0
    return project


@pytest.mark.parametrize("name", SURFACES)
def test_a_surface_that_leaks_is_refused(published: Project, name: str) -> None:
    """The gate names each file that contains a closed programme's address, and the published site does not change."""
    module, old, new, paths = SURFACES[name]
    before = published.published()
    assert paths <= set(before)
    published.replace(f"site_src/{module}", old, new)

    done = published.run("build", "--at", NOON)

    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    leaks = [line for line in done.stderr.splitlines() if ": japan: shows the conversation starter" in line]
    assert {line.removeprefix("gate: ").partition(": ")[0] for line in leaks} == paths
    assert published.published() == before
