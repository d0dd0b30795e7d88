"""The repository's own pages in Chromium: widths, colours, keyboard, print, and pages without script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.browser.served import Served
from tests.browser.tools import needs_axe, needs_browser
from tests.browser.visitor import DESK, LOOKS, SMALL, TELEPHONE, TWICE, Visitor, visitor
from tests.gate.test_links_by_state import LOGS, SHOWN
from tests.support.project import REPOSITORY

pytestmark = [pytest.mark.browser, needs_browser]

LANGUAGES = sorted(folder.name for folder in (REPOSITORY / "content").iterdir() if len(folder.name) == 2)
# Maps a language to the programme for its readers. All other languages have Japan.
PROGRAMME = {"ko": "south-korea"}
# Every page in the default language, the choice of language, a missing page, and an untranslated one.
PAGES = sorted(
    [
        *(f"/en/{file.stem}/".replace("/index/", "/") for file in (REPOSITORY / "content/en").glob("*.md")),
        *("/", "/en/nothing/here/", "/ja/south-korea/", "/embed/en/japan.html", "/embed/ko/south-korea.html"),
    ]
)
# Pages that have longer words, or wider tables, in other languages.
WIDE = sorted({*(f"/{code}/status/" for code in LANGUAGES), "/ko/", "/nl/questions/"} - set(PAGES))


@pytest.fixture(scope="module", params=[*PAGES, *WIDE])
def page(request: pytest.FixtureRequest, guest: Visitor, sites: Mapping[str, Served]) -> str:
    """The path of a page, which the guest has opened."""
    guest.go(sites["places_available"].address + request.param)
    return str(request.param)


@needs_axe
def test_axe_finds_nothing_on_any_page(guest: Visitor, page: str) -> None:
    """On a light phone, a dark desktop and a narrow screen, axe finds no violation and leaves nothing undecided."""
    assert guest.axe_in_looks(LOOKS if page in PAGES else LOOKS[:1]) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", LOGS)
def test_home_answers_for_each_programme_on_the_first_screen(
    guest: Visitor, sites: Mapping[str, Served], state: str, language: str
) -> None:
    """On a phone, the first screen of the home page answers for every programme, the reader's own country first."""
    guest.look(TELEPHONE)
    guest.go(f"{sites[state].address}/{language}/")

    assert guest.judge("firstScreen") == []
    first = guest.page.locator(".card").first.get_attribute("data-programme")
    assert first == PROGRAMME.get(language, "japan")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["", "status/", "questions/"])
def test_text_of_twice_the_size_lies_over_nothing(
    guest: Visitor, sites: Mapping[str, Served], language: str, path: str
) -> None:
    """If text is twice as large on a phone, nothing overlaps, and nothing is wider than the screen."""
    guest.look(TELEPHONE)
    guest.go(f"{sites['open'].address}/{language}/{path or PROGRAMME.get(language, 'japan') + '/'}")
    guest.page.evaluate(TWICE)

    assert guest.judge("overlaps") + guest.judge("width") == []


def test_nothing_is_wider_than_a_narrow_screen(guest: Visitor, page: str) -> None:
    """At 320 px (a zoom of 400 %), no page scrolls sideways or cuts off text, even with wide spacing."""
    assert page
    assert guest.narrow() == []


@pytest.fixture(
    scope="module",
    params=[pytest.param((state, code), id=f"{state}-{code}") for state in LOGS for code in LANGUAGES],
)
def language(request: pytest.FixtureRequest, guest: Visitor, sites: Mapping[str, Served]) -> str:
    """A language, after the guest has opened the page of its readers' programme in one of the states."""
    state, code = request.param
    guest.look(TELEPHONE)
    guest.go(f"{sites[state].address}/{code}/{PROGRAMME.get(code, 'japan')}/")
    return str(code)


def test_the_first_screen_says_it_all(guest: Visitor, language: str) -> None:
    """On a small phone, the first screen has the answer and the whole link.

    There and on a common phone, the link fits on one line.
    """
    assert language
    guest.look(SMALL)
    faults = guest.judge("firstScreen") + guest.judge("oneLine")
    guest.look(TELEPHONE)
    assert faults + guest.judge("oneLine") + guest.judge("linkFirst") == []


@needs_axe
def test_axe_finds_nothing_in_any_state(guest: Visitor, language: str) -> None:
    """axe finds nothing on a programme's page in each state and language. The English page is tested in every look."""
    assert guest.axe_in_looks(LOOKS if language == "en" else LOOKS[:1]) == []


@pytest.mark.parametrize(
    ("path", "size"),
    [
        *((path, TELEPHONE) for path in ("/en/status/", "/en/south-korea/", "/ja/japan/", "/")),
        *((path, DESK) for path in ("/en/status/", "/ja/japan/")),
    ],
)
def test_the_keyboard_reaches_everything_in_order(
    guest: Visitor, sites: Mapping[str, Served], path: str, size: tuple[int, int]
) -> None:
    """Tab goes through the page from top to bottom. At each stop, the focus is visible and not covered."""
    guest.look(size)
    guest.go(sites["open"].address + path)

    assert guest.tab_through() == []


def test_the_first_stop_leads_past_the_menus(guest: Visitor, sites: Mapping[str, Served]) -> None:
    """The first link, reached with Tab and opened with Enter, leads past the menus. The next Tab reaches a link in the text."""
    guest.look(TELEPHONE)
    guest.go(f"{sites['open'].address}/en/japan/")

    for key in ("Tab", "Enter", "Tab"):
        guest.page.keyboard.press(key)

    assert guest.page.evaluate("() => document.activeElement.className") == "conversation-starter"


