"""An editor's day with git and Chromium: a draft, a mistake, a review by a colleague, the merge, and a revert."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.tools import needs_browser
from tests.support.commands import command
from tests.support.preview import preview
from tests.support.project import NOON, Project, make_project

JAPAN = "content/en/japan.md"
NEW = "Send a copy of each page of your passport."

pytestmark = [pytest.mark.browser, needs_browser]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new tab of the browser."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    yield page
    page.goto("about:blank")
    context.close()


def git(project: Project, *words: str) -> str:
    """Runs git and returns its output. Fails if git fails."""
    identity = ["-c", "user.name=Editor", "-c", "user.email=editor@example.org"]
    return subprocess.run(
        ["git", *identity, *words], cwd=project.root, check=True, capture_output=True, text=True
    ).stdout


def test_an_editors_day(
    page: Page, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A draft is only on its branch, a mistake is named beside the page, a review shows the draft, and a revert undoes it."""
    project = make_project(tmp_path_factory.mktemp("day") / "project")
    project.write(".gitignore", "dist\n.*\n__pycache__\nreview\n")
    git(project, "init", "-q", "-b", "main")
    git(project, "add", ".")
    git(project, "commit", "-qm", "All")
    git(project, "switch", "-qc", "passport")
    before = (project.root / JAPAN).read_text()

    with preview(project, "--at", NOON) as running:
        running.says("You edit the draft passport.")
        page.goto(f"{running.origin}/en/japan/")
        project.write(JAPAN, f"{before}\n{NEW}\n\n[conditions](/en/japan/)\n")
        running.says('"/en/japan/" does not lead to a page. Write "japan.md".')
        expect(page.locator("body")).to_contain_text('Write "japan.md".')
        project.write(JAPAN, f"{before}\n{NEW}\n")
        expect(page.locator("main")).to_contain_text(NEW)

    git(project, "commit", "-qam", "Say which pages of the passport to copy")
    # Only one picture, because each takes a second. Both versions are built in processes of their own.
    monkeypatch.setattr("site_src.commands.review._MAX_PICTURES", 1)
    monkeypatch.setattr(sys, "executable", project.python)
    done = command(project, "review", "--against", "main", "--out", "review")
    assert done.returncode == 0, done.stderr
    page.goto((project.root / "review/index.html").as_uri())
    expect(page.locator("ins").first).to_contain_text(NEW)
    picture = page.locator("img").first
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("naturalWidth", 1440)
    page.locator("a", has_text="after, suspended").click()
    expect(page.locator("main")).to_be_visible()

    git(project, "switch", "-q", "main")
    assert NEW not in (project.root / JAPAN).read_text()
    git(project, "merge", "-q", "--no-ff", "--no-edit", "passport")
    assert project.run("check").returncode == 0
    assert NEW in (project.root / JAPAN).read_text()
    git(project, "revert", "--no-edit", "-m", "1", "HEAD")
    assert (project.root / JAPAN).read_text() == before
