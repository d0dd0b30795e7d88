"""The preview in Chromium, as an editor uses it: edit, break and repair a file, choose a state, look at the contact sheet."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from site_src.states import State
from tests.browser.tools import needs_browser
from tests.support.preview import Preview, preview, put_back
from tests.support.project import NOON, Project, make_project, tree

JAPAN = "content/en/japan.md"
WORDS = "There are [[places_per_year]] places."

pytestmark = [pytest.mark.browser, needs_browser]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new tab in which no page is marked as seen. The test fails if the browser reports a fault."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    # Leave the preview first: closing a tab that waits for an event can hang. A pending reload may interrupt this.
    with suppress(Error):
        page.goto("about:blank")
    context.close()
    assert [fault for fault in faults if "ERR_" not in fault and "503" not in fault] == []


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    """A preview of the small site at NOON, with a page that is long enough to scroll. The tests share it."""
    project = make_project(tmp_path_factory.mktemp("preview") / "project")
    long = "\n\n".join(f"Paragraph {number}." for number in range(80))
    project.replace(JAPAN, WORDS, f"{WORDS}\n\n{long}")
    with preview(project, "--at", NOON) as one:
        yield one


@pytest.fixture
def running(shared: Preview) -> Iterator[Preview]:
    """The preview, whose files a test may change. They are restored after the test."""
    before = tree(shared.project.root)
    yield shared
    put_back(shared, before)
    shared.shows("/en/japan/", "Paragraph 70.")
    shared.shows("/en/japan/", "Paragraph 3.")
    shared.shows("/en/japan/", "There are 200 places.")


def _until(page: Page, condition: str, seconds: float = 30) -> None:
    """Returns once the condition holds. It polls, because the pages' policy forbids the way in which Playwright waits."""
    deadline = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, f"still not true after {seconds} s: {condition}"
        page.wait_for_timeout(50)


def test_an_edit_reloads_the_page_where_its_reader_was(page: Page, running: Preview) -> None:
    """After an edit, an open page reloads by itself and keeps its scroll position."""
    page.goto(f"{running.origin}/en/japan/")
    page.evaluate("scrollTo(0, 1500)")
    running.project.replace(JAPAN, "Paragraph 70.", "The seventieth.")

    expect(page.get_by_text("The seventieth.")).to_be_attached()
    _until(page, "scrollY === 1500")


def test_break_and_mend(page: Page, running: Preview) -> None:
    """While a file is broken, the last good page stays, with the problem above it. After a repair, the problem is gone."""
    page.goto(f"{running.origin}/en/japan/")
    running.project.replace(JAPAN, WORDS, "[[nonsense]] here.")

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(f"{JAPAN}:8")
    expect(alert).to_contain_text("[[nonsense]]: is not known here.")
    expect(alert).to_contain_text("This page is the last one that was right")
    expect(page.locator("main")).to_contain_text("There are 200 places.")

    running.project.replace(JAPAN, "[[nonsense]] here.", "Mended here.")
    expect(page.locator("main")).to_contain_text("Mended here.")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_begins_broken_and_recovers_by_itself(page: Page, project: Project) -> None:
    """If the site was broken from the start, an open page becomes the site as soon as the file is repaired."""
    good = (project.root / JAPAN).read_text(encoding="utf-8")
    project.write(JAPAN, "broken\n")
    with preview(project, "--at", NOON) as running:
        page.goto(f"{running.origin}/en/japan/")
        expect(page.get_by_text(f"{JAPAN}:1")).to_be_visible()
        project.write(JAPAN, good)
        expect(page.locator("section.quota-notice")).to_be_visible()


