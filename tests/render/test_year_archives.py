"""If a log is long, the status page and the feeds have only the recent changes. An archive for each year has the others."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree, html

from site_src.site.model import Look
from tests.render.test_feed import ATOM, faults, read
from tests.support.building import draft_site, find_refusals, read_inputs
from tests.support.project import NOON, Project, at

MANY = 130


def log_of(events: int) -> list[str]:
    """Returns a log with this many events, ten days apart. The last one is in October 2026."""
    end = datetime(2026, 10, 1, tzinfo=UTC)
    moments = [end - timedelta(days=10 * number) for number in reversed(range(events))]
    return [
        f"{('open', 'quota_reached')[number % 2]} {moment:%Y-%m-%d %H:%M}+00:00"
        for number, moment in enumerate(moments)
    ]


@pytest.fixture
def long(project: Project) -> dict[str, bytes]:
    """The files of the small site, in which Japan has many changes and South Korea has three in 2025 and 2026."""
    project.set_log("japan", *log_of(MANY))
    project.set_log("south-korea", *log_of(30)[::11])
    return dict(project.built().files)


def rows(page: bytes, programme: str) -> list[tuple[str, str]]:
    """Returns the state and the time of each change of the programme on the page."""
    found = html.fromstring(page).xpath(
        f'//section[@class="history"][@data-programme="{programme}"]//tbody/tr'
    )
    return [
        (row.xpath("td[2]")[0].get("data-state"), row.xpath(".//time")[0].get("datetime")) for row in found
    ]


def entries(feed: bytes) -> list[str]:
    """Returns the ids of the entries in the feed."""
    return [str(entry.findtext(f"{ATOM}id")) for entry in etree.fromstring(feed).findall(f"{ATOM}entry")]


def test_a_short_log_has_no_archive(project: Project) -> None:
    """If there are at most fifty changes, the status page has all of them, and there are no archives."""
    project.set_log("japan", *log_of(50))
    files = project.built().files
    assert len(rows(files["en/status/index.html"], "japan")) == 50
    assert not [path for path in files if re.search(r"/\d{4}/", path)]
    assert b"prev-archive" not in files["en/japan/feed.xml"]


def test_every_change_is_on_a_page(long: dict[str, bytes]) -> None:
    """The status page has the fifty newest changes, and links to a page for each year.

    The pages of the years have the other changes, in each language.
    """
    for code in ("en", "nl"):
        status = long[f"{code}/status/index.html"]
        recent = rows(status, "japan")
        assert len(recent) == 50
        links = [link.get("href") for link in html.fromstring(status).xpath('//ul[@class="section"]//a')]
        years = [link for link in links if re.search(r"/status/\d{4}/$", link)]
        assert [year.split("/")[-2] for year in years] == ["2025", "2024", "2023"]
        archived = [row for year in years for row in rows(long[f"{year.strip('/')}/index.html"], "japan")]
        assert {*recent, *archived} == {*recent} | {*archived}
        assert len({*recent, *archived}) == MANY
        assert rows(long[f"{code}/status/2025/index.html"], "south-korea")
        assert not rows(long[f"{code}/status/2023/index.html"], "south-korea")


def test_the_next_programme_is_not_far_below(long: dict[str, bytes]) -> None:
    """For each programme, the status page says how long places lasted in at most three past periods."""
    for section in html.fromstring(long["en/status/index.html"]).xpath(
        '//section[@class="programme-status"]'
    ):
        assert 1 <= section.text_content().count("places lasted") <= 3


def test_every_change_is_in_a_feed(long: dict[str, bytes]) -> None:
    """From the feed, the links `prev-archive` lead back to the first change (RFC 5005). Each of these feeds is valid Atom."""
    path, found = "en/japan/feed.xml", list[str]()
    while path:
        assert faults(long[path]) == []
        found += entries(long[path])
        links = {link.rel: link.href for link in read(long[path]).feed.links}
        assert links["self"].endswith(f"/{path}")
        path = (
            links.get("prev-archive", "").partition(".example/")[2]
            or links.get("prev-archive", "").partition(".test/")[2]
        )
    assert len(entries(long["en/japan/feed.xml"])) == 50
    assert len(set(found)) == MANY


def test_the_json_has_every_change(long: dict[str, bytes]) -> None:
    """The JSON has every change, as its OpenAPI description says."""
    assert len(json.loads(long["api/v1/programmes/japan.json"])["history"]) == MANY


def test_pages_stay_small(project: Project) -> None:
    """The status page grows only by a link for each year, and the feed does not grow, when the log grows."""
    sizes = []
    for events in (200, 400):
        project.set_log("japan", *log_of(events))
        files = project.built().files
        sizes.append([len(files[path]) for path in ("en/status/index.html", "en/japan/feed.xml")])
    assert sizes[1][0] - sizes[0][0] < 1000, "five or six more years, each with a link"
    assert sizes[1][1] == sizes[0][1]


@pytest.mark.parametrize("look", [Look(), Look(is_hidden=True)], ids=["site", "hidden"])
def test_the_gate_demands_the_archives(project: Project, look: Look) -> None:
    """The gate refuses an archive that is missing, that lacks a change or has a wrong one, or that shows the present state."""
    project.set_log("japan", *log_of(MANY))
    inputs = read_inputs(project.root)
    draft = draft_site(inputs, at(NOON), is_hidden=look.is_hidden)
    page, feed = "en/status/2024/index.html", "nl/japan/2024/feed.xml"

    def refusals(path: str, data: bytes | None) -> set[str]:
        files = {other: bytes_ for other, bytes_ in draft.files.items() if other != path or data is not None}
        files |= {path: data} if data is not None else {}
        return {refusal.path for refusal in find_refusals(files, draft.expected)}

    text = draft.files[page]
    row = re.search(rb"<tr><td>.*?</tr>\n", text[text.index(b"<tbody>") :], re.DOTALL)
    assert row
    assert refusals(page, text) == set()
    assert refusals(page, None) == {page}
    assert refusals(page, text.replace(row[0], b"")) == {page}
    assert refusals(page, text.replace(b'data-state="open"', b'data-state="suspended"', 1)) == {page}
    assert refusals(page, text.replace(b"</h1>", b'</h1><strong class="state">Open</strong>')) == {page}
    assert refusals(feed, None) == {feed}
    assert refusals(
        feed, re.sub(rb"<entry>.*?</entry>", b"", draft.files[feed], count=1, flags=re.DOTALL)
    ) == {feed}


def test_a_year_is_a_page_of_its_own(long: dict[str, bytes]) -> None:
    """A year's page has the year, the date of its last change, and links to other years and to its other languages."""
    page = html.fromstring(long["nl/status/2024/index.html"])
    status = html.fromstring(long["nl/status/index.html"])
    last = datetime.fromisoformat(rows(long["nl/status/2024/index.html"], "japan")[0][1]).date()

    assert [page.findtext(".//h1"), *page.xpath('//nav[@class="breadcrumbs frame"]//text()[normalize-space()]')] == [
        "Wijzigingen in 2024", "Home", status.findtext(".//h1"), "Wijzigingen in 2024"
    ]  # fmt: skip
    assert page.xpath("//footer//time/@datetime") == [last.isoformat()]
    assert page.xpath('//ul[@class="section"]//a/@href') == ["/nl/status/2025/", "/nl/status/2023/"]
    assert page.xpath('//ul[@class="section"]//*[@aria-current]/text()') == ["Wijzigingen in 2024"]
    assert not page.xpath("//a[@aria-current='page']")
    assert page.xpath('//nav[@class="languages frame"]//a/@href') == ["/en/status/2024/", "/nl/status/2024/"]


