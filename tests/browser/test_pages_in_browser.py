"""The repository's own pages in Chromium: widths, colours, keyboard, print, and no script."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

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
# The programme of each language's readers; Japan for all other languages.
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
    """The path of a page that the guest has opened."""
    guest.go(sites["places_available"].address + request.param)
    return str(request.param)


@needs_axe
def test_axe_finds_nothing_on_any_page(guest: Visitor, page: str) -> None:
    """axe finds no violation and nothing undecided on a phone and a desktop, in light and dark mode."""
    assert guest.axe_in_looks(LOOKS if page in PAGES else LOOKS[:1]) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", LOGS)
def test_home_answers_for_each_programme_on_the_first_screen(
    guest: Visitor, sites: Mapping[str, Served], state: str, language: str
) -> None:
    """Home on a phone shows the answer of every programme on the first screen, the reader's own country first."""
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
    """Nothing overlaps or is wider than the screen with text of 200 % on a phone."""
    guest.look(TELEPHONE)
    guest.go(f"{sites['open'].address}/{language}/{path or PROGRAMME.get(language, 'japan') + '/'}")
    guest.page.evaluate(TWICE)

    assert guest.judge("overlaps") + guest.judge("width") == []


def test_nothing_is_wider_than_a_narrow_screen(guest: Visitor, page: str) -> None:
    """No page scrolls sideways or hides text at 320 px, which is a zoom of 400 %, even with wide spacing."""
    assert page
    assert guest.narrow() == []


@pytest.fixture(
    scope="module",
    params=[pytest.param((state, code), id=f"{state}-{code}") for state in LOGS for code in LANGUAGES],
)
def language(request: pytest.FixtureRequest, guest: Visitor, sites: Mapping[str, Served]) -> str:
    """A language whose readers' programme is in one of the states, with its page opened by the guest."""
    state, code = request.param
    guest.look(TELEPHONE)
    guest.go(f"{sites[state].address}/{code}/{PROGRAMME.get(code, 'japan')}/")
    return str(code)


def test_the_first_screen_says_it_all(guest: Visitor, language: str) -> None:
    """The answer and the whole link are on the first screen of a small phone.

    The link is one line there and on a common phone.
    """
    assert language
    guest.look(SMALL)
    faults = guest.judge("firstScreen") + guest.judge("oneLine")
    guest.look(TELEPHONE)
    assert faults + guest.judge("oneLine") + guest.judge("linkFirst") == []


@needs_axe
def test_axe_finds_nothing_in_any_state(guest: Visitor, language: str) -> None:
    """axe finds nothing on a programme's page in each state and language, and in each state in every look."""
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
    """Tab goes through the page from top to bottom. The focus of each stop is visible and not covered."""
    guest.look(size)
    guest.go(sites["open"].address + path)

    assert guest.tab_through() == []


def test_the_first_stop_leads_past_the_menus(guest: Visitor, sites: Mapping[str, Served]) -> None:
    """Tab and Enter bring the reader to the text, and the next Tab leads to a link in it."""
    guest.look(TELEPHONE)
    guest.go(f"{sites['open'].address}/en/japan/")

    for key in ("Tab", "Enter", "Tab"):
        guest.page.keyboard.press(key)

    assert guest.page.evaluate("() => document.activeElement.className") == "conversation-starter"


def test_the_menu_opens_with_the_keyboard(guest: Visitor, sites: Mapping[str, Served]) -> None:
    """The menu is folded on a phone. Enter opens it, and Tab reaches its links one by one."""
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
    browser: Browser, sites: Mapping[str, Served], scheme: str, states: tuple[str, ...]
) -> None:
    """Notices, links and the timeline keep their edges and shapes in forced colours."""
    with visitor(browser, forced_colors="active", color_scheme=scheme) as one:
        for state in states:
            for path in ("/en/", "/en/status/", "/en/japan/"):
                one.go(sites[state].address + path)
                assert one.judge("forcedColours") == [], (state, path)


def test_a_drawing_has_a_light_ground_in_the_dark_mode(guest: Visitor, sites: Mapping[str, Served]) -> None:
    """Black lines of a drawing without a ground are visible on a dark page: the drawing is on white there."""
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
    """Print keeps the notice and all its moments, without menus and the conversation starter."""
    for path in ("/ja/japan/", "/ja/status/"):
        guest.go(sites[state].address + path)
        guest.page.emulate_media(media="print")
        faults = guest.judge("paper")
        guest.page.emulate_media(media="screen")
        assert faults == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_for_little_and_only_here(
    browser: Browser, sites: Mapping[str, Served], path: str
) -> None:
    """A first visit makes at most three requests, all to this host, sets no cookie, and gives no browser message."""
    site = sites["open"]
    before = len(site.asked)
    with visitor(browser) as one:
        one.go(site.address + path)
        # A missing page gives a browser message, and a framed notice has no icon.
        not_found = "nothing" in path or "embed" in path
        complaints = [message for message in one.messages if not (not_found and "404" in message)]
        assert complaints == []
        assert one.foreign_requests(site.address) == []
        assert len(one.requests) >= 2
        # The icon of the page before may be requested late: each path counts once.
        assert len(set(site.asked[before:])) <= 3
        assert len(one.requests) <= 3
        assert one.page.context.cookies() == []
        assert (
            one.page.evaluate(
                "() => document.querySelectorAll('script:not([type=\"application/ld+json\"])').length + localStorage.length"
            )
            == 0
        )


@pytest.mark.parametrize(("state", "path"), [*zip(SHOWN, ["/en/south-korea/", "/ja/status/"], strict=True)])
def test_without_script_the_page_is_the_same(
    browser: Browser, sites: Mapping[str, Served], path: str, state: str
) -> None:
    """The page looks identical, pixel by pixel, with JavaScript off."""
    pictures = []
    for script in (True, False):
        with visitor(browser, java_script_enabled=script) as one:
            one.look(TELEPHONE)
            one.go(sites[state].address + path)
            pictures.append(one.page.screenshot(full_page=True))

    assert pictures[0] == pictures[1]
    assert len(pictures[0]) > 10_000