def test_the_menu_opens_with_the_keyboard(guest: Visitor, sites: Mapping[str, Served]) -> None:
    """On a phone, the menu is closed. Enter opens it, and Tab goes through its links."""
    guest.look(TELEPHONE)
    guest.go(f"{sites['open'].address}/en/japan/")
    assert not guest.page.locator(".menu a").first.is_visible()

    guest.page.locator(".menu summary").focus()
    guest.page.keyboard.press("Enter")

    assert guest.page.locator(".menu a").first.is_visible()
    assert guest.tab_through() != ["the keyboard reaches nothing"]
    guest.look(DESK)
    guest.go(f"{sites['open'].address}/en/japan/")
    assert guest.page.locator(".menu a").first.is_visible()
    assert not guest.page.locator(".menu summary").is_visible()


@pytest.mark.parametrize(("scheme", "states"), [("light", tuple(LOGS)), ("dark", SHOWN)])
def test_forced_colours_take_nothing_away(
    guest: Visitor, sites: Mapping[str, Served], scheme: Literal["light", "dark"], states: tuple[str, ...]
) -> None:
    """With forced colours, notices, links and the timeline keep their borders and shapes."""
    guest.page.emulate_media(forced_colors="active", color_scheme=scheme)
    faults = []
    for state in states:
        for path in ("/en/", "/en/status/", "/en/japan/"):
            guest.go(sites[state].address + path)
            faults += [f"{state} {path}: {fault}" for fault in guest.judge("forcedColours")]
    guest.page.emulate_media(forced_colors="null", color_scheme="light")
    assert faults == []


def test_a_drawing_has_a_light_ground_in_the_dark_mode(guest: Visitor, sites: Mapping[str, Served]) -> None:
    """In dark mode, a drawing is shown on white, so that its black lines are visible."""
    lines = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><path d="M0 20H40" stroke="#000" stroke-width="4"/></svg>'
    guest.look(TELEPHONE, "dark")
    guest.page.route("**/drawing.svg", lambda route: route.fulfill(content_type="image/svg+xml", body=lines))
    guest.go(sites["open"].address + "/en/about/")
    guest.page.evaluate(
        """async () => {
          const drawing = new Image();
          drawing.src = "/drawing.svg";
          document.querySelector("article").append(drawing);
          await drawing.decode();
        }"""
    )
    picture = Image.open(BytesIO(guest.page.locator("article img").screenshot())).convert("RGB")
    page = guest.page.evaluate("getComputedStyle(document.body).backgroundColor")
    guest.page.unroute("**/drawing.svg")
    guest.look(TELEPHONE)

    assert page == "rgb(22, 25, 28)"
    assert [picture.getpixel(place) for place in ((20, 5), (20, 20))] == [(255, 255, 255), (0, 0, 0)]


@pytest.mark.parametrize("state", LOGS)
def test_paper_keeps_the_notice_and_its_dates(
    guest: Visitor, sites: Mapping[str, Served], state: str
) -> None:
    """A printed page has the notice with all its times, but no menus and no conversation starter."""
    for path in ("/ja/japan/", "/ja/status/"):
        guest.go(sites[state].address + path)
        guest.page.emulate_media(media="print")
        faults = guest.judge("paper")
        guest.page.emulate_media(media="screen")
        assert faults == []


@pytest.fixture(scope="module")
def newcomer(browser: Browser) -> Iterator[Visitor]:
    """A visitor of one site only, so a late request for an icon goes to the same host."""
    with visitor(browser) as one:
        yield one


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_for_little_and_only_here(
    newcomer: Visitor, sites: Mapping[str, Served], path: str
) -> None:
    """A visit requests at most three files, all from this host, and sets no cookie. The browser reports nothing."""
    site = sites["open"]
    before = len(site.asked)
    newcomer.go(site.address + path)
    # The browser reports a missing page, and does not request an icon for a framed notice.
    not_found = "nothing" in path or "embed" in path
    complaints = [message for message in newcomer.messages if not (not_found and "404" in message)]
    assert complaints == []
    assert newcomer.foreign_requests(site.address) == []
    # The cache may answer a request. A late request may be for the icon of the page before.
    assert len(newcomer.requests) >= 2
    assert len({path for path in site.asked[before:] if "icon." not in path}) <= 2
    assert len(set(newcomer.requests)) <= 3
    assert newcomer.page.context.cookies() == []
    assert (
        newcomer.page.evaluate(
            "() => document.querySelectorAll('script:not([type=\"application/ld+json\"])').length + localStorage.length"
        )
        == 0
    )


@pytest.mark.parametrize(("state", "path"), [*zip(SHOWN, ["/en/south-korea/", "/ja/status/"], strict=True)])
def test_without_script_the_page_is_the_same(
    guest: Visitor, scriptless: Visitor, sites: Mapping[str, Served], path: str, state: str
) -> None:
    """With JavaScript off, the page looks the same, pixel by pixel."""
    pictures = []
    for one in (guest, scriptless):
        one.look(TELEPHONE)
        one.go(sites[state].address + path)
        pictures.append(one.page.screenshot(full_page=True))

    assert pictures[0] == pictures[1]
    assert len(pictures[0]) > 10_000