def test_a_later_correction_changes_the_page_of_its_year(project: Project) -> None:
    """If a closing by mistake is corrected in the next year, the page of its year has the date of the correction."""
    project.set_log("japan", *log_of(MANY))
    project.set_log("south-korea", "open 2023-10-01 00:00", "quota_reached 2023-12-31 22:00")
    log = project.root / "quota_state.yaml"
    log.write_text(
        f"{log.read_text('utf-8')}  - state: open\n    from: 2024-01-02 09:00\n    mistake: true\n", "utf-8"
    )
    files = project.built().files

    for code in ("en", "nl"):
        page = html.fromstring(files[f"{code}/status/2023/index.html"])
        assert page.xpath("//footer//time/@datetime") == ["2024-01-02"]


def test_the_sitemap_lists_the_years(project: Project) -> None:
    """The sitemap lists the page of each year in each language, with the date of its last change.

    The gate refuses a sitemap that lacks such a page or lists a wrong address.
    """
    project.set_log("japan", *log_of(MANY))
    draft = draft_site(read_inputs(project.root), at(NOON))
    data = draft.files["sitemap.xml"]
    entry = re.search(rb"<url><loc>https://small.test/en/status/2024/</loc>.*\n", data)
    assert entry
    day = rows(draft.files["en/status/2024/index.html"], "japan")[0][1][:10]
    assert f"<lastmod>{day}</lastmod>".encode() in entry[0]
    assert data.count(b"/status/20") == 2 * 3

    for changed, message in (
        (data.replace(entry[0], b""), "does not list the page https://small.test/en/status/2024/."),
        (data.replace(b"/en/status/2024/", b"/en/status/2014/"), "lists https://small.test/en/status/2014/"),
        (data.replace(entry[0], entry[0] * 2), "lists a page twice."),
    ):
        refusals = find_refusals({**draft.files, "sitemap.xml": changed}, draft.expected)
        assert {refusal.path for refusal in refusals} == {"sitemap.xml"}
        assert message in "\n".join(map(str, refusals))