def test_the_bar_chooses_a_state_and_keeps_it(page: Page, running: Preview) -> None:
    """A state chosen in the bar is shown, the site's own links keep it, and the bar can reset it."""
    page.goto(f"{running.origin}/en/japan/")
    notice = page.locator("section.quota-notice")
    expect(notice).to_have_attribute("data-state", "quota_reached")
    expect(page.locator("a.conversation-starter")).to_have_count(0)

    page.get_by_text("Preview: as it is now").click()
    ways = page.locator(".qp-ways[data-programme=japan]")
    ways.get_by_role("link", name="places available").click()
    expect(notice).to_have_attribute("data-state", "places_available")
    assert page.locator("a.conversation-starter").count() > 0
    expect(page.locator("p.preview")).to_contain_text("japan=places_available")

    page.locator("main").get_by_role("link", name="status").click()
    expect(page.locator("section.programme-status[data-programme=japan]")).to_have_attribute(
        "data-state", "places_available"
    )
    page.locator("nav.languages").get_by_role("link", name="Nederlands").click()
    expect(page.locator("section.programme-status[data-programme=japan]")).to_have_attribute(
        "data-state", "places_available"
    )

    page.locator(".qp-ways[data-programme=japan]").get_by_role("link", name="as it is").click()
    expect(page.locator("section.programme-status[data-programme=japan]")).to_have_attribute(
        "data-state", "quota_reached"
    )
    expect(page.locator("p.preview")).to_have_count(0)


def test_the_bar_chooses_a_moment(page: Page, running: Preview) -> None:
    """A moment chosen in the bar is shown with the chosen state of the other programme. `now` leads back to the present."""
    page.goto(f"{running.origin}/~south-korea.suspended/en/japan/")
    page.get_by_text("Preview: south-korea suspended").click()
    page.locator("input[type=datetime-local]").fill("2026-04-01T09:30")
    page.get_by_role("button", name="show").click()

    expect(page.locator("section.quota-notice")).to_have_attribute("data-state", "open")
    assert page.url.endswith("/~south-korea.suspended~at.2026-04-01T09.30/en/japan/")
    page.get_by_role("button", name="now").click()
    expect(page.locator("section.quota-notice")).to_have_attribute("data-state", "quota_reached")


def test_seen_holds_until_the_page_changes(page: Page, running: Preview) -> None:
    """A page marked as seen keeps its mark, on the page and on the contact sheet, until the page changes."""
    page.goto(f"{running.origin}/~japan.open~south-korea.open/en/japan/")
    page.get_by_label("seen").check()
    page.goto(f"{running.origin}/__preview/?state=open&language=en")
    cell = page.locator('.qp-cell[data-page$="/en/japan/"]')
    expect(cell.get_by_label("seen")).to_be_checked()
    expect(page.locator(".qp-count")).to_have_text("1")

    running.project.replace(JAPAN, "Paragraph 3.", "Changed.")
    expect(page.locator(".qp-count")).to_have_text("0")
    expect(cell.get_by_label("seen")).not_to_be_checked()


def test_every_cell_of_the_contact_sheet_loads(page: Page, running: Preview) -> None:
    """Each cell of the contact sheet shows its own page, in its own state and language."""
    page.set_default_timeout(120_000)
    page.goto(f"{running.origin}/__preview/")
    pages, languages, states = 4, 2, len(State)
    assert page.locator(".qp-cell").count() == pages * languages * states
    page.evaluate("document.querySelectorAll('iframe').forEach((frame) => { frame.loading = 'eager' })")
    _until(
        page,
        """() => [...document.querySelectorAll("iframe")].every((frame) =>
            frame.contentDocument?.readyState === "complete" && frame.contentDocument.querySelector("h1"))""",
        seconds=120,
    )
    wrong = page.evaluate(
        """() => [...document.querySelectorAll(".qp-cell")].filter((cell) => {
            const shown = cell.querySelector("iframe").contentDocument;
            const states = [...shown.querySelectorAll("[data-state]")].map((part) => part.dataset.state);
            return shown.documentElement.lang !== cell.dataset.language || !shown.querySelector("h1")
              || shown.getElementById("quotabord-preview") || [...shown.scripts].some((script) => script.type !== "application/ld+json")
              || (shown.querySelector(".quota-notice") && states[0] !== cell.dataset.state);
        }).map((cell) => cell.dataset.page)"""
    )
    assert wrong == []
    notices = page.evaluate(
        "() => [...document.querySelectorAll('iframe')].filter((frame) => frame.contentDocument.querySelector('.quota-notice')).length"
    )
    assert notices == 2 * languages * states


@pytest.mark.parametrize("width", [390, 1280])
def test_bar_and_sheet_fit_the_window(page: Page, running: Preview, width: int) -> None:
    """On a phone and on a desktop, the bar and the contact sheet fit the width of the window."""
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/en/japan/", "/__preview/"):
        page.goto(running.origin + path)
        for summary in page.locator("#quotabord-preview summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
