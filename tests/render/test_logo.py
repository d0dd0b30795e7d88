"""If the settings name a logo, every page shows it. A logo may contain nothing active."""

from __future__ import annotations

import pytest

from site_src.gate.gate import GateRefused
from site_src.problems import InputRefused
from tests.browser.tools import needs_browser
from tests.gate.test_gate import case_of
from tests.support.html_pages import HtmlPage, parsed
from tests.support.page_faults import RULES
from tests.support.project import NOON, Project

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4" fill="#154273"/></svg>\n'
SETTINGS = "logo: logo.svg\n"


def with_logo(project: Project, picture: str | bytes = LOGO, settings: str = SETTINGS) -> Project:
    """Returns the project with a logo in its settings."""
    project.replace("content/site.yaml", "facts:\n", f"{settings}facts:\n")
    project.write("content/logo.svg", picture)
    return project


def logos(page: HtmlPage) -> list[tuple[str, str]]:
    """Returns the address and the alternative text of each picture on the page."""
    return [(image.get("src", ""), image.get("alt", "")) for image in page.elements("img")]


@pytest.mark.parametrize("folder", ["", "/whp"])
def test_every_page_shows_the_logo_in_words_of_its_language(project: Project, folder: str) -> None:
    """Each page has the logo once, with a hash in its file's name, and the owner's name as alternative text."""
    project.replace(
        "content/site.yaml", "base_url: https://small.test", f"base_url: https://small.test{folder}"
    )
    project.replace("content/site.yaml", "  en: Small Office\n", "  en: Small Office\n  nl: Klein Kantoor\n")
    files = with_logo(project).built().files

    (path,) = [path for path in files if path.startswith("assets/logo.")]
    assert files[path] == LOGO.encode()
    pages = [page for name, page in parsed(files).items() if name[:3] in ("en/", "nl/")]
    assert len(pages) >= 8
    for page in pages:
        name = {"en": "Small Office", "nl": "Klein Kantoor"}[page.language]
        assert logos(page) == [(f"{folder}/{path}", name)]


def test_without_a_logo_there_is_none(project: Project) -> None:
    """A site without a logo in its settings shows none, and publishes no file for it."""
    files = project.built().files

    assert not [path for path in files if "logo" in path]
    assert not [page for page in parsed(files).values() if logos(page)]


def test_a_language_without_a_name_gets_the_default_ones(project: Project) -> None:
    """If a language has no name for the owner, the logo's alternative text is the default language's name."""
    files = with_logo(project).built().files

    assert logos(parsed(files)["nl/index.html"])[0][1] == "Small Office"


@pytest.mark.parametrize(
    ("settings", "picture", "message"),
    [
        pytest.param(SETTINGS, b"\x89PNG\r\n\x1a\n\0", "content/logo.svg:3: has a NUL byte here", id="png"),
        pytest.param(SETTINGS, '<?xml version="1.0"?>\n' + LOGO, 'content/logo.svg:1: does not begin with "<svg "', id="with-a-line-before-it"),
        pytest.param(SETTINGS, " \n", "content/logo.svg:1: is empty", id="empty"),
        pytest.param(SETTINGS.replace("logo.svg", "other.svg"), LOGO, "content/other.svg:1: is missing", id="missing"),
        pytest.param(SETTINGS.replace("logo.svg", "../logo.svg"), LOGO, 'logo: "../logo.svg" is not the name of a logo', id="outside"),
        pytest.param(SETTINGS.replace("logo.svg", "logo.png"), LOGO, 'logo: "logo.png" is not the name of a logo', id="other-kind"),
        pytest.param("", LOGO, "content/logo.svg:1: is a picture outside content/images/", id="not-named"),
    ],
)  # fmt: skip
def test_a_logo_that_cannot_be_one_is_a_problem(
    project: Project, settings: str, picture: str | bytes, message: str
) -> None:
    """A missing logo, a logo of the wrong type or one without alternative text is reported, and nothing is built."""
    with pytest.raises(InputRefused) as refused:
        with_logo(project, picture, settings).built()

    assert [problem for problem in refused.value.problems if message in str(problem)]


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param("<script>x()</script>", id="script"),
        pytest.param('<g onload="x()"/>', id="script-in-an-attribute"),
        pytest.param("<style>a{background:url(https://evil.test/a)}</style>", id="style"),
        pytest.param('<image href="https://evil.test/a.png"/>', id="picture-from-elsewhere"),
        pytest.param('<a href="https://evil.test/">a</a>', id="link-to-elsewhere"),
        pytest.param("<foreignObject><p>a</p></foreignObject>", id="page-inside"),
        pytest.param("<text>https://start.request.test/japan/en</text>", id="hidden-address"),
        pytest.param("<!ENTITY a 'b'>", id="entity"),
    ],
)
def test_a_logo_that_could_do_harm_is_refused(project: Project, inside: str) -> None:
    """The gate refuses a logo that runs or loads something, contains a closed address, or links elsewhere."""
    with pytest.raises(GateRefused) as refused:
        with_logo(project, LOGO.replace("</svg>", f"{inside}</svg>")).built()

    assert {refusal.path.split(".")[0] for refusal in refused.value.refusals} == {"assets/logo"}


@pytest.mark.parametrize(
    "picture",
    [
        '<img src="/other.png" alt="">',
        '<img src="https://small.test/assets/logo.0123456789ab.svg" alt="">',
        '<img src="/assets/logo.svg" alt="">',
        '<img src="/assets/logo.0123456789ab.svg" srcset="/a.png 2x" alt="">',
        '<img alt="">',
    ],
)
def test_the_logo_lets_no_other_picture_in(project: Project, picture: str) -> None:
    """On a site with a logo, the gate still refuses any other picture on a page."""
    case = case_of(with_logo(project))
    text = case.files["en/index.html"].decode()

    assert case.refused("en/index.html", text.replace("</main>", f"{picture}</main>").encode())


def test_a_page_with_a_logo_keeps_the_rules(project: Project) -> None:
    """A page with a logo keeps all rules for pages, except that it has an image."""
    files = with_logo(project).built(NOON).files

    for name, rule in RULES.items():
        assert [fault for fault in rule(files) if not fault.endswith("has <img>")] == [], name


@pytest.mark.browser
@needs_browser
def test_a_browser_shows_the_logo(project: Project) -> None:
    """A browser draws the logo without a message, and the first screen of a phone still shows the answer and the link."""
    from playwright.sync_api import sync_playwright

    from tests.browser.served import served
    from tests.browser.tools import CHROMIUM, FLAGS
    from tests.browser.visitor import TELEPHONE, visitor

    files = with_logo(project).built(NOON).files
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with served(files) as site, visitor(browser) as one:
            one.look(TELEPHONE)
            one.go(f"{site.address}/en/japan/")
            assert one.page.evaluate("() => document.querySelector('.logo').naturalWidth") > 0
            assert one.messages == []
            assert one.judge("firstScreen") == []
            assert one.narrow() == []
        browser.close()
