"""For each check in the browser, a fault that is planted into the repository's own pages and must be found."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from site_src.convert.markdown import MarkdownConverter
from site_src.convert.markup import BOX_KINDS, Words
from tests.browser.served import served
from tests.browser.tools import needs_axe, needs_browser
from tests.browser.visitor import TELEPHONE, Visitor

pytestmark = [pytest.mark.browser, needs_browser]

PAGE = "en/status/index.html"
Files = Mapping[str, bytes]


def planted(files: Files, path: str, old: str, new: str) -> dict[str, bytes]:
    """Returns the files with a fault in one of them. `path` is a page, or an asset's name without its hash."""
    (found,) = [name for name in files if name == path or name.startswith(f"assets/{path}.")]
    text = files[found].decode()
    assert old in text, old
    return {**files, found: text.replace(old, new).encode()}


def styled(files: Files, style: str) -> dict[str, bytes]:
    """Returns the files with this text at the end of the style sheet."""
    return planted(files, "style", "@media print {", f"{style}\n@media print {{")


@pytest.fixture(scope="module")
def files(built: Mapping[str, Files]) -> Files:
    """The site while places are available again, so that it has links, notices and a timeline."""
    return built["places_available"]


# A text of a page, the faulty text in its place, and the rule of axe that finds the fault.
FAULTS = (
    ('<html lang="en">', "<html>", "html-has-lang"),
    (' aria-labelledby="timeline" aria-describedby="timeline-note"', "", "svg-img-alt"),
    ('aria-label="Main menu"', 'aria-label="Languages"', "landmark-unique"),
    (">日本語</a>", "></a>", "link-name"),
    ("<summary>Menu</summary>", "<summary></summary>", "summary-name"),
    ('class="frame" tabindex="-1"', 'class="frame" tabindex="-1" aria-checked="true"', "aria-allowed-attr"),
    ("<h1>", '<h1 aria-hidden="true">', "page-has-heading-one"),
    ('name="viewport" content="', 'name="viewport" content="user-scalable=no, ', "meta-viewport"),
    ("<title>", '<meta http-equiv="refresh" content="600"><title>', "meta-refresh"),
    ('<ul class="legend">', '<ul class="legend"><p>x</p>', "list"),
    ("</main>", "</main><p>Lost words.</p>", "region"),
)
# A fault in the style sheet, and the finding about it, with the width and the mode if it depends on them.
STYLES = (
    ("p { color: #888 }", "390 light: violations color-contrast"),
    ("@media (prefers-color-scheme: dark) { p { color: #666 } }", "1280 dark: violations color-contrast"),
    ("a { text-decoration: none }", "390 light: violations link-in-text-block"),
    ("nav a { font-size: .6rem; padding: 0; line-height: 1; margin: 0 -.5rem 0 0 } nav ul { gap: 0 }", "violations target-size"),
    ("h1 { background: linear-gradient(#fff, #777) }", "incomplete color-contrast"),
)  # fmt: skip


@needs_axe
def test_axe_finds_nothing_in_boxes(guest: Visitor, files: Files) -> None:
    """axe finds nothing in boxes of all four kinds with a list and a link, in light and dark mode."""
    words = Words(box_titles=("Note", "Tip", "Important", "Warning"))
    text = "\n\n".join(f"> [!{kind}]\n> Text.\n>\n> - [link](https://ind.nl/en)" for kind in BOX_KINDS)
    boxes = MarkdownConverter(for_pages=True).convert(text, words).html
    assert boxes.count('role="note"') == 4

    with served(planted(files, PAGE, "<h1>", f"{boxes}<h1>")) as site:
        guest.go(f"{site.address}/en/status/")
        assert guest.axe_in_looks() == []


@needs_axe
def test_axe_sees_each_fault_in_a_page(guest: Visitor, files: Files) -> None:
    """axe reports each fault in a page with the name of the expected rule."""
    for old, new, _ in FAULTS:
        files = planted(files, PAGE, old, new)
    guest.look(TELEPHONE)
    with served(files) as site:
        guest.go(f"{site.address}/en/status/")
        found = guest.axe()

    assert [rule for _, _, rule in FAULTS if not any(f" {rule}:" in fault for fault in found)] == []


@needs_axe
def test_axe_sees_each_fault_in_the_style(guest: Visitor, files: Files) -> None:
    """axe reports each fault in a style sheet, in the mode and at the width in which it is a fault."""
    with served(styled(files, "\n".join(style for style, _ in STYLES))) as site:
        guest.go(f"{site.address}/en/status/")
        found = guest.axe_in_looks()

    assert [fault for _, fault in STYLES if not any(fault in line for line in found)] == []


