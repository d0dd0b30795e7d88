"""The organisation's font is used if the reader's system has it. No font file is published."""

from __future__ import annotations

import pytest

from site_src.problems import InputRefused
from tests.browser.tools import needs_browser
from tests.support.project import NOON, Project


def with_font(project: Project, name: str) -> Project:
    """Returns the project with this font in its settings."""
    project.replace("content/site.yaml", "facts:\n", f"house_font: {name}\nfacts:\n")
    return project


def test_both_style_sheets_put_the_house_font_first(project: Project) -> None:
    """Pages and embedded notices name the organisation's font before the system's fonts. No font file is published."""
    files = with_font(project, "RO Sans").built().files

    styles = {path: data.decode() for path, data in files.items() if path.endswith(".css")}
    assert len(styles) == 2
    for style in styles.values():
        assert style.endswith(':root { --house: "RO Sans",; }\n')
        assert style.count("var(--house) ") == 3
        assert "@font-face" not in style
        assert "url(" not in style
    assert not [path for path in files if path.endswith((".woff", ".woff2", ".ttf", ".otf"))]
    assert b"font-src" not in files["_headers"]


def test_a_site_without_a_house_font_uses_the_fonts_of_the_system(project: Project) -> None:
    """The repository's own site sets no font, and uses the system's fonts."""
    files = project.built().files

    assert not [path for path in files if path.endswith(".css") and b'--house: "' in files[path]]


@pytest.mark.parametrize("name", ['RO Sans"; }', "RO Sans, Arial", "fonts/ro.woff2", "https://fonts.test/a"])
def test_only_the_name_of_one_font_is_accepted(project: Project, name: str) -> None:
    """A value of `house_font` that is not the name of a single font is refused."""
    with pytest.raises(InputRefused) as refused:
        with_font(project, f"'{name}'").built()

    assert [problem for problem in refused.value.problems if "is not the name of one font" in str(problem)]


@pytest.mark.browser
@needs_browser
def test_a_browser_uses_the_house_font(project: Project) -> None:
    """A browser takes the organisation's font as the first font of the page and of the embedded notice."""
    from playwright.sync_api import sync_playwright

    from tests.browser.served import served
    from tests.browser.tools import CHROMIUM, FLAGS
    from tests.browser.visitor import visitor

    files = with_font(project, "DejaVu Serif").built(NOON).files
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with served(files) as site, visitor(browser) as one:
            for path in ("en/japan/", "embed/en/japan.html"):
                one.go(f"{site.address}/{path}")
                first = one.page.evaluate("() => getComputedStyle(document.querySelector('p')).fontFamily")
                assert first.startswith('"DejaVu Serif", system-ui')
        browser.close()
