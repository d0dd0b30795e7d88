"""`--state`, `--at` and `--base-url` build the site for a different state, moment or address."""

from __future__ import annotations

import pytest

from tests.gate.test_links_by_state import LOGS, SHOWN, starters
from tests.publish.test_output_places import snapshot
from tests.support.commands import command
from tests.support.html_pages import HtmlPage, dead_links, parsed, text
from tests.support.project import NOON, Project


def previewed(project: Project, *words: str) -> dict[str, bytes]:
    """Returns the files of a build with these arguments."""
    done = command(project, "build", "--at", NOON, "--out", "preview", *words)
    assert done.returncode == 0, done.stderr
    return project.published("preview")


def marks(page: HtmlPage) -> tuple[list[str], list[str], list[str]]:
    """Returns the banners of a page, and its metadata for search engines and for the publisher."""
    meta = [(tag.get("name"), tag.get("content", "")) for tag in page.elements("meta")]
    return (
        [text(banner) for banner in page.with_class("preview")],
        [content for name, content in meta if name == "robots"],
        [content for name, content in meta if name == "quotabord-preview"],
    )


def test_every_page_of_a_preview_is_marked(project: Project) -> None:
    """Every page of a preview has a banner in its language, is marked noindex, and names the assumed states."""
    pages = parsed(previewed(project, "--state", "japan=open"))

    banners = {
        "en": "Preview, not the real state. Do not pass this on. japan=open",
        "nl": "Voorbeeldweergave, niet de echte stand. Stuur dit niet door. japan=open",
    }
    assert len(pages) == 16
    for page in pages.values():
        assert marks(page) == ([banners[page.language]], ["noindex"], ["japan=open"]), page.path


def test_no_page_is_marked_without_a_preview(project: Project) -> None:
    """A build of the real state has no banner. Only its error pages and embedded notices are marked noindex."""
    pages = parsed(previewed(project))

    assert pages
    for page in pages.values():
        kept_out = page.path.endswith("404.html") or page.path.startswith("embed/")
        assert marks(page) == ([], ["noindex"] if kept_out else [], []), page.path


@pytest.mark.parametrize("state", LOGS)
def test_a_preview_shows_the_state_and_its_link(project: Project, state: str) -> None:
    """The programme's pages have the assumed state, and its link if that state shows it. The other programme is unchanged."""
    files = previewed(project, "--state", f"japan={state}")

    notices = {path: page.with_class("quota-notice") for path, page in parsed(files).items()}
    found = {path: [notice.get("data-state") for notice in on] for path, on in notices.items() if on}
    assert found == {
        place: [shown]
        for code in ("en", "nl")
        for programme, shown in (("japan", state), ("south-korea", "open"))
        for place in (f"{code}/{programme}/index.html", f"embed/{code}/{programme}.html")
    }
    assert {f"{code}/japan/index.html" in starters(files) for code in ("en", "nl")} == {state in SHOWN}


def test_a_preview_changes_nothing_but_pages(project: Project) -> None:
    """A preview changes neither the log nor the content, and the next build shows the real state again."""
    real = previewed(project)
    inputs = {
        path: data
        for path, data in snapshot(project.root).items()
        if not path.startswith((".preview", "preview"))
    }

    previewed(project, "--state", "japan=open", "south-korea=suspended")

    after = snapshot(project.root)
    assert {
        path: data for path, data in after.items() if not path.startswith((".preview", "preview"))
    } == inputs
    assert previewed(project) == real


@pytest.mark.parametrize(
    "words",
    [
        ("japan=places_available", "south-korea=quota_reached"),
        ("japan=places-available", "south_korea=quota-reached"),
        ("JAPAN=Places_Available", "South-Korea=QUOTA-REACHED"),
        ("south-korea=quota_reached", "japan=places_available"),
    ],
    ids=["as-it-is", "hyphens", "capitals", "other-order"],
)
@pytest.mark.parametrize("repeat", [False, True], ids=["once", "each"])
def test_words_may_be_typed_in_many_ways(project: Project, words: tuple[str, ...], repeat: bool) -> None:
    """A state may be typed with hyphens or underscores and in any case, and several may follow one `--state` or several."""
    arguments = [part for word in words for part in ("--state", word)] if repeat else ["--state", *words]

    done = command(project, "build", "--at", NOON, "--out", "preview", *arguments)

    assert done.returncode == 0, done.stderr
    assert "japan: places_available, link shown (preview)" in done.stdout
    assert "south-korea: quota_reached, link hidden (preview)" in done.stdout
    (page, *_) = parsed(project.published("preview")).values()
    assert marks(page)[2] == ["japan=places_available south-korea=quota_reached"]


def test_a_preview_of_the_present_state_is_a_preview(project: Project) -> None:
    """Pages are marked as a preview even if the assumed state is the present one."""
    files = previewed(project, "--state", "south-korea=open")

    assert marks(parsed(files)["en/index.html"])[2] == ["south-korea=open"]
    assert set(starters(files)) == {f"{code}/south-korea/index.html" for code in ("en", "nl")}


@pytest.mark.parametrize(
    ("moment", "japan"),
    [
        ("2000-01-01 00:00", "upcoming"),
        ("2026-03-31 23:59:59", "upcoming"),
        ("2026-04-01 00:00", "open"),
        ("2026-04-01 11:41:59", "open"),
        ("2026-04-01 11:42", "quota_reached"),
        ("2026-04-01 18:42+09:00", "quota_reached"),
        ("2026-04-01 09:41:59Z", "open"),
        ("2100-12-31 23:59", "quota_reached"),
    ],
)
def test_another_moment_has_its_own_state(project: Project, moment: str, japan: str) -> None:
    """With `--at`, a programme has the state of that moment. An event applies from its own second on."""
    done = command(project, "build", "--at", moment)

    assert done.returncode == 0, done.stderr
    assert f"japan: {japan}, link {'shown' if japan in SHOWN else 'hidden'}\n" in done.stdout
    page = parsed(project.published())["en/japan/index.html"]
    assert page.one("quota-notice").get("data-state") == japan
    assert marks(page) == ([], [], [])


@pytest.mark.parametrize(
    ("address", "base_url", "folder"),
    [
        ("https://other.test", "https://other.test", ""),
        ("https://other.test/", "https://other.test", ""),
        ("https://other.test/a/b-c", "https://other.test/a/b-c", "/a/b-c"),
        ("https://other.test/a/", "https://other.test/a", "/a"),
        ("http://localhost:8000", "http://localhost:8000", ""),
        ("http://127.0.0.1:8000/a/", "http://127.0.0.1:8000/a", "/a"),
    ],
)
def test_another_address_is_used_everywhere(
    project: Project, address: str, base_url: str, folder: str
) -> None:
    """With `--base-url`, all links use that address and its folder, and no page has the address from the settings."""
    files = previewed(project, "--base-url", address)

    assert dead_links(files, folder) == []
    assert not [path for path, data in files.items() if b"small.test" in data]
    page = parsed(files)["nl/japan/index.html"]
    assert [link.get("href") for link in page.head_links("canonical")] == [f"{base_url}/nl/japan/"]
    assert [link.get("href", "").rsplit("/", 1)[0] for link in page.head_links("stylesheet")] == [
        f"{folder}/assets"
    ]