@pytest.mark.parametrize(
    ("style", "fault"),
    [
        pytest.param("main { min-width: 30rem }", "px wide on a screen of 320 px", id="wide-page"),
        pytest.param("body { overflow-x: clip } h1 { white-space: nowrap; width: 40rem }", "<h1> Current status ends at", id="wide-and-hidden"),
        pytest.param("body { word-break: normal } .state { white-space: nowrap; max-width: 5rem; overflow: hidden; display: block }", "is cut off", id="text-cut-off"),
        pytest.param(".timeline text { font-size: 2rem }", "runs into", id="words-of-a-picture-over-each-other"),
        pytest.param(".timeline text { transform: translate(20rem) }", "stands outside of its picture", id="words-outside-of-a-picture"),
        pytest.param(".state { display: block; height: 1.9em; width: 9.5rem; overflow: hidden; white-space: nowrap }", "spaced: ", id="no-room-for-spacing"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_seen(guest: Visitor, files: Files, style: str, fault: str) -> None:
    """A page that is wider than 320 px is reported, and so is text that is cut off or overlaps."""
    with served(styled(files, style)) as site:
        guest.go(f"{site.address}/en/status/")
        assert [found for found in guest.narrow() if fault in found]


@pytest.mark.parametrize(
    ("style", "fault"),
    [
        pytest.param(":focus-visible { outline: none }", "has no visible focus", id="removed-outline"),
        pytest.param(":focus-visible { outline-color: #eee }", "has a focus of contrast 1", id="pale-outline"),
        pytest.param("header { position: fixed; inset: 0; background: #fff }", "is covered", id="covered-by-a-header"),
        pytest.param(".breadcrumbs a { position: absolute; top: -50px }", "is not on the screen", id="stop-off-the-screen"),
        pytest.param(".brand { reading-flow: flex-visual } .brand .frame { display: flex; reading-flow: flex-visual } .sender { order: 2 }", "leads to number", id="another-order"),
    ],
)  # fmt: skip
def test_a_lost_focus_is_seen(guest: Visitor, files: Files, style: str, fault: str) -> None:
    """A stop of the keyboard is reported if its focus is invisible or covered, or if it is out of order."""
    guest.look(TELEPHONE)
    with served(styled(files, style)) as site:
        guest.go(f"{site.address}/en/status/")
        assert [found for found in guest.tab_through() if fault in found]


@pytest.mark.parametrize("positive", ["1", "2"])
def test_a_forced_order_is_seen(guest: Visitor, files: Files, positive: str) -> None:
    """A positive `tabindex`, which the keyboard reaches before everything else, is reported."""
    page = planted(files, PAGE, "<footer>", f'<footer><a href="/" tabindex="{positive}">Here</a>')
    with served(page) as site:
        guest.go(f"{site.address}/en/status/")
        assert "leads to number" in str(guest.tab_through())


@pytest.mark.parametrize(
    ("judge", "style", "media", "fault"),
    [
        pytest.param("firstScreen", ".quota-notice { margin-top: 20rem }", {}, "px of 664", id="notice-below-the-fold"),
        pytest.param("forcedColours", ".quota-notice { border: 0 }", {"forced_colors": "active"}, '<section class="quota-notice">', id="notice-without-edge"),
        pytest.param("forcedColours", ".conversation-starter { border: 0 }", {"forced_colors": "active"}, "has no border", id="link-without-edge"),
        pytest.param("forcedColours", ".mark { forced-color-adjust: none; fill: #fff }", {"forced_colors": "active"}, "and text is", id="mark-of-no-colour"),
        pytest.param("paper", "@media print { .quota-notice { display: none } }", {"media": "print"}, "is not printed", id="notice-not-printed"),
        pytest.param("paper", "@media print { .quota-notice time { visibility: hidden } }", {"media": "print"}, "is not printed", id="dates-not-printed"),
        pytest.param("paper", "@media print { .action { display: block !important } }", {"media": "print"}, "is printed", id="link-printed"),
        pytest.param("paper", "@media print { .brand .site { color: #fff } }", {"media": "print"}, "is too pale for paper", id="white-on-paper"),
    ],
)  # fmt: skip
def test_what_the_notice_loses_is_seen(
    guest: Visitor, files: Files, judge: str, style: str, media: Mapping[str, str], fault: str
) -> None:
    """A notice is reported if it is below the first screen, has no border in forced colours, or is not printed."""
    with served(styled(files, style)) as site:
        guest.look(TELEPHONE)
        guest.page.emulate_media(**media)  # type: ignore[arg-type]
        guest.go(f"{site.address}/en/japan/")
        found = guest.judge(judge)
        guest.page.emulate_media(media="screen", forced_colors="null")
    assert [line for line in found if fault in line]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("<script>document.title = 'x'</script>", id="script"),
        pytest.param('<p style="color: red">x</p>', id="style-in-the-page"),
        pytest.param('<img src="http://localhost:1/x.png" alt="">', id="picture-from-elsewhere"),
        pytest.param('<iframe src="/en/"></iframe>', id="frame"),
        pytest.param('<img src="/nothing.png" alt="">', id="picture-that-is-not-there"),
    ],
)
def test_the_browser_complains(guest: Visitor, files: Files, fault: str) -> None:
    """The browser reports a resource that the policy forbids or that does not exist."""
    with served(planted(files, PAGE, "</main>", f"{fault}</main>")) as site:
        guest.go(f"{site.address}/en/status/")
        assert guest.messages


def test_a_request_to_another_host_is_seen(guest: Visitor, files: Files) -> None:
    """A request to a different host is found, even if no policy forbids it."""
    fault = '<img src="http://localhost:1/x.png" alt="">'
    with served(planted(files, PAGE, "</main>", f"{fault}</main>"), headers=lambda _: {}) as site:
        guest.go(f"{site.address}/en/status/")
        assert "http://localhost:1/x.png" in guest.foreign_requests(site.address)


def test_a_cookie_is_seen(guest: Visitor, files: Files) -> None:
    """A cookie that the host sets is found."""
    with served(files, headers=lambda _: {"Set-Cookie": "a=b"}) as site:
        guest.go(f"{site.address}/en/")
        assert {cookie["name"] for cookie in guest.page.context.cookies()} == {"a"}
    guest.page.context.clear_cookies()


def test_a_page_that_needs_script_differs_without(guest: Visitor, scriptless: Visitor, files: Files) -> None:
    """A page that a script changes looks different if JavaScript is off."""
    fault = "<script>document.querySelector('h1').textContent = 'Other'</script>"
    pictures = []
    with served(planted(files, PAGE, "</body>", f"{fault}</body>"), headers=lambda _: {}) as site:
        for one in (guest, scriptless):
            one.look(TELEPHONE)
            one.go(f"{site.address}/en/status/")
            pictures.append(one.page.screenshot())

    assert pictures[0] != pictures[1]
