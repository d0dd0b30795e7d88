"""The files for search engines and archives contain only true facts, and do not depend on the time of the build."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import pytest
from lxml import etree

from tests.gate.test_gate import case_of
from tests.support.building import build_site, read_inputs
from tests.support.commands import command
from tests.support.hosted_sites import hosted_site
from tests.support.html_pages import parsed
from tests.support.project import NOON, Project, at
from tests.support.whole_sites import SITES, nested, whole_site

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def entries(data: bytes) -> dict[str, str]:
    """Maps the address of each entry to its `lastmod`. Fails if an address occurs twice or an entry has other elements."""
    root = etree.fromstring(data)
    assert root.tag == f"{NAMESPACE}urlset"
    found: dict[str, str] = {}
    for entry in root:
        assert [child.tag for child in entry] == [f"{NAMESPACE}loc", f"{NAMESPACE}lastmod"]
        address, changed = (str(child.text) for child in entry)
        assert address not in found
        found[address] = changed
    return found


@pytest.mark.parametrize("name", SITES)
def test_the_sitemap_has_each_page_that_names_itself(name: str, tmp_path: Path) -> None:
    """The sitemap has exactly the pages whose canonical address is their own."""
    site = whole_site(name, tmp_path)
    own = {
        f"{site.base_url}{page.route}"
        for page in site.routed
        if page.head_links("canonical")
        and page.head_links("canonical")[0].get("href") == f"{site.base_url}{page.route}"
    }

    found = entries(site.files["sitemap.xml"])
    assert len(own) >= 6
    assert set(found) == own
    assert len(own) < len(site.routed) or all(site.has_own_text(page) for page in site.routed)


def test_a_page_that_is_not_translated_is_listed_once(tmp_path: Path) -> None:
    """The sitemap lists an untranslated page only under the address of the original."""
    found = entries(nested(tmp_path / "nested").built().files["sitemap.xml"])

    assert "https://small.test/en/loose/leaf/" in found
    assert "https://small.test/nl/loose/leaf/" not in found


def test_when_a_page_changed(project: Project) -> None:
    """`lastmod` is the date of the page's text or the last change of a state that the page shows, whichever is later."""
    project.replace("content/en/japan.md", "updated: 2026-11-22", "updated: 2026-03-01")
    project.set_log("japan", "open 2026-04-01 00:00", "quota_reached 2026-04-01 11:42")
    project.write(
        "content/en/more.md", "---\ntitle: More\ndescription: More.\nupdated: 2026-03-02\n---\nText.\n"
    )
    found = entries(project.built().files["sitemap.xml"])

    assert found["https://small.test/en/japan/"] == "2026-04-01T11:42:00+02:00"
    assert found["https://small.test/nl/japan/"] == "2026-11-22"  # its text was changed after the state
    assert found["https://small.test/en/more/"] == "2026-03-02"
    before = entries(project.built("2026-04-01 11:41").files["sitemap.xml"])
    assert before["https://small.test/en/japan/"] == "2026-04-01T00:00:00+02:00"


def test_home_and_status_change_with_every_programme(project: Project) -> None:
    """If a page shows all programmes, its `lastmod` is the last change of any of them."""
    project.set_log("japan", "open 2026-11-22 11:30")
    found = entries(project.built().files["sitemap.xml"])

    for slug in ("", "status/"):
        assert found[f"https://small.test/en/{slug}"] == "2026-11-22T11:30:00+01:00"


def test_lastmod_does_not_follow_the_clock(project: Project) -> None:
    """Builds for two moments between the same events have the same sitemap, and no `lastmod` is in the future."""
    early, late = (project.built(moment).files["sitemap.xml"] for moment in (NOON, "2027-11-22 12:00"))

    assert early == late
    for changed in entries(early).values():
        day = datetime.fromisoformat(changed).date() if "T" in changed else date.fromisoformat(changed)
        assert day <= date(2026, 11, 22)


def test_crawlers_are_welcome(project: Project) -> None:
    """robots.txt allows search engines and archives everywhere, and names the sitemap."""
    text = project.built().files["robots.txt"].decode()
    reader = RobotFileParser()
    reader.parse(text.splitlines())

    for agent in ("Googlebot", "archive.org_bot", "ia_archiver", "heritrix", "x"):
        for path in ("/", "/en/japan/", "/api/v1/programmes.json", "/assets/style.css"):
            assert reader.can_fetch(agent, f"https://small.test{path}")
    assert reader.site_maps() == ["https://small.test/sitemap.xml"]


def test_a_preview_is_for_no_one(project: Project) -> None:
    """A preview has no sitemap, and its robots.txt excludes all crawlers."""
    done = command(project, "build", "--at", NOON, "--state", "japan=open", "--out", "preview")
    assert done.returncode == 0
    files = project.published("preview")
    reader = RobotFileParser()
    reader.parse(files["robots.txt"].decode().splitlines())

    assert "sitemap.xml" not in files
    assert b"itemap" not in files["robots.txt"]
    assert not reader.can_fetch("archive.org_bot", "https://small.test/en/")


def test_below_a_folder(tmp_path: Path) -> None:
    """If the site's address has a folder, every address in the sitemap and in robots.txt contains it."""
    project = hosted_site(tmp_path / "project")
    files = build_site(read_inputs(project.root), at(NOON), "https://small.test/whp").files

    assert all(urlsplit(address).path.startswith("/whp/") for address in entries(files["sitemap.xml"]))
    assert "Sitemap: https://small.test/whp/sitemap.xml" in files["robots.txt"].decode()


def test_what_belongs_together_is_said_once(project: Project) -> None:
    """The head of a page lists its other languages. The sitemap does not repeat them."""
    files = project.built().files

    assert parsed(files)["en/japan/index.html"].head_links("alternate")
    assert not re.search(rb"hreflang|alternate", files["sitemap.xml"])


def test_nothing_moved_is_listed(tmp_path: Path) -> None:
    """The sitemap lists no old address of a moved page, no error page and no file for hosts."""
    found = entries(hosted_site(tmp_path / "project").built().files["sitemap.xml"])

    assert [address for address in found if re.search("whp-japan|guides|404|_headers", address)] == []


def test_only_the_name_of_the_format_is_no_foreign_host(project: Project) -> None:
    """The gate allows the sitemap's namespace, but no other address on its host, and not the namespace as a link."""
    case = case_of(project)
    data = case.files["sitemap.xml"]
    case.accepted("sitemap.xml", data)
    for other in (b"http://www.sitemaps.org/other", b"http://www.sitemaps.org/schemas/sitemap/0.9/more"):
        refusals = case.refused("sitemap.xml", data.replace(NAMESPACE[1:-1].encode(), other))
        assert "leads to www.sitemaps.org" in refusals[0].message
    linked = data.replace(b"<loc>https://small.test/en/</loc>", f"<loc>{NAMESPACE[1:-1]}</loc>".encode())
    assert linked != data
    assert case.refused("sitemap.xml", linked)
